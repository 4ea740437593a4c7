"""Follows the changes round by round, until stopped or, where asked for, until everything is carried.

Around a switch, whoever runs it asks through the ledger whether the feeds are drained, and is answered after a
round that began later and found nothing.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import NeedsOperator, Retryable
from docferry.domain.journal import Touched
from docferry.migration import Migration, Sync
from docferry.ports import Entry
from docferry.progress import Progress
from docferry.resume import RETENTION_MARGIN, Seed
from docferry.stages.follow import Feeds, Follow, Hear, Round, unheard

BEAT_ARMED_S = 1.0
ASKED, ANSWERED = "drain/asked", "drain/answered"
"""Entries of the ledger: `number` counts the questions, `wait_s` is how long a round is to wait for changes. An
answer says what was left on the feeds after a round that found nothing, and whether that was nothing."""
DRAIN_WAIT_S = 1.0
STALLED_AFTER_S = 180.0


async def follow_changes(
    migration: Migration, asked: Sync, follow: Follow, filled: asyncio.Event, stop: asyncio.Event
) -> None:
    """Carry changes until `stop` is set or, asked to end once, until `filled` is set and the feeds are drained.

    Raises NeedsOperator if changes may have expired unread, cannot be carried for minutes, or lie in a dead-letter
    queue at the end, or if keys are stuck then.
    """
    clock, progress = migration.clock, migration.progress
    kept_s = await migration.feeds.retention_s() * RETENTION_MARGIN
    heard_at, active_at, tried_at = clock.now(), clock.monotonic(), clock.monotonic()
    while not stop.is_set():
        question = await _question(migration)
        await _beat(migration, silent=bool(question) or (asked.once and filled.is_set()))
        outcome = await _round(follow, progress, question.get("wait_s", 0.0))
        now = clock.monotonic()
        if outcome is not Round.FAILED:
            if clock.now() - heard_at > kept_s:
                raise unheard(f"the change feeds could not be read for more than {kept_s / 3600:.0f} hours")
            progress.listened_at = heard_at = clock.now()
            active_at = now if outcome is Round.CARRIED or not filled.is_set() else active_at
        if question and outcome is Round.EMPTY:
            await _answer(migration, question)
        quiet = outcome is Round.EMPTY and now - active_at >= migration.tuning.settle_s
        progress.caught_up = quiet
        if now - tried_at >= migration.tuning.retry_s:
            await migration.stuck.retry(follow.carry)
            tried_at = clock.monotonic()
        if asked.once and quiet and await _is_drained(migration, follow):
            await _refuse_stuck(migration, follow)
            progress.caught_up = True
            return
        if asked.once and filled.is_set() and now - active_at > STALLED_AFTER_S:
            raise _stalled(progress)
        if outcome is not Round.CARRIED:
            await clock.sleep(migration.tuning.idle_armed_s if migration.lease.armed else migration.tuning.idle_s)


async def _beat(migration: Migration, *, silent: bool) -> None:
    # A heartbeat leaves an echo on the other feed, which would never be found empty.
    every_s = BEAT_ARMED_S if migration.lease.armed else migration.tuning.beat_s
    migration.heartbeat.every_s = math.inf if silent else every_s
    await migration.heartbeat.beat()


async def _question(migration: Migration) -> Entry:
    if not migration.lease.armed:
        return {}
    try:
        asked = await migration.ledger.read(ASKED) or {}
        answered = await migration.ledger.read(ANSWERED) or {}
    except Retryable:
        return {}
    open_yet = asked.get("number", 0) > answered.get("number", 0) or not answered.get("empty", True)
    return asked if open_yet else {}


async def _answer(migration: Migration, question: Entry) -> None:
    try:
        pending = await migration.feeds.pending()
        counts = {"waiting": pending.waiting, "in_flight": pending.in_flight, "dead": pending.dead}
        answer = await Checkpoint.load(migration.ledger, ANSWERED)
        await answer.save({"number": question["number"], "empty": pending.empty, **counts})
    except Retryable as error:
        migration.progress.failed(str(error))


def follow_of(migration: Migration, feeds: Feeds, hear: Hear) -> Follow:
    """Return what carries the changes of these feeds, and notes what it writes in the target's journal."""

    async def dirty(written: Sequence[Touched]) -> None:
        await migration.target_journal.note(migration.lease.epoch, written)

    return Follow(
        feeds,
        migration.documents,
        migration.records,
        migration.progress,
        migration.clock,
        migration.stuck,
        migration.tuning.window,
        hear=hear,
        dirty=dirty,
    )


async def follower(migration: Migration, seed: Seed) -> Follow:
    """Return what follows the changes since a seed began."""
    return replace(
        follow_of(migration, migration.feeds, migration.heartbeat.heard),
        listening_since=seed.began_at,
        expiry_s=await migration.feeds.documents_retention_s() * RETENTION_MARGIN,
    )


async def _round(follow: Follow, progress: Progress, wait_s: float) -> Round:
    # What may pass is tried again here; a runner that cannot read its feeds for hours finds that out by their gap.
    try:
        return await follow.round(wait_s)
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
