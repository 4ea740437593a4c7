"""What a running stage has done so far, for whoever watches."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Kept, Mark, Provenance


@dataclass(slots=True)
class Progress:
    """Counters that one run of the engine fills in. Names end in their unit; `lags_s` keeps the last ones.

    `conflicts` counts states at the target that docferry had not written and kept before it wrote over them;
    `listened_at` is when the change feeds were last dealt with without a failure, in seconds since 1970.
    """

    phase: str = "starting"
    documents_seen: int = 0
    documents_copied: int = 0
    bytes_copied: int = 0
    documents_same: int = 0
    documents_applied: int = 0
    foreign_documents: int = 0
    records_seen: int = 0
    records_copied: int = 0
    records_same: int = 0
    records_applied: int = 0
    foreign_records: int = 0
    conflicts: int = 0
    changes: int = 0
    echoes: int = 0
    differences: int = 0
    failures: int = 0
    stuck: int = 0
    documents_backfill_s: float = 0.0
    backfill_done: bool = False
    caught_up: bool = False
    listened_at: float = 0.0
    lags_s: list[float] = field(default_factory=list)
    last_failure: str = ""

    LAGS_KEPT: ClassVar[int] = 1000

    def failed(self, why: str) -> None:
        """Note something that did not work and will be tried again."""
        self.failures += 1
        self.last_failure = why

    def lagged(self, seconds: float) -> None:
        """Note how long one change took from its event to its apply."""
        self.lags_s.append(max(0.0, seconds))
        del self.lags_s[: -self.LAGS_KEPT]

    def lag(self, quantile: float) -> float | None:
        """Return a quantile of the last lags in seconds, by nearest rank; None if there are none."""
        ordered = sorted(self.lags_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))] if ordered else None

    def as_entry(self) -> dict[str, Any]:
        """Return the counters as plain values, the lags as their median and 99th percentile."""
        shown = asdict(self)
        del shown["lags_s"]
        return {**shown, "lag_p50_s": self.lag(0.5), "lag_p99_s": self.lag(0.99)}


@dataclass(frozen=True, slots=True)
class CountedProvenance:
    """The `Provenance` port over another, which counts what is kept."""

    inner: Provenance
    progress: Progress

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Return ours."""
        return await self.inner.wrote(kind, marks)

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note states of ours."""
        await self.inner.note(kind, marks)

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep, then count: a state is not kept until the conflict table has it."""
        await self.inner.keep(kind, mark, item)
        self.progress.conflicts += 1

    def kept(self) -> AsyncIterator[Kept]:
        """Give what was kept."""
        return self.inner.kept()
