"""From settings to adapters: what is built over a connection."""

import math
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.fence import AwsFence
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient, Guard
from docferry.aws.journal import DynamoJournal
from docferry.aws.ledger import DynamoLedger
from docferry.aws.provenance import DynamoProvenance
from docferry.aws.queue_feed import QueueFeed
from docferry.aws.readiness import Resources, check, check_control, check_stores
from docferry.aws.s3 import S3Documents
from docferry.aws.stream_feed import StreamFeed
from docferry.aws.survey import AwsSurvey
from docferry.checkpoint import Checkpoint
from docferry.clock import SystemClock
from docferry.connection import Connection
from docferry.domain.errors import Refused
from docferry.lease import Lease
from docferry.migration import Directions, Migration, Tuning
from docferry.ports import Entry, HardFence, Permit, Provenance, Throttle
from docferry.progress import CountedProvenance, Progress
from docferry.settings import Replication, Settings, Side
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds
from docferry.stages.heartbeat import Heartbeat
from docferry.stages.plan import Stores
from docferry.stuck import Stuck
from docferry.tokens import Tokens

SETTLE_S = 60.0
"""S3 says that an event may take a minute or longer
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html)."""
SETTLE_EMULATED_S = 3.0
SPREAD_S, SPREAD_EMULATED_S = 60.0, 1.0
"""For a policy: neither S3 nor DynamoDB promises a time. Probes tell whether it was enough."""


def throttle(per_second: float | None) -> Throttle:
    """Return what lets `per_second` writes through, or all of them."""
    if per_second is None:
        return _unthrottled
    # A bucket of a tenth of a second keeps the rate even from the first write on.
    limiter = AsyncLimiter(max(1.0, per_second / 10), max(0.1, 1 / per_second))
    return limiter.acquire


async def _unthrottled() -> None:
    return


SWITCH = "switch"
"""The lease of whoever turns the gates: short, so that another can soon go on or abort."""
SWITCH_LEASE_S = 2.0
SWITCH_TOKEN_S = 8.0


async def build(
    connection: Connection, progress: Progress, limit: Throttle = _unthrottled, *, lease: str = "sync"
) -> Directions:
    """Build the migration between the stores that the settings name, in both directions.

    Ledger, marks and kept conflicts are in the target's tables in either direction. Raises InvalidInput, naming
    the setting, if there is no control table, and Refused for native replication.
    """
    settings = connection.settings
    if settings.replication is Replication.NATIVE:
        raise Refused(
            "replication = native cannot be switched safely: a request that a region let through may land after "
            "the switch, AWS states no bound for that, and in a global table it would then undo an acknowledged "
            "write; nothing was changed",
            hint='set replication = "engine"; docs/native-protocol.md has the whole reason',
        )
    ends = (_End("source", connection.source, settings.source), _End("target", connection.target, settings.target))
    for end in ends:
        await check_control(end.resources)
    ledger = DynamoLedger(ends[1].controlled_by(None))
    checkpoints = [await Checkpoint.load(ledger, f"feed/{end.name}/records") for end in ends]
    shared = _Shared(connection, progress, limit, ledger, tuple(checkpoints), lease)
    feeds = _feeds(connection, checkpoints)
    return Directions(
        _migration(shared, ends[0], ends[1], feeds),
        _migration(
            shared,
            ends[1],
            ends[0],
            Feeds(feeds.target_documents, feeds.source_documents, feeds.target_records, feeds.source_records),
        ),
    )


@dataclass(frozen=True, slots=True)
class _End:
    """One side of the settings, with the adapters that it has whichever direction is in force."""

    name: str
    client: AwsClient
    side: Side

    @property
    def resources(self) -> Resources:
        return _resources(self.name, self.client, self.side)

    def controlled_by(self, guard: Guard | None) -> DynamoRecords:
        return DynamoRecords(self.client, self.side.control_table, guard=guard)

    @property
    def journal(self) -> DynamoJournal:
        return DynamoJournal(DynamoRecords(self.client, self.side.journal_table), SystemClock())


class _Shared:
    """What both directions have in common."""

    def __init__(
        self,
        connection: Connection,
        progress: Progress,
        limit: Throttle,
        ledger: DynamoLedger,
        checkpoints: tuple[Checkpoint, ...],
        lease: str,
    ) -> None:
        self.connection, self.progress, self.limit = connection, progress, limit
        self.ledger, self.checkpoints, self.lease = ledger, checkpoints, lease
        # Host and process are for people; in containers they may be the same for two runners.
        self.owner = f"{os.uname().nodename}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.stuck = Stuck(ledger)
        # Whoever turns the gates is held up by no gate, and does so in either direction under one lease.
        self.switch = Lease(
            ledger,
            None,
            connection.clock,
            name=SWITCH,
            owner=self.owner,
            duration_s=SWITCH_LEASE_S,
            landed=self._landed,
            lost_at=lambda: max(connection.source.lost_at, connection.target.lost_at),
            tokens=self.tokens(SWITCH_TOKEN_S),
        )

    def tokens(self, at_most_s: float = math.inf) -> Tokens:
        """Return what a lease keeps: tokens for both sides, because canaries go back."""
        connection = self.connection
        return Tokens(connection.tokens, connection.clock, min(at_most_s, connection.settings.fence.token_s))

    @property
    def guard(self) -> Guard | None:
        """Asked before every write to gates and ledger: who turns gates does nothing without the lease on it."""
        return self.switch.check if self.lease == SWITCH else None

    @property
    def guarded_ledger(self) -> DynamoLedger:
        """The ledger for everything but the leases themselves."""
        table = self.connection.settings.target.control_table
        return DynamoLedger(DynamoRecords(self.connection.target, table, guard=self.guard))

    async def _landed(self) -> None:
        await self.connection.source.landed()
        await self.connection.target.landed()


def _migration(shared: _Shared, source: _End, target: _End, feeds: Feeds) -> Migration:
    settings, clock = shared.connection.settings, shared.connection.clock
    target_gate = DynamoGate(target.controlled_by(shared.guard))
    permit = shared.switch
    if shared.lease != SWITCH:
        permit = Lease(
            shared.ledger,
            target_gate,
            clock,
            name=shared.lease,
            owner=shared.owner,
            duration_s=settings.runner.lease_s,
            landed=target.client.landed,
            lost_at=lambda: target.client.lost_at,
            tokens=shared.tokens(),
        )
    kept = DynamoRecords(shared.connection.target, settings.target.conflicts_table)
    marks = DynamoRecords(shared.connection.target, settings.target.control_table)
    provenance = CountedProvenance(DynamoProvenance(marks, kept, clock, target.side.region), shared.progress)
    at_source, at_target = _buckets(source, target, permit)
    documents = DocumentSides(at_source, at_target, provenance, permit)
    back = S3Documents(source.client, source.side.bucket, at_target, guard=permit.check)
    return Migration(
        clock=clock,
        ledger=shared.guarded_ledger,
        source_region=source.side.region,
        target_region=target.side.region,
        source_gate=DynamoGate(source.controlled_by(shared.guard)),
        target_gate=target_gate,
        source_journal=source.journal,
        target_journal=target.journal,
        documents=documents,
        records=_records(settings, source, target, provenance, permit),
        feeds=feeds,
        feed_checkpoints=shared.checkpoints,
        lease=permit,
        owner=shared.owner,
        identity=_identity(settings),
        progress=shared.progress,
        throttle=shared.limit,
        ready=lambda: check(*_both(shared.connection)),
        stuck=shared.stuck,
        heartbeat=Heartbeat(documents, back, at_source, at_target, clock),
        tuning=Tuning(
            settings.runner.window, settings.runner.scan_segments, _settle_s(settings), _spread_s(settings)
        ),
        source_fence=_fence(shared.connection, source),
        target_fence=_fence(shared.connection, target),
        tokens=shared.connection.tokens,
    )


def _fence(connection: Connection, end: _End) -> HardFence | None:
    prober = connection.probers[0 if end.name == "source" else 1]
    if prober is None:
        return None
    side, exempt = end.side, connection.settings.fence.exempt
    return AwsFence(end.client, prober.client, prober.role, side.bucket, side.table, exempt, connection.clock)


def _spread_s(settings: Settings) -> float:
    return settings.fence.spread_s or (SPREAD_EMULATED_S if settings.aws.endpoint_url else SPREAD_S)


def _settle_s(settings: Settings) -> float:
    return settings.runner.settle_s or (SETTLE_EMULATED_S if settings.aws.endpoint_url else SETTLE_S)


def _buckets(source: _End, target: _End, permit: Permit) -> tuple[S3Documents, S3Documents]:
    at_source = S3Documents(source.client, source.side.bucket)
    return at_source, S3Documents(target.client, target.side.bucket, at_source, guard=permit.check)


def _records(
    settings: Settings, source: _End, target: _End, provenance: Provenance, permit: Permit
) -> RecordSides:
    at_source = DynamoRecords(source.client, source.side.table)
    at_target = DynamoRecords(target.client, target.side.table, guard=permit.check)
    return RecordSides(at_source, at_target, provenance, permit, settings.records.document_attribute)


def _feeds(connection: Connection, checkpoints: Sequence[Checkpoint]) -> Feeds:
    settings, clock = connection.settings, connection.clock
    source, target, visibility_s = settings.source, settings.target, settings.runner.visibility_s
    return Feeds(
        QueueFeed(connection.source, source.queue, visibility_s=visibility_s),
        QueueFeed(connection.target, target.queue, visibility_s=visibility_s),
        StreamFeed(connection.source, source.table, checkpoints[0], clock),
        StreamFeed(connection.target, target.table, checkpoints[1], clock),
    )


async def require_stores(connection: Connection) -> None:
    """Raise InvalidInput, naming the setting, if a bucket or table of documents and records is not there."""
    await check_stores(*_both(connection))


def surveyed(connection: Connection) -> Stores:
    """Return what a plan reads."""
    settings = connection.settings
    source, target = settings.source, settings.target
    return Stores(
        S3Documents(connection.source, source.bucket),
        DynamoRecords(connection.source, source.table),
        AwsSurvey(connection.source, source.bucket, source.table),
        AwsSurvey(connection.target, target.bucket, target.table),
    )


def _identity(settings: Settings) -> Entry:
    sides = {"source": settings.source, "target": settings.target}
    return {name: {"region": one.region, "bucket": one.bucket, "table": one.table} for name, one in sides.items()}


def _both(connection: Connection) -> tuple[Resources, Resources]:
    settings = connection.settings
    return (
        _resources("source", connection.source, settings.source),
        _resources("target", connection.target, settings.target),
    )


def _resources(name: str, client: AwsClient, side: Side) -> Resources:
    return Resources(
        name,
        client,
        side.bucket,
        side.table,
        side.queue,
        side.control_table,
        side.conflicts_table,
        side.journal_table,
    )
