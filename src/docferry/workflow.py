"""The main path of a migration: read this first.

    sync      the gates are set up, the runner takes its lease, and then two things go on side by side:
              the backfill brings over what exists, and follow carries what changes meanwhile and after
    validate  one walk over both stores that proves them equal, or names what differs

Everything that must outlive the process is in the ledger, so that whoever runs the same command again goes on from
there. Cutover, rollback and complete turn the same gates.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.errors import Conflict, NeedsOperator, Refused
from docferry.domain.gate import Gate, Writer
from docferry.history import note
from docferry.lease import Lease, holding
from docferry.ports import Clock, Entry, GateStore, Ledger, Throttle
from docferry.progress import Progress
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.backfill import DocumentBackfill
from docferry.stages.backfill_records import RecordBackfill
from docferry.stages.follow import Feeds, Follow
from docferry.stages.repair import repair
from docferry.stages.validate.walk import Scope, Validation

IDLE_S = 0.2
DRAIN_WAIT_S = 1.0
REPORT_EVERY_S = 2.0
STOP_WITHIN_S = 1.0
STALLED_AFTER_S = 180.0
RETENTION_MARGIN = 0.95
"""Of a feed's retention: a runner that comes back later than this must not trust the feed any more."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How hard and how patiently the engine works. Times in seconds."""

    window: int = 64
    scan_segments: int = 4
    settle_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration with everything the phases need; `wiring` builds it."""

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
    progress: Progress
    throttle: Throttle
    ready: Callable[[], Awaitable[None]]
    tuning: Tuning = Tuning()


@dataclass(frozen=True, slots=True)
class Sync:
    """What one run of sync is asked for. `once` ends it when the backfill is done and the feeds are drained."""

    once: bool = False
    prefix: str = ""
    reseed: bool = False


async def sync(migration: Migration, asked: Sync, stop: asyncio.Event) -> None:
    """Backfill, then follow until `stop` is set, or until everything is carried if asked to end then.

    Raises Refused before anything is written if the stores are not ready or another runner is at work.
    """
    await migration.ready()
    await set_up_gates(migration)
    await migration.lease.acquire()
    await holding(migration.lease, asyncio.ensure_future(_sync(migration, asked, stop)))


async def set_up_gates(migration: Migration) -> None:
    """Give each region its first gate: applications write at the source, the replicator at the target."""
    wanted = ((migration.target_gate, Writer.REPLICATOR), (migration.source_gate, Writer.APPLICATION))
    for gate, writer in wanted:
        held = await gate.read()
        try:
            if held is None:
                held = Gate(writer, 1)
                await gate.change(None, held)
        except Conflict:
            held = await gate.read()
        if held is None or held.writer is not writer:
            said = held.writer.value if held else "missing"
            raise Refused(
                f"a gate says {said} where {writer.value} is needed for this direction; nothing was written",
                hint="docferry status shows both gates",
            )


async def _sync(migration: Migration, asked: Sync, stop: asyncio.Event) -> None:
    if asked.reseed:
        await _forget_positions(migration)
    await _refuse_gap(migration)
    await note(migration.ledger, migration.clock, f"sync started by {migration.owner}")
    filled = asyncio.Event()
    following = asyncio.ensure_future(_follow(migration, asked, filled, stop))
    beside = [
        asyncio.ensure_future(one) for one in (_backfill(migration, asked, filled), _keep_reporting(migration))
    ]
    try:
        await _until_done(following, beside, stop)
    finally:
        for task in (following, *beside):
            task.cancel()
        await asyncio.gather(following, *beside, return_exceptions=True)
    await _report(migration)
    said = "stopped" if stop.is_set() else "carried everything"
    await note(migration.ledger, migration.clock, f"sync {said}")


async def _until_done(
    following: asyncio.Future[None], beside: Sequence[asyncio.Future[None]], stop: asyncio.Event
) -> None:
    stopping = asyncio.ensure_future(_wait(stop))
    waited_for = {following, stopping, *beside}
    try:
        while not (following.done() or stopping.done()):
            done, waited_for = await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
    finally:
        stopping.cancel()
    # A round that has begun may end; one that waits out a retry is cut off, and its changes stay on the feed.
    await asyncio.wait({following}, timeout=STOP_WITHIN_S)
    if following.done():
        following.result()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


async def _backfill(migration: Migration, asked: Sync, filled: asyncio.Event) -> None:
    for name, stage in _BACKFILLS.items():
        checkpoint = await Checkpoint.load(migration.ledger, f"backfill/{name}/{asked.prefix}")
        if asked.reseed:
            await checkpoint.save(_BEGIN_AGAIN[name])
        if asked.reseed or not checkpoint.entry.get("done"):
            migration.progress.phase = f"backfill of {name}"
            await stage(migration, asked, checkpoint)
    migration.progress.phase = "follow"
    migration.progress.backfill_done = True
    await note(migration.ledger, migration.clock, "backfill done")
    filled.set()


async def _documents(migration: Migration, asked: Sync, checkpoint: Checkpoint) -> None:
    began = migration.clock.monotonic()
    await DocumentBackfill(
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        window=migration.tuning.window,
        prefix=asked.prefix,
    ).run()
    migration.progress.documents_backfill_s = migration.clock.monotonic() - began


async def _records(migration: Migration, asked: Sync, checkpoint: Checkpoint) -> None:
    await RecordBackfill(
        migration.records,
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        segments=migration.tuning.scan_segments,
        window=migration.tuning.window,
        prefix=asked.prefix,
    ).run()


_BACKFILLS: dict[str, Callable[[Migration, Sync, Checkpoint], Coroutine[Any, Any, None]]] = {
    "documents": _documents,
    "records": _records,
}


# Documents as in a first pass, which looks at each one: listings show too little once changes went unheard.
# Records as in a later pass, which also asks after those that only the target has.
_BEGIN_AGAIN: dict[str, Entry] = {"documents": {}, "records": {"passes": 1, "done": True}}


async def _follow(migration: Migration, asked: Sync, filled: asyncio.Event, stop: asyncio.Event) -> None:
    clock, progress = migration.clock, migration.progress
    follow = Follow(
        migration.feeds, migration.documents, migration.records, progress, clock, migration.tuning.window
    )
    active_at = clock.monotonic()
    while not stop.is_set():
        failures = progress.failures
        came = await follow.round(0)
        now = clock.monotonic()
        if progress.failures == failures:
            progress.listened_at = clock.now()
            active_at = now if came or not filled.is_set() else active_at
        quiet = not came and now - active_at >= migration.tuning.settle_s
        progress.caught_up = quiet
        if asked.once and quiet and await _drained(migration, follow):
            progress.caught_up = True
            return
        if asked.once and now - active_at > STALLED_AFTER_S:
            raise _stuck(progress)
        if not came or progress.failures > failures:
            await clock.sleep(IDLE_S)


async def _drained(migration: Migration, follow: Follow) -> bool:
    # A queue asked without waiting may answer from some of its servers only; asked with a wait, from all.
    if await follow.round(DRAIN_WAIT_S):
        return False
    pending = await migration.feeds.pending()
    if pending.empty and pending.dead:
        raise NeedsOperator(
            f"{pending.dead} changes are in the dead-letter queue: they were tried and could not be carried",
            hint="look at them, redrive them to the change queue, and run docferry sync again",
        )
    return pending.empty


def _stuck(progress: Progress) -> NeedsOperator:
    return NeedsOperator(
        f"changes stay on the feed and cannot be carried; the last failure: {progress.last_failure or 'none'}",
        hint="mend the cause and run docferry sync again: nothing was taken off the feed",
    )


async def _forget_positions(migration: Migration) -> None:
    for checkpoint in migration.feed_checkpoints:
        await checkpoint.save({})
    polled = await Checkpoint.load(migration.ledger, "follow")
    await polled.save({})


async def _refuse_gap(migration: Migration) -> None:
    last = (await migration.ledger.read("follow") or {}).get("polled_at")
    kept_s = await migration.feeds.retention_s() * RETENTION_MARGIN
    if last is not None and migration.clock.now() - last > kept_s:
        raise NeedsOperator(
            f"nobody listened to the change feeds for more than {kept_s / 3600:.0f} hours, so changes may have "
            "expired unread; both stores are as they were",
            hint="docferry sync --reseed compares everything again",
        )


async def _keep_reporting(migration: Migration) -> None:
    while True:
        await _report(migration)
        await migration.clock.sleep(REPORT_EVERY_S)


async def _report(migration: Migration) -> None:
    # Read anew each time: a report that was cut off may or may not have been written.
    progress = migration.progress
    if progress.listened_at:
        await (await Checkpoint.load(migration.ledger, "follow")).save({"polled_at": progress.listened_at})
    shown = await Checkpoint.load(migration.ledger, "progress")
    await shown.save({**progress.as_entry(), "at": migration.clock.now(), "owner": migration.owner})


async def validate(migration: Migration, scope: Scope, found: Callable[[Diff], None]) -> Validation:
    """Compare both stores, going on where a run of the same scope was cut off; only control state is written."""
    checkpoint = await Checkpoint.load(migration.ledger, scope.name)
    validation = Validation(
        migration.documents.source,
        migration.documents.target,
        migration.records.source,
        migration.records.target,
        migration.records.document_attribute,
        scope,
        migration.ledger,
        checkpoint,
        migration.progress,
        migration.clock,
        migration.tuning.settle_s,
        migration.tuning.scan_segments,
        asyncio.Semaphore(migration.tuning.window),
    )
    entry = await validation.run(found)
    said = f"validation ({scope.level.value}) found {entry['differences']} differences"
    await note(migration.ledger, migration.clock, said)
    return validation


async def mend(migration: Migration, validation: Validation, stop: asyncio.Event) -> int:
    """Bring the differences of a validation to the source's state, under a lease; return how many."""
    await migration.lease.acquire()
    done = 0

    async def work() -> None:
        nonlocal done
        done = await repair(migration.documents, migration.records, validation.differences(), stop)

    await holding(migration.lease, asyncio.ensure_future(work()))
    await note(migration.ledger, migration.clock, f"repair brought {done} keys to the source's state")
    return done
