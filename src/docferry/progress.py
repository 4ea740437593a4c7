"""What a running stage has done so far, for whoever watches."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(slots=True)
class Progress:
    """Counters that one run of the engine fills in. `bytes_copied` is in bytes; `lags_s` keeps the last ones."""

    documents_seen: int = 0
    documents_copied: int = 0
    bytes_copied: int = 0
    documents_same: int = 0
    documents_applied: int = 0
    foreign_documents: int = 0
    records_seen: int = 0
    records_copied: int = 0
    records_applied: int = 0
    changes: int = 0
    echoes: int = 0
    failures: int = 0
    backfill_done: bool = False
    caught_up: bool = False
    lags_s: list[float] = field(default_factory=list)
    last_failure: str = ""

    LAGS_KEPT: ClassVar[int] = 1000

    def lagged(self, seconds: float) -> None:
        """Note how long one change took from its event to its apply."""
        self.lags_s.append(max(0.0, seconds))
        del self.lags_s[: -self.LAGS_KEPT]
