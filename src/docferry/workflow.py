"""The main path of a migration: read this first.

    sync      the gates are set up, the runner takes its lease, and then two things go on side by side:
              the backfill brings over what exists, and follow carries what changes meanwhile and after
    validate  one walk over both stores that proves them equal, or names what differs

Everything that must outlive the process is in the ledger, so that whoever runs the same command again goes on from
there: `resume` decides whether it may, `filling` and `following` are the two things that go on side by side.
Cutover, rollback and complete turn the same gates.
"""

import asyncio
from collections.abc import Callable, Sequence

from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.errors import Conflict, Refused, Retryable, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.filling import backfill
from docferry.following import follow_changes
from docferry.history import note
from docferry.lease import holding
from docferry.migration import Migration, Sync
from docferry.resume import FOLLOW, begin, refuse_other_stores
from docferry.stages.repair import repair
from docferry.stages.validate.walk import Scope, Validation

REPORT_EVERY_S = 2.0
STOP_WITHIN_S = 1.0


async def sync(migration: Migration, asked: Sync, stop: asyncio.Event) -> None:
    """Backfill, then follow until `stop` is set, or until everything is carried if asked to end then.

    Raises Refused before anything is written to the target if the stores are not ready, are others than the
    ledger's, or another runner is at work; NeedsOperator if keys are left that cannot be carried.
    """
    await begin_writing(migration)
    await holding(migration.lease, asyncio.ensure_future(_sync(migration, asked, stop)))


async def begin_writing(migration: Migration) -> None:
    """Take the lease, once it is sure that these stores may be written to. Raises as `sync` does."""
    await migration.ready()
    await refuse_other_stores(migration)
    await set_up_gates(migration)
    await migration.lease.acquire()


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
    following = asyncio.ensure_future(follow_changes(migration, asked, seed, filled, stop))
    work = (backfill(migration, asked, seed, filled), _keep_reporting(migration))
    beside = [asyncio.ensure_future(one) for one in work]
    try:
        await _until_done(following, beside, stop)
    finally:
        for task in (following, *beside):
            task.cancel()
        await asyncio.gather(following, *beside, return_exceptions=True)
    await _report_at_last(migration)
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


async def _keep_reporting(migration: Migration) -> None:
    while True:
        try:
            await _report(migration)
        except Retryable as error:
            migration.progress.failed(str(error))
        await migration.clock.sleep(REPORT_EVERY_S)


async def _report_at_last(migration: Migration) -> None:
    try:
        await _report(migration)
    except StaleEpoch:
        # The last one that was cut off came in between.
        await _report(migration)


async def _report(migration: Migration) -> None:
    # Read anew each time: a report that was cut off may or may not have been written.
    progress = migration.progress
    if progress.listened_at:
        follow = await Checkpoint.load(migration.ledger, FOLLOW)
        await follow.save({**follow.entry, "polled_at": progress.listened_at})
    progress.stuck = migration.stuck.count
    shown = await Checkpoint.load(migration.ledger, "progress")
    await shown.save({**progress.as_entry(), "at": migration.clock.now(), "owner": migration.owner})


async def validate(
    migration: Migration, scope: Scope, found: Callable[[Diff], None], *, restart: bool = False
) -> Validation:
    """Compare both stores, going on where a run of the same scope was cut off unless told to begin again.

    Only control state is written. Raises Refused if the ledger belongs to a migration between other stores.
    """
    await refuse_other_stores(migration)
    checkpoint = await Checkpoint.load(migration.ledger, scope.name)
    if restart:
        await checkpoint.save({})
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
    """Bring the differences of a validation to the source's state, under a lease; return how many.

    Raises as `sync` does before anything is written.
    """
    await begin_writing(migration)
    done = 0

    async def work() -> None:
        nonlocal done
        done = await repair(migration.documents, migration.records, validation.differences(), stop)

    await holding(migration.lease, asyncio.ensure_future(work()))
    await note(migration.ledger, migration.clock, f"repair brought {done} keys to the source's state")
    return done
