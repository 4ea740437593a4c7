"""Follows the changes round by round, until stopped or, where asked for, until everything is carried."""

import asyncio

from docferry.domain.errors import NeedsOperator, Retryable
from docferry.migration import Migration, Sync
from docferry.progress import Progress
from docferry.resume import RETENTION_MARGIN, Seed
from docferry.stages.follow import Follow, Round, unheard

IDLE_S = 0.2
DRAIN_WAIT_S = 1.0
STALLED_AFTER_S = 180.0
STUCK_RETRY_EVERY_S = 60.0


async def follow_changes(
    migration: Migration, asked: Sync, seed: Seed, filled: asyncio.Event, stop: asyncio.Event
) -> None:
    """Carry changes until `stop` is set or, asked to end once, until `filled` is set and the feeds are drained.

    Raises NeedsOperator if changes may have expired unread, cannot be carried for minutes, or lie in a dead-letter
    queue at the end, or if keys are stuck then.
    """
    clock, progress = migration.clock, migration.progress
    follow = await _follower(migration, seed)
    kept_s = await migration.feeds.retention_s() * RETENTION_MARGIN
    heard_at, active_at, tried_at = clock.now(), clock.monotonic(), clock.monotonic()
    while not stop.is_set():
        outcome = await _round(follow, progress)
        now = clock.monotonic()
        if outcome is not Round.FAILED:
            if clock.now() - heard_at > kept_s:
                raise unheard(f"the change feeds could not be read for more than {kept_s / 3600:.0f} hours")
            progress.listened_at = heard_at = clock.now()
            active_at = now if outcome is Round.CARRIED or not filled.is_set() else active_at
        quiet = outcome is Round.EMPTY and now - active_at >= migration.tuning.settle_s
        progress.caught_up = quiet
        if now - tried_at >= STUCK_RETRY_EVERY_S:
            await migration.stuck.retry(follow.carry)
            tried_at = clock.monotonic()
        if asked.once and quiet and await _is_drained(migration, follow):
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


async def _is_drained(migration: Migration, follow: Follow) -> bool:
    try:
        return await _drained(migration, follow)
    except Retryable as error:
        migration.progress.failed(str(error))
        return False


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
