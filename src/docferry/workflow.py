"""The main path of a migration: read this first.

    sync      the gates are set up, the runner takes its lease, and then two things go on side by side:
              the backfill brings over what exists, and follow carries what changes meanwhile and after
    validate  one walk over both stores that proves them equal, or names what differs

Everything that must outlive the process is in the ledger, so that whoever runs the same command again goes on from
there: `resume` decides whether it may. Cutover, rollback and complete turn the same gates.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.errors import Conflict, NeedsOperator, Refused, Retryable
from docferry.domain.gate import Gate, Writer
from docferry.history import note
from docferry.lease import holding
from docferry.migration import Migration, Sync
from docferry.progress import Progress
from docferry.resume import FOLLOW, RETENTION_MARGIN, Seed, begin, refuse_other_stores
from docferry.stages.backfill import DocumentBackfill
from docferry.stages.backfill_records import RecordBackfill
from docferry.stages.follow import Follow, Round
from docferry.stages.repair import repair
from docferry.stages.validate.walk import Scope, Validation

IDLE_S = 0.2
DRAIN_WAIT_S = 1.0
REPORT_EVERY_S = 2.0
STOP_WITHIN_S = 1.0
STALLED_AFTER_S = 180.0
STUCK_RETRY_EVERY_S = 60.0
ATTEMPTS = 10
"""So often in a row a stage may fail on what may pass, without getting any further, before the run gives up."""
ATTEMPT_WAIT_S = 5.0


async def sync(migration: Migration, asked: Sync, stop: asyncio.Event) -> None:
    """Backfill, then follow until `stop` is set, or until everything is carried if asked to end then.

    Raises Refused before anything is written to the target if the stores are not ready, are others than the
    ledger's, or another runner is at work; NeedsOperator if keys are left that cannot be carried.
    """
    await migration.ready()
    await refuse_other_stores(migration)
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
    seed = await begin(migration, asked)
    await migration.stuck.load()
    await note(migration.ledger, migration.clock, f"sync started by {migration.owner}")
    filled = asyncio.Event()
    following = asyncio.ensure_future(_follow(migration, asked, seed, filled, stop))
    work = (_backfill(migration, asked, seed, filled), _keep_reporting(migration))
    beside = [asyncio.ensure_future(one) for one in work]
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


async def _backfill(migration: Migration, asked: Sync, seed: Seed, filled: asyncio.Event) -> None:
    for name, stage in _BACKFILLS.items():
        checkpoint = await Checkpoint.load(migration.ledger, seed.backfill(name, asked.prefix))
        if not checkpoint.entry.get("done"):
            migration.progress.phase = f"backfill of {name}"
            await _persist(migration, checkpoint, partial(stage, migration, asked, seed, checkpoint))
    migration.progress.phase = "follow"
    migration.progress.backfill_done = True
    await note(migration.ledger, migration.clock, "backfill done")
    filled.set()


async def _persist(migration: Migration, checkpoint: Checkpoint, stage: Callable[[], Awaitable[None]]) -> None:
    """Run a stage again from its checkpoint after what may pass; give up if it gets no further."""
    attempts, stood_at = 0, checkpoint.entry
    while True:
        try:
            await stage()
        except Retryable as error:
            attempts, stood_at = (attempts + 1 if checkpoint.entry == stood_at else 1), checkpoint.entry
            if attempts == ATTEMPTS:
                raise
            migration.progress.failed(str(error))
            await migration.clock.sleep(ATTEMPT_WAIT_S)
        else:
            return


async def _documents(migration: Migration, asked: Sync, seed: Seed, checkpoint: Checkpoint) -> None:
    began = migration.clock.monotonic()
    await DocumentBackfill(
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        migration.stuck,
        window=migration.tuning.window,
        prefix=asked.prefix,
    ).run()
    migration.progress.documents_backfill_s = migration.clock.monotonic() - began


async def _records(migration: Migration, asked: Sync, seed: Seed, checkpoint: Checkpoint) -> None:
    await RecordBackfill(
        migration.records,
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        migration.stuck,
        segments=migration.tuning.scan_segments,
        window=migration.tuning.window,
        prefix=asked.prefix,
        # What was deleted while nobody listened is still at the target.
        left_over=seed.number > 0,
    ).run()


_BACKFILLS: dict[str, Callable[[Migration, Sync, Seed, Checkpoint], Coroutine[Any, Any, None]]] = {
    "documents": _documents,
    "records": _records,
}


async def _follow(
    migration: Migration, asked: Sync, seed: Seed, filled: asyncio.Event, stop: asyncio.Event
) -> None:
    clock, progress = migration.clock, migration.progress
    follow = await _follower(migration, seed)
    active_at = tried_at = clock.monotonic()
    while not stop.is_set():
        outcome = await _round(follow, progress)
        now = clock.monotonic()
        if outcome is not Round.FAILED:
            progress.listened_at = clock.now()
            active_at = now if outcome is Round.CARRIED or not filled.is_set() else active_at
        quiet = outcome is Round.EMPTY and now - active_at >= migration.tuning.settle_s
        progress.caught_up = quiet
        if now - tried_at >= STUCK_RETRY_EVERY_S:
            await migration.stuck.retry(follow.carry)
            tried_at = clock.monotonic()
        if asked.once and quiet and await _drained(migration, follow):
            await _refuse_stuck(migration, follow)
            progress.caught_up = True
            return
        if asked.once and filled.is_set() and now - active_at > STALLED_AFTER_S:
            raise _stalled(progress)
        if outcome is not Round.CARRIED:
            await clock.sleep(IDLE_S)


async def _follower(migration: Migration, seed: Seed) -> Follow:
    return Follow(
        migration.feeds,
        migration.documents,
        migration.records,
        migration.progress,
        migration.clock,
        migration.stuck,
        migration.tuning.window,
        seed.began_at,
        await migration.feeds.documents_retention_s() * RETENTION_MARGIN,
    )


async def _round(follow: Follow, progress: Progress) -> Round:
    # What may pass is tried again here; a runner that cannot read its feeds for hours finds that out by their gap.
    try:
        return await follow.round(0)
    except Retryable as error:
        progress.failed(str(error))
        return Round.FAILED


async def _refuse_stuck(migration: Migration, follow: Follow) -> None:
    await migration.stuck.retry(follow.carry)
    held = await migration.stuck.load()
    if held:
        raise migration.stuck.refusal(held)


async def _drained(migration: Migration, follow: Follow) -> bool:
    # A queue asked without waiting may answer from some of its servers only; asked with a wait, from all.
    if await follow.round(DRAIN_WAIT_S) is not Round.EMPTY:
        return False
    pending = await migration.feeds.pending()
    if pending.empty and pending.dead:
        raise NeedsOperator(
            f"{pending.dead} changes are in the dead-letter queue: they were tried and could not be carried",
            hint="look at them, redrive them to the change queue, and run docferry sync again",
        )
    return pending.empty


def _stalled(progress: Progress) -> NeedsOperator:
    return NeedsOperator(
        f"changes stay on the feed and cannot be carried; the last failure: {progress.last_failure or 'none'}",
        hint="mend the cause and run docferry sync again: nothing was taken off the feed",
    )


async def _keep_reporting(migration: Migration) -> None:
    while True:
        try:
            await _report(migration)
        except Retryable as error:
            migration.progress.failed(str(error))
        await migration.clock.sleep(REPORT_EVERY_S)


async def _report(migration: Migration) -> None:
    # Read anew each time: a report that was cut off may or may not have been written.
    progress = migration.progress
    if progress.listened_at:
        follow = await Checkpoint.load(migration.ledger, FOLLOW)
        await follow.save({**follow.entry, "polled_at": progress.listened_at})
    progress.stuck = migration.stuck.count
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
