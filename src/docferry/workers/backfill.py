"""The backfill in parts: a range of documents, a segment of the records, and the end of it all."""

from dataclasses import dataclass, replace

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import InvalidInput, LeaseTaken, NeedsOperator, Retryable
from docferry.filling import documents_of, records_of
from docferry.history import note
from docferry.migration import Migration, Sync
from docferry.ports import Entry, Ledger
from docferry.preparing import prepare
from docferry.resume import Seed, begin, seed_of
from docferry.stages.backfill import DocumentBackfill
from docferry.stages.backfill_records import RecordBackfill
from docferry.workers.ranges import ENTRY as RANGES
from docferry.workers.ranges import all_ranges, divided, range_of
from docferry.workers.working import begun, under_lease, within


async def begin_backfill(migration: Migration) -> Seed:
    """See that the stores are ready, set up the gates, and begin a seed unless a runner has.

    `migration` holds the runner's lease meanwhile. Raises as `sync` does, and Retryable while a runner begins.
    """
    await prepare(migration)
    if held := await seed_of(migration.ledger):
        return held
    try:
        await migration.lease.acquire()
    except LeaseTaken as error:
        raise Retryable(f"another process is about to begin: {error}") from error
    try:
        return await begin(migration, Sync())
    finally:
        await migration.lease.release()


def _documents(seed: Seed, number: int) -> str:
    return f"backfill/{seed.number}/range/{number}"


def _records(seed: Seed, number: int) -> str:
    return f"backfill/{seed.number}/segment/{number}"


async def fill_range(migration: Migration, number: int, seconds: float) -> bool:
    """Bring the documents of one range, and tell whether that was done in the time there was."""
    seed, keys = await begun(migration), await range_of(migration.ledger, number)
    checkpoint = await Checkpoint.load(migration.ledger, _documents(seed, number))
    stage = replace(documents_of(migration, checkpoint), keys=keys)
    return await _fill(migration, checkpoint, stage, seconds)


async def fill_segment(migration: Migration, number: int, seconds: float) -> bool:
    """Bring the records of one scan segment, and tell whether that was done in the time there was."""
    seed, segments = await begun(migration), (await divided(migration.ledger))["segments"]
    if number >= segments:
        raise InvalidInput(f"there is no segment {number} of {segments}")
    checkpoint = await Checkpoint.load(migration.ledger, _records(seed, number))
    stage = replace(records_of(migration, seed, checkpoint, segments), only=number)
    return await _fill(migration, checkpoint, stage, seconds)


async def _fill(
    migration: Migration, checkpoint: Checkpoint, stage: DocumentBackfill | RecordBackfill, seconds: float
) -> bool:
    # A finished stage that is run again makes another pass.
    if checkpoint.entry.get("done"):
        return True
    await migration.stuck.load()
    return await within(seconds, migration.clock, under_lease(migration, stage.run))


async def ranges_done(ledger: Ledger, seed: Seed, known: int = 0) -> tuple[int, int]:
    """Return up to which range all are done, and how many there are. `known` are done for certain."""
    total = (await ledger.read(RANGES) or {}).get("count", 0)
    while known < total and (await ledger.read(_documents(seed, known)) or {}).get("done"):
        known += 1
    return known, total


@dataclass(frozen=True, slots=True)
class Filled:
    """How many documents and records there were at the source when they were brought."""

    documents: int
    records: int


async def finish_backfill(migration: Migration) -> Filled:
    """Note that the backfill is done, for switches and runners. Raises NeedsOperator if a part of it is not."""
    ledger, seed = migration.ledger, await begun(migration)
    ranges, segments = len(await all_ranges(ledger)), (await divided(ledger))["segments"]
    documents = [await _done(ledger, _documents(seed, number)) for number in range(ranges)]
    records = [await _done(ledger, _records(seed, number), segments) for number in range(segments)]
    filled = Filled(sum(one["documents"] for one in documents), sum(one["records"] for one in records))
    end = {"done": True, "passes": 1}
    await _save(ledger, seed.backfill("documents", ""), {**end, "after": "", "documents": filled.documents})
    scanned = {"segments": segments, "source": {}, "target": {}, "records": filled.records}
    await _save(ledger, seed.backfill("records", ""), {**end, **scanned})
    await note(ledger, migration.clock, "backfill done")
    return filled


async def _done(ledger: Ledger, name: str, segments: int | None = None) -> Entry:
    held = await ledger.read(name)
    if not held or not held.get("done") or held.get("segments") != segments:
        raise NeedsOperator(f"{name} is not done; what was carried is in place", hint="redrive the state machine")
    return held


async def _save(ledger: Ledger, name: str, entry: Entry) -> None:
    await (await Checkpoint.load(ledger, name)).save(entry)
