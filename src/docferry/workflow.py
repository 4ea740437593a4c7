"""The main path of a migration: read this first.

    sync      the gates are set up, the runner takes its lease, and then two things go on side by side:
              the backfill brings over what exists, and follow carries what changes meanwhile and after
    validate  one walk over both stores that proves them equal, or names what differs
    switch    cutover and rollback turn the gates, and the running sync turns with them: docferry.switch

Everything that must outlive the process is in the ledger, so that whoever runs the same command again goes on from
there: `resume` decides whether it may, `filling` and `following` are the two things that go on side by side.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from docferry.bounded import ended
from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.errors import Conflict, GateRefused, Refused, Retryable, StaleEpoch
from docferry.domain.gate import Writer
from docferry.filling import backfill
from docferry.following import follow_changes, follow_of, follower
from docferry.history import note
from docferry.holding import holding
from docferry.migration import Directions, Migration, Sync
from docferry.ports import Entry
from docferry.preparing import begin_writing, prepare
from docferry.resume import FOLLOW, Seed, begin, completed, refuse_other_stores
from docferry.stages.follow import Follow
from docferry.stages.repair import repair
from docferry.stages.validate.walk import Scope, Validation

REPORT_EVERY_S = 2.0
STOP_WITHIN_S = 1.0
LAGS_TO_SETTLE = 2.0
SETTLES_AT_MOST = 5.0
HEARTBEAT_COUNTS_S = 30.0
LAPSES = 5
"""So often in a row a runner may lose its lease to a slow machine or control table, and take it again."""
LAPSE_FORGOTTEN_S = 60.0
GATES_EVERY_S = 0.05
"""How often gates are read while no side is open to the replicator, which is for a moment in a switch."""


async def sync(directions: Directions, asked: Sync, stop: asyncio.Event) -> None:
    """Backfill, then follow until `stop` is set, or until everything is carried if asked to end then.

    A switch turns the direction, and the same run goes on the other way round. Raises Refused before anything is
    written if the stores are not ready, are others than the ledger's, or another runner is at work, and if the
    migration is complete; NeedsOperator if keys are left that cannot be carried.
    """
    forward = directions.forward
    await prepare(forward)
    if await completed(forward.ledger):
        raise Refused(
            "this migration is complete: nothing is carried any more, and nothing was written",
            hint="docferry status shows it",
        )
    leaving: list[asyncio.Future[None]] = []
    try:
        await _until_stopped(directions, asked, stop, leaving)
    finally:
        await ended(*leaving)


async def _until_stopped(
    directions: Directions, asked: Sync, stop: asyncio.Event, leaving: list[asyncio.Future[None]]
) -> None:
    forward, lapses = directions.forward, 0
    while not stop.is_set():
        migration = await directions.in_force()
        if migration is None:
            if await completed(forward.ledger):
                return
            forward.progress.phase = "waiting for a switch to end"
            await forward.clock.sleep(GATES_EVERY_S)
            continue
        began = forward.clock.monotonic()
        try:
            await migration.lease.acquire()
            seed = await _begun(migration, asked)
            # Once begun anew, it is gone on with: after a switch, too.
            asked = replace(asked, reseed=False)
            await _under_lease(migration, asked, seed, stop, leaving)
            return
        except GateRefused:
            # A switch has closed the gate: what was under way has ended, and the other direction may be next.
            migration.progress.caught_up = False
        except StaleEpoch as error:
            # Not renewed in time. If another runner has the lease by now, taking it is refused.
            lapses = 1 if forward.clock.monotonic() - began > LAPSE_FORGOTTEN_S else lapses + 1
            if lapses > LAPSES:
                raise
            migration.progress.failed(str(error))


async def _begun(migration: Migration, asked: Sync) -> Seed:
    try:
        return await begin(migration, asked)
    except BaseException:
        await migration.lease.release()
        raise


async def _under_lease(
    migration: Migration, asked: Sync, seed: Seed, stop: asyncio.Event, leaving: list[asyncio.Future[None]]
) -> None:
    await migration.stuck.load()
    follow = await follower(migration, seed)
    said = f"sync from {migration.source_region} to {migration.target_region} by {migration.owner}"
    await note(migration.ledger, migration.clock, f"{said}: started")

    async def work() -> None:
        filled = asyncio.Event()
        following = asyncio.ensure_future(follow_changes(migration, asked, follow, filled, stop))
        await _both(migration, following, asyncio.ensure_future(backfill(migration, asked, seed, filled)), stop)
        how = "stopped" if stop.is_set() else "carried everything"
        await note(migration.ledger, migration.clock, f"{said}: {how}")

    try:
        await holding(
            migration.lease, asyncio.ensure_future(work()), partial(journal_unfinished, migration, follow)
        )
    finally:
        # A switch waits neither for this nor for a runner that is at it.
        leaving.append(asyncio.ensure_future(follow.give_back()))


async def journal_unfinished(migration: Migration, follow: Follow) -> None:
    """Note what a switch is to compare: keys cut off between write and confirm, and those that were written."""
    await follow.note_written()
    if not follow.unfinished:
        return
    gate = await migration.source_gate.read()
    if gate:
        await migration.source_journal.note(gate.epoch, tuple(follow.unfinished.values()))


async def _both(
    migration: Migration, following: asyncio.Future[None], filling: asyncio.Future[None], stop: asyncio.Event
) -> None:
    beside = [filling, asyncio.ensure_future(_keep_reporting(migration))]
    try:
        await _until_done(following, beside, stop)
    finally:
        for task in (following, *beside):
            task.cancel()
        await asyncio.gather(following, *beside, return_exceptions=True)
    await _report_at_last(migration)


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
    follow = await Checkpoint.load(migration.ledger, FOLLOW)
    if progress.listened_at > follow.entry["began_at"]:
        await follow.save({**follow.entry, "polled_at": progress.listened_at})
    progress.stuck = migration.stuck.count
    shown = await Checkpoint.load(migration.ledger, "progress")
    about = {"from": migration.source_region, "to": migration.target_region, "owner": migration.owner}
    beat = migration.heartbeat.as_entry()
    await shown.save({**progress.as_entry(), **about, "heartbeat": beat, "at": migration.clock.now()})


async def validate(
    migration: Migration, scope: Scope, found: Callable[[Diff], None], *, restart: bool = False
) -> Validation:
    """Compare both stores, going on where a run of the same scope was cut off unless told to begin again.

    Only control state is written. Raises Refused if the ledger belongs to a migration between other stores.
    """
    await refuse_other_stores(migration)
    checkpoint = await Checkpoint.load(migration.ledger, scope.name)
    if restart or checkpoint.entry.get("from", migration.source_region) != migration.source_region:
        # What was cut off before a switch cannot be gone on with the other way round.
        await checkpoint.save({})
    about: Entry = {
        "from": migration.source_region,
        "to": migration.target_region,
        "dirty_epoch": await turn_page(migration),
    }
    segments = migration.tuning.scan_segments
    validation = await comparing(migration, scope, checkpoint, segments=segments, about=about)
    entry = await validation.run(found)
    said = f"validation ({scope.level.value}) found {entry['differences']} differences"
    await note(migration.ledger, migration.clock, said)
    return validation


async def comparing(
    migration: Migration, scope: Scope, checkpoint: Checkpoint, *, segments: int, about: Entry
) -> Validation:
    """Return a validation of both sides from where its checkpoint stands."""
    return Validation(
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
        await settle_s(migration),
        segments,
        asyncio.Semaphore(migration.tuning.window),
        about,
    )


async def settle_s(migration: Migration) -> float:
    """Return for how long a difference is watched: while the runner is behind, longer than otherwise."""
    usual_s = migration.tuning.settle_s
    beat = (await migration.ledger.read("progress") or {}).get("heartbeat") or {}
    if migration.clock.now() - beat.get("seen_at", 0.0) > HEARTBEAT_COUNTS_S:
        behind = (await migration.feeds.pending()).waiting
        return usual_s * (SETTLES_AT_MOST if behind else 1.0)
    return min(max(usual_s, LAGS_TO_SETTLE * (beat.get("lag_s") or 0.0)), SETTLES_AT_MOST * usual_s)


async def turn_page(migration: Migration) -> int:
    """Begin a new page for the keys that a runner writes from now on, and return the epoch of the one before.

    The runner takes the epoch up a little later: what it still notes on the page before counts as not compared.
    """
    gate = await migration.target_gate.read()
    if gate is None or gate.writer is not Writer.REPLICATOR or gate.journal:
        return gate.epoch if gate else 1
    with suppress(Conflict):
        await migration.target_gate.change(gate, gate.turned(Writer.REPLICATOR, attempt=gate.attempt))
    return gate.epoch


async def mend(migration: Migration, differences: AsyncIterator[Entry], stop: asyncio.Event) -> int:
    """Bring the differences of a validation to the source's state, under a lease; return how many.

    Raises as `sync` does before anything is written.
    """
    await begin_writing(migration)
    follow = follow_of(migration, migration.feeds, migration.heartbeat.heard)
    done = 0

    async def work() -> None:
        nonlocal done
        done = await repair(follow.carry, differences, stop)

    at_end = partial(journal_unfinished, migration, follow)
    await holding(migration.lease, asyncio.ensure_future(work()), at_end)
    await note(migration.ledger, migration.clock, f"repair brought {done} keys to the source's state")
    return done
