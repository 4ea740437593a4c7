"""What has happened in a run, in order: one line each, and one hash over all of them."""

import hashlib
from dataclasses import dataclass

from docferry.simulation.loop import US


@dataclass(frozen=True, slots=True)
class Event:
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
        self._hash = hashlib.sha256()

    def note(self, us: int, who: str, what: str) -> None:
        """Add one."""
        self.all.append(Event(us, who, what))
        self._hash.update(f"{us} {who} {what}\n".encode("utf-8", "surrogatepass"))

    @property
    def digest(self) -> str:
        """The hash of everything so far, in hex."""
        return self._hash.hexdigest()
