"""The gate of a region: who may write there, and under which epoch."""

from dataclasses import dataclass, replace
from enum import Enum


class Writer(Enum):
    """Who may write in a region."""

    APPLICATION = "application"
    REPLICATOR = "replicator"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Gate:
    """One region's gate. Invariant over both regions: at most one gate says application.

    `epoch` grows at every change, `attempt` names the switch that made the last one, `journal` tells clients
    to note each key before they write it.
    """

    writer: Writer
    epoch: int
    attempt: str = ""
    journal: bool = False

    def turned(self, writer: Writer, *, attempt: str = "", journal: bool = False) -> "Gate":
        """Return the gate after a change: the epoch grows even if the writer stays the same."""
        return replace(self, writer=writer, epoch=self.epoch + 1, attempt=attempt, journal=journal)
