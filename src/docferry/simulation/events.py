"""What has happened in a run, in order: one line each, and one hash over all of them."""

import hashlib
from typing import NamedTuple

from docferry.simulation.loop import US


class Event(NamedTuple):
    """One thing that happened: when, in microseconds of the loop, to or by whom, and what."""

    us: int
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.us / US:12.6f}  {self.who:14}  {self.what}"


class Events:
    """All events of a run. The hash is the same if, and practically only if, all of them are."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def note(self, us: int, who: str, what: str) -> None:
        """Add one."""
        self.all.append(Event(us, who, what))

    @property
    def digest(self) -> str:
        """The hash of everything so far, in hex."""
        lines = "".join(f"{us} {who} {what}\n" for us, who, what in self.all)
        return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()
