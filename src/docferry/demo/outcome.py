"""What came of a demo, and whether that is as it should be."""

from dataclasses import dataclass, field
from typing import Any

from docferry.demo import lag
from docferry.demo.ingest import Ingested
from docferry.demo.judge import Judgement
from docferry.demo.switching import Switched
from docferry.progress import Progress
from docferry.stages.plan import Plan


@dataclass(slots=True)
class Moved:
    """What came of the move until now. `source_until` is since when the source may be behind, on the log's clock.

    `completed_s` is what complete took, in seconds.
    """

    lags: lag.Lags = field(default_factory=lag.Lags)
    differences: int = 0
    switches: list[Switched] = field(default_factory=list)
    source_until: float = float("inf")
    complete: bool = False
    completed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    ingested: Ingested
    plan: Plan
    progress: Progress
    moved: Moved
    judgement: Judgement
    duration_s: float

    @property
    def clean(self) -> bool:
        """Whether nothing failed, was lost, went stale, came back or differs, and every switch was verified."""
        moved = self.moved
        verified = moved.complete and all(one.switch.verified for one in moved.switches)
        return self.judgement.clean and not moved.differences and verified

    def as_json(self) -> dict[str, Any]:
        """Return the figures under their documented names, times in seconds."""
        judgement, moved, took_s = self.judgement, self.moved, self.progress.documents_backfill_s
        return {
            "documents": self.ingested.documents,
            "bytes": self.ingested.bytes,
            "records": self.ingested.records,
            "writes_acknowledged": judgement.writes_acknowledged,
            "failed_requests": judgement.failed_requests,
            "lost_writes": judgement.lost_writes,
            "stale_writes": judgement.stale_writes,
            "resurrected_deletes": judgement.resurrected_deletes,
            "differences": moved.differences,
            "source_differences": judgement.source_differences,
            "lag_p50_s": _shown(moved.lags.quantile(0.5)),
            "lag_p99_s": _shown(moved.lags.quantile(0.99)),
            "max_write_pause_s": _shown(judgement.max_write_pause_s),
            "backfill_documents_per_s": round(self.progress.documents_seen / took_s, 1) if took_s else None,
            "duration_s": _shown(self.duration_s),
            "switches": [one.as_json() for one in moved.switches],
            "complete": moved.complete,
        }


def _shown(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
