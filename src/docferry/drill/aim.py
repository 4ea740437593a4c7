"""Harm that is aimed: at one effect of one kind of process in one moment, however seldom and short that is.

Whatever goes wrong at any time hardly ever goes wrong in what is over in no time.
"""

import random
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field

from docferry.simulation.reach import Met, Point

AIMED = {
    "crash": (Met.DIED_BEFORE, Met.DIED_AFTER),
    "timeout-before": (Met.LOST_BEFORE,),
    "timeout-after": (Met.LOST_AFTER,),
    "late-requests": (Met.LATE,),
}
"""What the faults that can be aimed come to."""
PLACES = {
    ("abort", "armed"): 6,
    ("abort", "fenced"): 6,
    ("abort", "follow"): 6,
    ("abort", "opened"): 6,
    ("application", "armed"): 14,
    ("application", "backfill"): 8,
    ("application", "fenced"): 14,
    ("application", "follow"): 14,
    ("application", "opened"): 12,
    ("complete", "follow"): 5,
    ("complete", "opened"): 5,
    ("runner", "armed"): 32,
    ("runner", "backfill"): 28,
    ("runner", "before the gates"): 4,
    ("runner", "both closed"): 12,
    ("runner", "fenced"): 28,
    ("runner", "follow"): 32,
    ("runner", "opened"): 12,
    ("switch", "armed"): 34,
    ("switch", "both closed"): 8,
    ("switch", "fenced"): 30,
    ("switch", "follow"): 14,
    ("switch", "opened"): 4,
    ("validate", "follow"): 20,
    ("worker", "armed"): 22,
    ("worker", "backfill"): 16,
    ("worker", "both closed"): 4,
    ("worker", "fenced"): 16,
    ("worker", "follow"): 22,
}
"""Who writes when, and about how many different effects, as `docferry simulate --crash-points` tells.

An aim behind the last of them meets nothing; a place that is not here is met by what is not aimed.
"""
SHORT_MOMENTS, SHORT_ROLES = ("fenced", "both closed", "opened"), ("abort", "complete")
SHORT = 3
"""So much more often than elsewhere is aimed at what is over in no time, or seldom done."""
OF_SWITCHES = frozenset({"switch", "abort", "armed", "fenced", "both closed", "opened"})


@dataclass(slots=True)
class Aim:
    """Meets the write that is the `nth` different effect of that kind of process in that moment."""

    role: str
    moment: str
    nth: int
    harm: Met
    _seen: set[str] = field(default_factory=set)

    def meets(self, point: Point) -> bool:
        """Take a request in, and tell whether it is the one."""
        if not point.write or (point.role, point.moment) != (self.role, self.moment) or point.effect in self._seen:
            return False
        self._seen.add(point.effect)
        return len(self._seen) == self.nth

    def __str__(self) -> str:
        return f"{self.harm.value}: {self.role}, {self.moment}, effect {self.nth}"


def aims(number: int, names: Collection[str], never: Set[str], draw: random.Random) -> Iterator[Aim]:
    """Draw so many aims, of the harms that these faults come to; none if there is none.

    `never` names roles and moments that a run has not got.
    """
    harms = [harm for name, found in AIMED.items() if name in names for harm in found]
    places = [one for one in PLACES if not never & {*one}]
    weights = [SHORT if moment in SHORT_MOMENTS or role in SHORT_ROLES else 1 for role, moment in places]
    for _ in range(number if harms else 0):
        role, moment = draw.choices(places, weights)[0]
        # One run has few of all that were ever seen there.
        nth = draw.randint(1, draw.randint(1, PLACES[role, moment]))
        yield Aim(role, moment, nth, draw.choice(harms))
