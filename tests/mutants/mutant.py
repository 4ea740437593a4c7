"""A mutant: a fault that is put into the code by hand, what data it would lose, and the tests that find it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
PACKAGE = "docferry"


class Stale(Exception):
    """The text that a fault replaces is not there once: the code has changed, and the fault says nothing of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An exact textual replacement in one file, named from the package on."""

    file: str
    text: str
    instead: str

    def applied(self, code: str) -> str:
        """Return the code with the fault. Raises Stale if the text is not there exactly once."""
        if (count := code.count(self.text)) != 1:
            raise Stale(f"{self.file} has {count} times: {self.text!r}")
        if self.instead == self.text:
            raise Stale(f"{self.file}: nothing is replaced in {self.text!r}")
        return code.replace(self.text, self.instead)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault, or several together. `killers` are pytest's names of the tests of which one has to fail.

    `quick` ones are tried by `make test` as well. A pair is of faults of which each alone is made up for.
    """

    name: str
    loses: str
    faults: tuple[Fault, ...]
    killers: tuple[str, ...]
    quick: bool = False

    @property
    def pair(self) -> bool:
        """Whether it is of more than one fault."""
        return len(self.faults) > 1

    def apply(self, sources: Path) -> None:
        """Put the faults into a copy of the sources. Raises Stale if one does not fit."""
        for fault in self.faults:
            place = sources / PACKAGE / fault.file
            place.write_text(fault.applied(place.read_text(encoding="utf-8")), encoding="utf-8")


def all_killers(mutants: Iterable[Mutant]) -> tuple[str, ...]:
    """Name each test once, in order."""
    return tuple(dict.fromkeys(killer for one in mutants for killer in one.killers))
