"""Runs the backfills, documents before records, until both are done, and again after what may pass."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Retryable
from docferry.history import note
from docferry.migration import Migration, Sync
from docferry.ports import Ledger
from docferry.resume import Seed
from docferry.stages.backfill import DocumentBackfill
from docferry.stages.backfill_records import RecordBackfill

ATTEMPTS = 10
"""So often in a row a stage may fail on what may pass, without getting any further, before the run gives up."""
ATTEMPT_WAIT_S = 5.0


async def backfill(migration: Migration, asked: Sync, seed: Seed, filled: asyncio.Event) -> None:
    """Run what the seed's checkpoints leave to do, then set `filled`. Raises Retryable if it gets no further."""
    if not asked.fill:
        migration.progress.phase = "follow"
        migration.progress.backfill_done = await filled_before(migration.ledger, seed)
        filled.set()
        return
    filling = False
    for name, stage in _BACKFILLS.items():
        checkpoint = await Checkpoint.load(migration.ledger, seed.backfill(name, asked.prefix))
        if not checkpoint.entry.get("done"):
            filling = True
            migration.progress.phase = f"backfill of {name}"
            await _persist(migration, checkpoint, partial(stage, migration, asked, seed, checkpoint))
    migration.progress.phase = "follow"
    migration.progress.backfill_done = True
    if filling:
        await note(migration.ledger, migration.clock, "backfill done")
    filled.set()


async def filled_before(ledger: Ledger, seed: Seed) -> bool:
    """Tell whether the backfills of a seed are done, of everything."""
    entries = [await ledger.read(seed.backfill(name, "")) for name in _BACKFILLS]
    return all(one and one.get("done") for one in entries)


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


def documents_of(migration: Migration, checkpoint: Checkpoint) -> DocumentBackfill:
    """Return the backfill of all documents; whoever brings only some replaces `prefix` or `keys`."""
    return DocumentBackfill(
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        migration.stuck,
        window=migration.tuning.window,
    )


def records_of(migration: Migration, seed: Seed, checkpoint: Checkpoint, segments: int) -> RecordBackfill:
    """Return the backfill of all records; whoever brings only some replaces `prefix` or `only`."""
    return RecordBackfill(
        migration.records,
        migration.documents,
        checkpoint,
        migration.progress,
        migration.throttle,
        migration.stuck,
        segments=segments,
        window=migration.tuning.window,
        # What was deleted while nobody listened is still at the target.
        left_over=seed.number > 0,
    )


async def _documents(migration: Migration, asked: Sync, seed: Seed, checkpoint: Checkpoint) -> None:
    began = migration.clock.monotonic()
    await replace(documents_of(migration, checkpoint), prefix=asked.prefix).run()
    migration.progress.documents_backfill_s = migration.clock.monotonic() - began


async def _records(migration: Migration, asked: Sync, seed: Seed, checkpoint: Checkpoint) -> None:
    segments = migration.tuning.scan_segments
    await replace(records_of(migration, seed, checkpoint, segments), prefix=asked.prefix).run()


_BACKFILLS: dict[str, Callable[[Migration, Sync, Seed, Checkpoint], Coroutine[Any, Any, None]]] = {
    "documents": _documents,
    "records": _records,
}
