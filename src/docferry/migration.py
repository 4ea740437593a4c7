"""One migration with everything its phases need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from docferry.checkpoint import Checkpoint
from docferry.domain.gate import Writer
from docferry.lease import Lease
from docferry.ports import Clock, Entry, FencingToken, GateStore, HardFence, Journal, Ledger, Throttle
from docferry.progress import Progress
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds
from docferry.stages.heartbeat import EVERY_S, Heartbeat
from docferry.stuck import Stuck


@dataclass(frozen=True, slots=True)
class Tuning:
    """How hard and how patiently the engine works. Times in seconds; `spread_s` is for a policy to spread.

    `idle_s` lies between looks at feeds where nothing comes, `idle_armed_s` around a switch; `beat_s` between
    heartbeats, except then; `retry_s` between attempts at stuck keys.
    """

    window: int = 64
    scan_segments: int = 4
    settle_s: float = 3.0
    spread_s: float = 60.0
    beat_s: float = EVERY_S
    idle_s: float = 0.2
    idle_armed_s: float = 0.05
    retry_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Migration:
    """What `wiring` builds for one direction: after a switch, source and target have changed places.

    `identity` says which stores it is between, in either direction, `owner` which process this is.
    """

    clock: Clock
    ledger: Ledger
    source_region: str
    target_region: str
    source_gate: GateStore
    target_gate: GateStore
    source_journal: Journal
    target_journal: Journal
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
    heartbeat: Heartbeat
    tuning: Tuning = Tuning()
    source_fence: HardFence | None = None
    target_fence: HardFence | None = None
    tokens: tuple[FencingToken, ...] = ()


@dataclass(frozen=True, slots=True)
class Directions:
    """The migration forward, as it was configured, and in reverse, as it runs after a cutover."""

    forward: Migration
    reverse: Migration

    async def in_force(self) -> Migration | None:
        """Return the direction whose target's gate says replicator; None while neither does."""
        for one in (self.forward, self.reverse):
            gate = await one.target_gate.read()
            if gate and gate.writer is Writer.REPLICATOR:
                return one
        return None


@dataclass(frozen=True, slots=True)
class Sync:
    """What one run of sync is asked for. `once` ends it when the backfill is done and the feeds are drained.

    Without `fill` others do the backfill, and it only follows.
    """

    once: bool = False
    fill: bool = True
    prefix: str = ""
    reseed: bool = False
