"""The configurations that are checked, and what is wrong with each."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "tests" / "preflight" / "corpus"
DAY = date(2025, 6, 1)
"""The day on which its expectations hold: some of it is a matter of dates."""


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """Something that is wrong: the rule that says so, and where."""

    rule: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Case:
    """One directory; a good one has nothing expected. `group` is the class of things that it is about."""

    name: str
    group: str
    path: Path
    expected: tuple[Expected, ...]

    @property
    def has_backend(self) -> bool:
        """Whether `terraform init` connects to anything but a file here."""
        return any('backend "' in one.read_text(encoding="utf-8") for one in self.path.glob("*.tf"))


@dataclass(frozen=True, slots=True)
class Report:
    """Something that a checker said of lines of a file, and which rules' business it may be.

    `lenient` says that it counts where it is right, and is let be where it is not.
    """

    file: str
    lines: frozenset[int]
    rules: tuple[str, ...]
    said: str
    lenient: bool = False

    def is_about(self, expected: Expected) -> bool:
        """Whether this is what was expected."""
        return expected.rule in self.rules and expected.file == self.file and expected.line in self.lines


def cases(groups: Iterable[str] = ()) -> list[Case]:
    """Return the cases of some groups, or all."""
    wanted = set(groups)
    found = []
    for path in sorted(one.parent for one in CORPUS.glob("*/*/expected.toml")):
        group = path.parent.name
        if not wanted or group in wanted:
            held = tomllib.loads((path / "expected.toml").read_text(encoding="utf-8"))["finding"]
            expected = (Expected(one["rule"], one["file"], one["line"], one["column"]) for one in held)
            found.append(Case(f"{group}/{path.name}", group, path, tuple(sorted(expected))))
    return found
