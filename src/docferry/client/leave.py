"""What the applications' half of a switch is made of: regions, leaves to write, and what ends a request."""

from dataclasses import dataclass, field

from docferry.domain.errors import GateRefused, Retryable
from docferry.ports import Clock, GateStore, Journal


class Held(Retryable):
    """No region was open to applications before the deadline: nothing was sent."""


class Unanswered(Retryable):
    """The deadline passed after something was sent: whether it took effect is unknown."""


def is_denial(error: Exception) -> bool:
    """Tell whether AWS denied a request, so that nothing was done: docferry's own error, or botocore's."""
    held = getattr(error, "response", None)
    code = held.get("Error", {}).get("Code") if isinstance(held, dict) else getattr(error, "code", "")
    return code in ("AccessDenied", "AccessDeniedException")


@dataclass(frozen=True, slots=True)
class Place:
    """What an application needs to send its own requests to a region: names as AWS knows them."""

    aws_region: str
    bucket: str
    table: str


@dataclass(frozen=True, slots=True)
class Region:
    """One region as a route knows it. `place` is for the application and may be missing."""

    gate: GateStore
    journal: Journal
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The leave to write in one region under one epoch. `until` is on the clock's monotonic scale, in seconds.

    `region` is the name that the route has for it: `source` or `target` where docferry.toml named them. `journal`
    says whether keys are noted before they are written.
    """

    region: str
    epoch: int
    journal: bool
    until: float
    clock: Clock = field(compare=False, repr=False)
    known_place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def over(self) -> bool:
        """Whether the lease has run out."""
        return self.clock.monotonic() >= self.until

    @property
    def place(self) -> Place:
        """Bucket, table and AWS region to send to. Raises ValueError if the route was not told."""
        if self.known_place is None:
            raise ValueError(f"the route was given no names for {self.region}")
        return self.known_place

    def check(self) -> None:
        """Raise GateRefused once the lease is over. Called right before every attempt of a request that writes."""
        if self.over:
            raise GateRefused(f"the lease on the gate of {self.region} is over; nothing was sent")
