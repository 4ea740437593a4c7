"""Zips as `docferry package` builds them, and what can be read from one without running it."""

import ast
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from docferry.cli.main import app

E_MACHINE = {"arm64": 183, "x86_64": 62}
"""Of an ELF header: EM_AARCH64 and EM_X86_64."""


@dataclass(frozen=True)
class Zip:
    """A zip that was built, and what was printed about it."""

    path: Path
    said: dict[str, Any]

    @property
    def names(self) -> list[str]:
        with zipfile.ZipFile(self.path) as opened:
            return opened.namelist()

    @property
    def sums(self) -> dict[str, int]:
        """Checksum of each file."""
        with zipfile.ZipFile(self.path) as opened:
            return {one.filename: one.CRC for one in opened.infolist()}

    @property
    def modules(self) -> set[str]:
        """Modules as they are imported, compiled ones too, without the tag of machine and Python."""
        held = set()
        for name in self.names:
            if name.endswith((".py", ".so")):
                directory, _, file = name.rpartition("/")
                held.add(f"{directory}/{file.split('.')[0]}".strip("/").replace("/", "."))
        return {one.removesuffix(".__init__") for one in held}

    @property
    def own(self) -> list[str]:
        """Modules of docferry."""
        return sorted(one for one in self.modules if one.split(".")[0] == "docferry")

    def machines(self) -> dict[str, int]:
        """Processor that each shared object was made for, from its ELF header."""
        with zipfile.ZipFile(self.path) as opened:
            heads = {name: opened.read(name)[:20] for name in self.names if ".so" in name}
        assert all(head.startswith(b"\x7fELF\x02\x01") for head in heads.values())
        return {name: int.from_bytes(head[18:20], "little") for name, head in heads.items()}

    def imported(self) -> Iterator[tuple[str, str]]:
        """Each import of docferry's own modules: who imports what, wherever in the file."""
        with zipfile.ZipFile(self.path) as opened:
            for name in self.names:
                if name.startswith("docferry/") and name.endswith(".py"):
                    yield from ((name, one) for one in _imports(opened.read(name)))


def _imports(code: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level
            yield node.module


def build(directory: Path, architecture: str, python: str) -> Zip:
    """Build a zip through the command line, with the real pip."""
    path = directory / f"{architecture}-{python}-{len(os.listdir(directory))}.zip"
    arguments = ("--architecture", architecture, "--python", python, "--output", str(path), "--json")
    ran = CliRunner().invoke(app, ["package", *arguments])
    if ran.exception:
        raise ran.exception
    return Zip(path, json.loads(ran.stdout))
