"""A validation of everything in parts, and its sum, which counts as any other validation does."""

from dataclasses import dataclass
from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.errors import NeedsOperator
from docferry.domain.key_range import KeyRange
from docferry.history import note
from docferry.migration import Migration
from docferry.ports import Entry
from docferry.resume import refuse_other_stores
from docferry.stages.validate.walk import Part, Scope, Validation, chunk_of
from docferry.workers.ranges import all_ranges, divided, range_of
from docferry.workers.working import within
from docferry.workflow import comparing, turn_page

WHOLE = Scope()
ENTRY = "validation/parts"
_COUNTS = ("documents", "records", "undecided", "differences")


async def begin_validation(migration: Migration) -> Entry:
    """Begin a validation of level full anew, and return how many `ranges` and `segments` it has."""
    await refuse_other_stores(migration)
    held_ranges = await divided(migration.ledger)
    held = await Checkpoint.load(migration.ledger, ENTRY)
    entry = {
        "run": held.entry.get("run", 0) + 1,
        "ranges": held_ranges["count"],
        "segments": held_ranges["segments"],
        "started_at": migration.clock.now(),
        "from": migration.source_region,
        "to": migration.target_region,
        "dirty_epoch": await turn_page(migration),
    }
    await held.save(entry)
    return entry


@dataclass(frozen=True, slots=True)
class Validated:
    """What came of a part: whether it is `done`, and how many differences it has found so far."""

    done: bool
    differences: int


async def validate_range(migration: Migration, number: int, seconds: float) -> Validated:
    """Compare the documents of one range, going on where it was cut off."""
    return await _validate(migration, await _range(migration, number), seconds)


async def validate_segment(migration: Migration, number: int, seconds: float) -> Validated:
    """Compare the records of one segment, the source's and the target's."""
    return await _validate(migration, _segment(number), seconds)


async def _range(migration: Migration, number: int) -> Part:
    return _documents(number, await range_of(migration.ledger, number))


def _documents(number: int, keys: KeyRange) -> Part:
    return Part(f"documents/{number}", keys=keys)


def _segment(number: int) -> Part:
    return Part(f"records/{number}", segment=number)


async def _begun(migration: Migration) -> Entry:
    held = await migration.ledger.read(ENTRY)
    if held is None or held["from"] != migration.source_region:
        raise NeedsOperator("no validation was begun in this direction", hint="begin with its first step")
    return held


async def _validate(migration: Migration, part: Part, seconds: float) -> Validated:
    begun, scope = await _begun(migration), Scope(part=part)
    checkpoint = await Checkpoint.load(migration.ledger, scope.name)
    if checkpoint.entry.get("run") != begun["run"]:
        await checkpoint.save({})
    if "finished_at" not in checkpoint.entry:
        about: Entry = {"run": begun["run"]}
        validation = await comparing(migration, scope, checkpoint, segments=begun["segments"], about=about)
        await within(seconds, migration.clock, _run(validation))
    entry = checkpoint.entry
    return Validated("finished_at" in entry, entry.get("differences", 0))


async def _run(validation: Validation) -> None:
    def found(diff: Diff) -> None:
        """They are in the ledger."""

    await validation.run(found)


async def sum_up(migration: Migration) -> Entry:
    """Write the sum of all parts down as the validation of everything, and return it.

    Raises NeedsOperator if a part is not finished: what was not compared is never counted as the same.
    """
    begun = await _begun(migration)
    ranges = await all_ranges(migration.ledger)
    parts = [_documents(number, keys) for number, keys in enumerate(ranges)]
    parts += [_segment(number) for number in range(begun["segments"])]
    total: dict[str, Any] = {**dict.fromkeys((*_COUNTS, "chunks", "resumed"), 0), "segments": begun["segments"]}
    total |= {"after": "", "documents_done": True, "source": {}, "target": {}}
    total |= {name: begun[name] for name in ("started_at", "from", "to", "dirty_epoch")}
    for part in parts:
        await _add(migration, Scope(part=part), begun["run"], total)
    await (await Checkpoint.load(migration.ledger, WHOLE.name)).save(total)
    said = f"validation ({WHOLE.level.value}) found {total['differences']} differences"
    await note(migration.ledger, migration.clock, said)
    return total


async def _add(migration: Migration, scope: Scope, run: int, total: dict[str, Any]) -> None:
    ledger = migration.ledger
    entry = await ledger.read(scope.name)
    if not entry or entry.get("run") != run or "finished_at" not in entry:
        raise NeedsOperator(f"{scope.name} is not finished; nothing is lost", hint="redrive the state machine")
    # Summed up again, it is no younger.
    total["finished_at"] = max(total.get("finished_at", 0.0), entry["finished_at"])
    for name in _COUNTS:
        total[name] += entry[name]
    for number in range(entry["chunks"]):
        name = chunk_of(WHOLE, total["chunks"])
        held = await ledger.read(chunk_of(scope, number))
        await ledger.write(name, held or {}, await ledger.read(name))
        total["chunks"] += 1
