"""The other files of the checked directory, for rules on lock files, tests or programs beside it."""

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from docferry.preflight.finding import Place
from docferry.preflight.hcl.load import read_source
from docferry.preflight.hcl.source import Source

LOCK_FILE = ".terraform.lock.hcl"
MOST_FILES = 50_000


@dataclass(frozen=True, slots=True)
class At:
    """A place in such a file, and what a finding there is about."""

    place: Place
    address: str


@dataclass(frozen=True, eq=False)
class Tree:
    """A read-only view of files. Paths are relative to `root`, posix. What is read once is kept."""

    root: Path

    @cached_property
    def _paths(self) -> list[str]:
        found: list[str] = []
        for path, inner, names in os.walk(self.root):
            inner[:] = sorted(one for one in inner if not one.startswith("."))
            here = Path(path).relative_to(self.root)
            found += [
                (here / one).as_posix() for one in sorted(names) if not one.startswith(".") or one == LOCK_FILE
            ]
            if len(found) > MOST_FILES:
                break
        return found[:MOST_FILES]

    @cached_property
    def _matches(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root)

    @cached_property
    def _sources(self) -> dict[str, Source | None]:
        return {}

    @property
    def is_project(self) -> bool:
        """Whether it is the root of a project under version control, so that nothing of it lies elsewhere."""
        return (self.root / ".git").exists()

    def files(self, pattern: str) -> tuple[str, ...]:
        """Return the paths whose file name is like a pattern, such as `*.py`, or that are like one with a `/`.

        Hidden files and directories are left out, but for .terraform.lock.hcl.
        """
        if pattern not in self._matches:
            whole = "/" in pattern
            names = ((one, one if whole else one.rsplit("/", 1)[-1]) for one in self._paths)
            self._matches[pattern] = tuple(one for one, name in names if fnmatchcase(name, pattern))
        return self._matches[pattern]

    def source(self, path: str) -> Source | None:
        """Return a file, or None if it is no text, cannot be read, is too large or is outside."""
        if path not in self._sources:
            self._sources[path] = self._read(path)
        return self._sources[path]

    def text(self, path: str) -> str | None:
        """Return what is written in a file, or None as `source` does."""
        source = self.source(path)
        return None if source is None else source.data.decode()

    def at(self, path: str, line: int, column: int, subject: str) -> At:
        """Return a place for a finding."""
        return At(Place(path, line, column), subject)

    def _read(self, path: str) -> Source | None:
        try:
            real = os.path.realpath(self.root / path)
            if os.path.commonpath((real, self._real_root)) != self._real_root:
                return None
            source = read_source(self.root, path)
            source.data.decode()
        except (ValueError, OSError):
            return None
        return None if b"\0" in source.data else source
