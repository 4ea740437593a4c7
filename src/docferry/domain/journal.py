"""What clients write down around a switch: the keys they are about to write, and that they are there."""

from dataclasses import dataclass

from docferry.domain.change import Kind
from docferry.domain.record import Item, digest

ARMED_SHARE = 0.25
"""Of the lease: so much of it a client takes while the journal is on, so that a fence is waited for less long."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A document, by its key, or a record, by its key in wire form, that somebody was about to write."""

    kind: Kind
    key: str | Item

    @property
    def name(self) -> str:
        """A name that is the same for the same key."""
        return f"{self.kind.value} {self.key if isinstance(self.key, str) else digest(self.key)}"


@dataclass(frozen=True, slots=True)
class Presence:
    """One client that takes leases: the region and epoch of its last one, `seen_at` in seconds since 1970.

    `lease_s` is how long it believes a gate, `deadline_s` how long a request of its may live, in seconds.
    """

    client: str
    region: str
    epoch: int
    journal: bool
    lease_s: float
    deadline_s: float
    seen_at: float
