"""A program named terraform that does what a test says."""

import os
from pathlib import Path

import pytest


def program_that(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put a terraform before any other on PATH; what it does is a shell script."""
    folder.mkdir(exist_ok=True)
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return program
