"""Adds up what came of many runs, and is kept between them as plain values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from docferry.drill.scenario import Outcome
from docferry.simulation.reach import HARMS, Met, Point

Reached = Counter[tuple[Point, Met]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A run in which something was violated; `lost` if data is lost, stale or back again."""

    seed: int
    lost: bool
    violations: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What runs came to, added up."""

    runs: int = 0
    full: int = 0
    writes: int = 0
    reads: int = 0
    switches: int = 0
    virtual_s: float = 0.0
    longest_pause_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    reached: Reached = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Take one run in."""
        self.runs += 1
        self.full += not outcome.scenario.brief
        self.writes += outcome.score.done
        self.reads += outcome.score.reads
        self.switches += outcome.switches
        self.virtual_s += outcome.virtual_s
        self.longest_pause_s = max(self.longest_pause_s, *outcome.pauses_s, 0.0)
        self.faults.update(outcome.happened)
        self.reached.update(outcome.reach)
        if outcome.violations:
            self.failures.append(Failure(outcome.scenario.seed, outcome.lost, outcome.violations))

    def add(self, other: "Tally") -> None:
        """Take in what other runs, later ones, came to."""
        for name in ("runs", "full", "writes", "reads", "switches", "virtual_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_pause_s = max(self.longest_pause_s, other.longest_pause_s)
        self.faults.update(other.faults)
        self.reached.update(other.reached)
        self.failures += other.failures

    def crash_points(self) -> "CrashPoints":
        """Return what each effect can meet, and what it has not."""
        sent = sorted(point for point, met in self.reached if met is Met.SENT)
        can = [(point, harm) for point in sent for harm in HARMS[point.write]]
        return CrashPoints(len(sent), len(can), tuple(one for one in can if not self.reached[one]))

    def as_entry(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "faults": dict(sorted(self.faults.items())),
            "reached": [
                [*point, met.value, count] for (point, met), count in sorted(self.reached.items(), key=_name)
            ],
            "failures": [[one.seed, one.lost, list(one.violations)] for one in self.failures],
        }

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Tally":
        """Return what `as_entry` made plain. Raises what malformed values raise."""
        tally = cls(**{name: entry[name] for name in _PLAIN}, faults=Counter(entry["faults"]))
        for role, moment, effect, write, met, count in entry["reached"]:
            tally.reached[Point(role, moment, effect, write), Met(met)] = count
        tally.failures = [Failure(seed, lost, tuple(said)) for seed, lost, said in entry["failures"]]
        return tally


_PLAIN = ("runs", "full", "writes", "reads", "switches", "virtual_s", "longest_pause_s")


def _name(one: tuple[tuple[Point, Met], int]) -> tuple[Point, str]:
    return one[0][0], one[0][1].value


@dataclass(frozen=True, slots=True)
class CrashPoints:
    """How many effects there were, what they can meet altogether, and which of that never happened."""

    effects: int
    can: int
    never: tuple[tuple[Point, Met], ...]

    @property
    def met(self) -> int:
        """How much of what they can meet happened."""
        return self.can - len(self.never)

    def never_by_point(self) -> Iterator[tuple[Point, tuple[str, ...]]]:
        """Give each effect that has not met everything, with what it has not."""
        for point, found in groupby(self.never, key=lambda one: one[0]):
            yield point, tuple(harm.value for _, harm in found)
