"""A plugin of pytest: ends the run unless the sources that are tested are those of the mutant."""

import os
from pathlib import Path

import pytest

import docferry

OTHERS = "the sources that are tested are others"


def pytest_configure() -> None:
    """Compare where docferry was imported from with where the mutant is."""
    meant, found = Path(os.environ["DOCFERRY_MUTANT"]), Path(docferry.__file__).parent
    if found.resolve() != meant.resolve():
        pytest.exit(f"{OTHERS}: {found}, not {meant}", returncode=4)
