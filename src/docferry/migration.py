"""One migration with everything its phases need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from docferry.checkpoint import Checkpoint
from docferry.lease import Lease
from docferry.ports import Clock, Entry, GateStore, Ledger, Throttle
from docferry.progress import Progress
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds
from docferry.stuck import Stuck


@dataclass(frozen=True, slots=True)
class Tuning:
    """How hard and how patiently the engine works. Times in seconds."""

    window: int = 64
    scan_segments: int = 4
    settle_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Migration:
    """What `wiring` builds. `identity` says which stores it is between, `owner` which runner this is."""

    clock: Clock
    ledger: Ledger
    source_gate: GateStore
    target_gate: GateStore
    documents: DocumentSides
    records: RecordSides
    feeds: Feeds
    feed_checkpoints: tuple[Checkpoint, ...]
    lease: Lease
    owner: str
    identity: Entry
    progress: Progress
    throttle: Throttle
    ready: Callable[[], Awaitable[None]]
    stuck: Stuck
    tuning: Tuning = Tuning()


@dataclass(frozen=True, slots=True)
class Sync:
    """What one run of sync is asked for. `once` ends it when the backfill is done and the feeds are drained."""

    once: bool = False
    prefix: str = ""
    reseed: bool = False
