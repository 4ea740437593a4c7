"""What becomes of each request: how long it takes, and what goes wrong with it, drawn from a seed."""

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from docferry.domain.errors import Conflict, DocferryError, Retryable, ServiceError
from docferry.simulation.faults import Faults
from docferry.simulation.loop import US

if TYPE_CHECKING:
    from docferry.simulation.reach import Met, Point

BETWEEN_US = (300, 4_000)
"""How long a request is on its way, there and back each."""
SLOW_US = (10_000, 150_000)
SLOW_SHARE = 0.03
"""Services are slow now and then, without anything being wrong."""
LATE_US = (200_000, 1_300_000)
APPLICATION_LATE_US = (200_000, 1_200_000)
COPY_US = (50_000, 1_000_000)
"""Shorter than the margin of a token: what a store has let in by then takes effect a little later."""
TENSE_TIMES, TENSE_MOST = 3, 0.05
"""A switch has a bound: where too much goes wrong none comes to its end, which is what is looked at."""
HELD_UP, HELD_UP_APPLICATION = 0.02, 0.5
HELD_UP_US = (300_000, 950_000)
BURST_US = (100_000, 2_000_000)
CONTROL = ("gate", "ledger", "journal", "marks")
"""The services that are tables of docferry's own."""


class NoAnswer(Retryable):
    """Nobody knows what became of a request."""


class Loss(Enum):
    """What is lost."""

    NOTHING = "nothing"
    REQUEST = "request"
    ANSWER = "answer"


@dataclass(slots=True)
class Request:
    """One request on its way. `half` is its effect where a batch is done in part, None where it is no batch.

    `point` is where harm to it is counted, and `harm` what it is to meet because that was aimed at it.
    """

    who: str
    region: str
    service: str
    what: str
    key: str = ""
    write: bool = False
    conditional: bool = False
    listing: bool = False
    application: bool = False
    half: Callable[[], Coroutine[Any, Any, object]] | None = None
    point: "Point | None" = None
    harm: "Met | None" = None

    def __str__(self) -> str:
        return f"{self.region} {self.service}: {self.what} {self.key}".rstrip()


class Fate(NamedTuple):
    """What becomes of a request: times in microseconds, what is lost, and the error that stands for its answer.

    `partly` has a batch done in part. `silent` is a loss that only shows as silence.
    """

    there_us: int
    back_us: int
    loss: Loss = Loss.NOTHING
    error: DocferryError | None = None
    silent: bool = False
    partly: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outage:
    """One service, or all control tables, that refuse for a while: for `who`, or for all where that is empty."""

    name: str
    region: str
    services: tuple[str, ...]
    until_us: float
    who: str = ""
    writes_only: bool = False

    def meets(self, request: Request) -> bool:
        """Tell whether a request meets it."""
        return (
            request.region == self.region
            and request.service in self.services
            and request.who.startswith(self.who)
            and (request.write or not self.writes_only)
        )


class Weather:
    """Draws what becomes of requests. `outages` may be added to by whoever makes trouble."""

    def __init__(self, faults: Faults, draw: random.Random, between_us: tuple[int, int] = BETWEEN_US) -> None:
        self._faults = faults
        self._draw = draw
        self._between_us = between_us
        self._left = faults.budget
        self._single = tuple(one for one in faults.names if one in _SINGLE)
        self.outages: list[Outage] = []
        self.happened: dict[str, int] = {}
        self.tense = self.closed = False
        """Whether a switch is under way, and whether it has closed a gate: then much more goes wrong."""

    def count(self, name: str) -> None:
        """Note that a fault has happened."""
        self.happened[name] = self.happened.get(name, 0) + 1

    def share(self) -> float:
        """Draw a number between 0 and 1."""
        return self._draw.random()

    def holds_up_us(self, request: Request) -> int:
        """Draw for how long a write is held up that is about to land while a gate is closed; mostly not at all."""
        if not self.closed or "late-requests" not in self._single:
            return 0
        if self._draw.random() >= (HELD_UP_APPLICATION if request.application else HELD_UP):
            return 0
        self.count("late-requests")
        return self._draw.randint(*HELD_UP_US)

    def lasts_us(self) -> int:
        """Draw how long a service works on a copy, after it has read the source and before it shows."""
        if "late-requests" in self._single and self._draw.random() < self._faults.share:
            self.count("late-requests")
            return self._draw.randint(*COPY_US)
        return self._between()

    def mend(self) -> None:
        """Let nothing go wrong any more."""
        self._single, self.outages = (), []

    def fate(self, request: Request, us: int) -> Fate:
        """Draw what becomes of a request that is sent now."""
        draw = self._draw
        there, back = self._between(), self._between()
        if request.harm and (name := _AIMED.get(request.harm.value)):
            self.count(name)
            return _SINGLE[name](self, request, there, back, us)
        if self.outages:
            self.outages = [one for one in self.outages if one.until_us > us]
            for outage in self.outages:
                if outage.meets(request):
                    self.count(outage.name)
                    return _OUTAGES[outage.name](there, back)
        share = min(TENSE_MOST, self._faults.share * TENSE_TIMES) if self.tense else self._faults.share
        if not self._single or self._left <= 0 or draw.random() >= share:
            return Fate(there, back)
        name = draw.choice(self._single)
        fate = _SINGLE[name](self, request, there, back, us)
        if fate.name:
            self._left -= 1
            self.count(name)
        return fate

    def throttled(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Refuse one request."""
        return Fate(there, back, Loss.REQUEST, Retryable("SlowDown"), name="throttle")

    def burst(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Refuse all requests to a service from now on, for a while."""
        until = us + self._draw.randint(*BURST_US)
        self.outages.append(Outage("throttle-burst", request.region, (request.service,), until))
        return Fate(there, back, Loss.REQUEST, Retryable("SlowDown"), name="throttle-burst")

    def endless(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Refuse all writes to a service from now on, until everything is mended."""
        if any(one.name == "throttle-endless" for one in self.outages):
            return Fate(there, back)
        services = (request.service,)
        self.outages.append(Outage("throttle-endless", request.region, services, float("inf"), writes_only=True))
        return Fate(there, back, name="throttle-endless")

    def silent_before(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Lose the request."""
        return Fate(there, back, Loss.REQUEST, silent=True, name="timeout-before")

    def silent_after(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Lose the answer."""
        return Fate(there, back, Loss.ANSWER, silent=True, name="timeout-after")

    def reset(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Break the connection."""
        return Fate(there, back, self._before_or_after(), NoAnswer("connection reset"), name="reset")

    def failed(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Answer 500."""
        return Fate(there, back, self._before_or_after(), NoAnswer("InternalError"), name="error-500")

    def raced(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Refuse a conditional write of a document."""
        if not request.conditional or request.service != "documents":
            return Fate(there, back)
        error = Conflict("ConditionalRequestConflict")
        return Fate(there, back, Loss.REQUEST, error, name="race-409")

    def late(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Let it land later than its sender waits for."""
        # Of an application's deadline and the dwell: a request is dead by then, docs/cutover-protocol.md assumes.
        late = self._draw.randint(*(APPLICATION_LATE_US if request.application else LATE_US))
        return Fate(there + late, back, silent=True, name="late-requests")

    def partly(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Do half of a batch."""
        if request.half is None:
            return Fate(there, back)
        error = Retryable("items were left unprocessed")
        return Fate(there, back, Loss.ANSWER, error, partly=True, name="partial-batch")

    def expired(self, request: Request, there: int, back: int, us: int) -> Fate:
        """Refuse a position in a listing."""
        if not request.listing:
            return Fate(there, back)
        return Fate(there, back, Loss.REQUEST, Retryable("the listing does not go on"), name="expired-token")

    def _between(self) -> int:
        draw = self._draw
        least, most = SLOW_US if draw.random() < SLOW_SHARE else self._between_us
        return least + int((most - least) * draw.random() ** 3)

    def _before_or_after(self) -> Loss:
        return Loss.REQUEST if self._draw.random() < 0.5 else Loss.ANSWER


_SINGLE = {
    "throttle": Weather.throttled,
    "throttle-burst": Weather.burst,
    "throttle-endless": Weather.endless,
    "timeout-before": Weather.silent_before,
    "timeout-after": Weather.silent_after,
    "reset": Weather.reset,
    "error-500": Weather.failed,
    "race-409": Weather.raced,
    "late-requests": Weather.late,
    "partial-batch": Weather.partly,
    "expired-token": Weather.expired,
}


_AIMED = {"lost before": "timeout-before", "lost after": "timeout-after", "late": "late-requests"}
"""The fault that does a harm which was aimed, where it is one of the weather's."""


def _refused(there: int, back: int) -> Fate:
    return Fate(there, back, Loss.REQUEST, Retryable("SlowDown"))


def _unreachable(there: int, back: int) -> Fate:
    return Fate(there, back, Loss.REQUEST, silent=True)


def _denied(there: int, back: int) -> Fate:
    return Fate(there, back, Loss.REQUEST, ServiceError("denied", code="AccessDenied", status=403))


_OUTAGES = {
    "throttle-burst": _refused,
    "throttle-endless": _refused,
    "partition": _unreachable,
    "lost-lease": _unreachable,
    "revoked": _denied,
}

__all__ = ["CONTROL", "US", "Fate", "Loss", "Outage", "Request", "Weather"]
