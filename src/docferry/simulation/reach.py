"""Where harm has reached: which effects were sent, by whom and at what moment, and what each of them has met."""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from docferry.domain.gate import Gate, Writer
from docferry.simulation.weather import Request

OUTSIDE = frozenset({"", "office", "stray"})
"""Who looks on from outside, and whoever asks no gate: nothing of docferry's can fail in them."""


class Met(Enum):
    """What an effect has met. Before and after are told from the moment at which it lands."""

    SENT = "sent"
    DIED_BEFORE = "died before"
    DIED_AFTER = "died after"
    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"
    LATE = "late"


HARMS = {
    True: (Met.DIED_BEFORE, Met.DIED_AFTER, Met.LOST_BEFORE, Met.LOST_AFTER, Met.LATE),
    # A read changes nothing: to die around it is to die before the next write, and whichever way it goes is lost
    # makes no difference to anybody.
    False: (Met.LOST_BEFORE,),
}
"""What an effect can meet, by whether it is a write."""


class Point(NamedTuple):
    """One effect: the role of its sender, the moment of the migration, what was asked of which service."""

    role: str
    moment: str
    effect: str
    write: bool

    def __str__(self) -> str:
        return f"{self.role}, {self.moment}: {self.effect}"


class Reach:
    """Counts what effects have met in one run. `moment` is told by whoever watches the gates."""

    def __init__(self) -> None:
        self.moment = "before the gates"
        self.filled = False
        """Whether the backfill is done."""
        self.counts: Counter[tuple[Point, Met]] = Counter()
        self.aimed: Callable[[Point], Met | None] = _at_nothing
        """Is told of each effect that is sent, and says what that is to meet, if anything."""

    def turned(self, gates: Sequence[Gate | None]) -> None:
        """Take up the moment that the gates show."""
        self.moment = moment_of(gates)

    def sent(self, request: Request) -> None:
        """Give a request its point, and the harm that is aimed at it."""
        role = role_of(request.who)
        if role in OUTSIDE:
            return
        moment = "backfill" if self.moment == "follow" and not self.filled else self.moment
        request.point = Point(role, moment, effect_of(request), request.write)
        request.harm = self.aimed(request.point)
        self.met(request, Met.SENT)

    def met(self, request: Request, met: Met) -> None:
        """Count what a request has met."""
        point = request.point
        if point is not None:
            self.counts[point, met if point.write or met is Met.SENT else Met.LOST_BEFORE] += 1


def _at_nothing(point: Point) -> None:
    """Nothing is aimed."""


def moment_of(gates: Sequence[Gate | None]) -> str:
    """Name the moment by what the gates say, whichever side is which."""
    held = [one for one in gates if one]
    if len(held) < 2:
        return "before the gates"
    writers = {one.writer for one in held}
    if writers == {Writer.NOBODY}:
        return "both closed"
    if writers == {Writer.NOBODY, Writer.REPLICATOR}:
        return "fenced"
    if writers == {Writer.NOBODY, Writer.APPLICATION}:
        return "opened"
    return "armed" if any(one.journal for one in held) else "follow"


@lru_cache(maxsize=4096)
def role_of(who: str) -> str:
    """Return what a process is, whatever its number: `app1-3` is an `application`."""
    role = who.partition("-")[0].rstrip("0123456789")
    return "application" if role == "app" else role


def effect_of(request: Request) -> str:
    """Name what is asked, without numbers; of the ledger, which entry is written."""
    named = request.key if request.service == "ledger" and request.write else ""
    return f"{request.region} {request.service}: {_plain(request.what)} {_plain(named)}".rstrip()


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    words = ("/".join("#" if part.isdigit() else part for part in word.split("/")) for word in name.split())
    return " ".join(word for word in words if word != "#")
