"""From settings to adapters: the only place where clients are built."""

import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import botocore.exceptions
import botocore.session
from aiolimiter import AsyncLimiter

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.ledger import DynamoLedger
from docferry.aws.provenance import DynamoProvenance
from docferry.aws.queue_feed import QueueFeed
from docferry.aws.readiness import Resources, check, check_control, check_stores
from docferry.aws.s3 import S3Documents
from docferry.aws.signing import Credentials
from docferry.aws.stream_feed import StreamFeed
from docferry.aws.survey import AwsSurvey
from docferry.checkpoint import Checkpoint
from docferry.clock import SystemClock
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.lease import Lease
from docferry.migration import Migration, Tuning
from docferry.ports import Entry, Permit, Provenance, Throttle
from docferry.progress import CountedProvenance, Progress
from docferry.settings import Settings, Side
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds
from docferry.stages.plan import Stores
from docferry.stuck import Stuck

CONNECT_TIMEOUT_S = 3.0
SETTLE_S = 60.0
"""S3 says that an event may take a minute or longer
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html)."""
SETTLE_EMULATED_S = 3.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Signed clients for both regions."""

    settings: Settings
    source: AwsClient
    target: AwsClient
    clock: SystemClock


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connection]:
    """Open the clients and close them at the end.

    Raises ServiceError if there are no credentials or nothing answers at the endpoint, InvalidInput for an unknown
    profile.
    """
    clock = SystemClock()
    _refuse_silent(settings.aws.endpoint_url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        def client(side: Side) -> AwsClient:
            return AwsClient(
                session,
                _credentials(settings, side),
                clock,
                region=side.region,
                endpoint_url=settings.aws.endpoint_url,
            )

        yield Connection(settings, client(settings.source), client(settings.target), clock)


def _refuse_silent(endpoint_url: str) -> None:
    if not endpoint_url:
        return
    place = urlsplit(endpoint_url)
    if not place.hostname:
        raise InvalidInput(f"{endpoint_url!r} is no URL of an endpoint", hint="such as http://127.0.0.1:4566")
    try:
        port = place.port or (443 if place.scheme == "https" else 80)
        socket.create_connection((place.hostname, port), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise ServiceError(
            f"nothing answers at {endpoint_url}: {error}; nothing was changed",
            hint="start it (docferry sandbox start) or correct the endpoint URL",
        ) from error


def _credentials(settings: Settings, side: Side) -> Callable[[], Credentials]:
    profile = side.profile or settings.aws.profile or None
    session = botocore.session.Session(profile=profile)
    if settings.aws.credentials_file:
        session.set_config_variable("credentials_file", settings.aws.credentials_file)
    try:
        found = session.get_credentials()
    except botocore.exceptions.ProfileNotFound as error:
        raise InvalidInput(f"there is no AWS profile {profile!r}", hint="name another with --profile") from error
    except botocore.exceptions.BotoCoreError as error:
        raise ServiceError(
            f"the AWS credentials cannot be used: {error}", hint="check them, then try again"
        ) from error
    if found is None:
        raise ServiceError(
            "no AWS credentials were found; nothing was changed",
            hint="name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )

    def current() -> Credentials:
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    return current


def throttle(per_second: float | None) -> Throttle:
    """Return what lets `per_second` writes through, or all of them."""
    if per_second is None:
        return _unthrottled
    # A bucket of a tenth of a second keeps the rate even from the first write on.
    limiter = AsyncLimiter(max(1.0, per_second / 10), max(0.1, 1 / per_second))
    return limiter.acquire


async def _unthrottled() -> None:
    return


async def build(
    connection: Connection, progress: Progress, limit: Throttle = _unthrottled, *, lease: str = "sync"
) -> Migration:
    """Build a migration over the stores that the settings name.

    Raises InvalidInput, naming the setting, if there is no control table.
    """
    settings, clock = connection.settings, connection.clock
    source, target = settings.source, settings.target
    await check_control(_resources("target", connection.target, target))
    control = DynamoRecords(connection.target, target.control_table)
    ledger, target_gate = DynamoLedger(control), DynamoGate(control)
    # Host and process are for people; in containers they may be the same for two runners.
    owner = f"{os.uname().nodename}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    permit = Lease(ledger, target_gate, clock, name=lease, owner=owner, duration_s=settings.runner.lease_s)
    conflicts = DynamoRecords(connection.target, target.conflicts_table)
    provenance = CountedProvenance(DynamoProvenance(control, conflicts, clock), progress)
    checkpoints = [await Checkpoint.load(ledger, f"feed/{side}/records") for side in ("source", "target")]
    return Migration(
        clock=clock,
        ledger=ledger,
        source_gate=DynamoGate(DynamoRecords(connection.source, source.control_table)),
        target_gate=target_gate,
        documents=_documents(connection, provenance, permit),
        records=_records(connection, provenance, permit),
        feeds=_feeds(connection, checkpoints),
        feed_checkpoints=tuple(checkpoints),
        lease=permit,
        owner=owner,
        identity=_identity(settings),
        progress=progress,
        throttle=limit,
        ready=lambda: check(*_both(connection)),
        stuck=Stuck(ledger),
        tuning=Tuning(settings.runner.window, settings.runner.scan_segments, _settle_s(settings)),
    )


def _settle_s(settings: Settings) -> float:
    return settings.runner.settle_s or (SETTLE_EMULATED_S if settings.aws.endpoint_url else SETTLE_S)


def _documents(connection: Connection, provenance: Provenance, permit: Permit) -> DocumentSides:
    settings = connection.settings
    source = S3Documents(connection.source, settings.source.bucket)
    target = S3Documents(connection.target, settings.target.bucket, source, guard=permit.check)
    return DocumentSides(source, target, provenance, permit)


def _records(connection: Connection, provenance: Provenance, permit: Permit) -> RecordSides:
    settings = connection.settings
    source = DynamoRecords(connection.source, settings.source.table)
    target = DynamoRecords(connection.target, settings.target.table, guard=permit.check)
    return RecordSides(source, target, provenance, permit, settings.records.document_attribute)


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
