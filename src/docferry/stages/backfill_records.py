"""Backfill of records: every scan segment is read, what the target lacks is put on condition, then confirmed.

It runs after the documents' backfill, so that a record finds its document there. Where an application created both
meanwhile, the record may be ahead of its document by the change feed's lag: the target serves nobody yet.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docferry.bounded import each
from docferry.checkpoint import Checkpoint
from docferry.domain.change import Kind
from docferry.domain.errors import Conflict
from docferry.domain.record import Item, KeySchema, by_key, digest, document_key, same
from docferry.ports import Mark, Throttle
from docferry.progress import Progress
from docferry.scan import chosen, scan_all
from docferry.stages.apply import Action, DocumentSides, RecordSides, apply_record
from docferry.stuck import Stuck


@dataclass(frozen=True, slots=True)
class RecordBackfill:
    """One backfill of records. `segments` is how many scans go side by side, `prefix` bounds the documents' keys.

    A resumed run keeps the number of segments it began with, and `only` is the one of them to be read, if not all.
    With `left_over` the first pass, too, looks at what only the target has.
    """

    sides: RecordSides
    documents: DocumentSides
    checkpoint: Checkpoint
    progress: Progress
    throttle: Throttle
    stuck: Stuck
    segments: int = 4
    window: int = 64
    prefix: str = ""
    left_over: bool = False
    only: int | None = None

    async def run(self) -> None:
        """Go on from the checkpoint to the end.

        In a later pass, or after it was cut off, what only the target has is looked at too.
        """
        entry = self.checkpoint.entry
        if entry.get("done", True):
            begun = {"segments": self.segments, "passes": entry.get("passes", int(self.left_over)), "done": False}
            entry = {**begun, "source": {}, "target": {}, "records": 0}
            # Saved before anything is put: cut off on its first page, too, it was begun.
            await self.checkpoint.save(entry)
        else:
            # Cut off between put and confirm, a record may have been deleted since, and its event been looked at.
            entry["resumed"] = True
        filler = _Filler(self, asyncio.Semaphore(self.window))

        async def save(counts: list[int]) -> None:
            entry["records"] += sum(counts)
            await self.checkpoint.save(entry)

        numbers = chosen(entry["segments"], self.only)
        await scan_all(self.sides.source, numbers, entry["source"], filler.fill, save)
        if entry["passes"] or entry.get("resumed"):
            await scan_all(self.sides.target, numbers, entry["target"], filler.left_over, save)
        await self.checkpoint.save({**entry, "done": True, "passes": entry["passes"] + 1})


@dataclass(frozen=True, slots=True)
class _Filler:
    backfill: RecordBackfill
    slots: asyncio.Semaphore

    def _wanted(self, item: Item) -> bool:
        prefix = self.backfill.prefix
        return not prefix or (document_key(item, self.backfill.sides.document_attribute) or "").startswith(prefix)

    async def fill(self, page: Sequence[Item]) -> int:
        """Bring records over and return how many there were."""
        sides, progress = self.backfill.sides, self.backfill.progress
        schema = await sides.source.schema()
        items = [item for item in page if self._wanted(item)]
        progress.records_seen += len(page)
        there = by_key(schema, await sides.target.get_many([schema.key_of(one) for one in items]))
        missing = {}
        for item in items:
            name = digest(schema.key_of(item))
            if name not in there:
                missing[name] = item
            elif same(item, there[name]):
                progress.records_same += 1
            else:
                await self._apply(schema.key_of(item))
        if missing:
            # Noted first: a crash between the two must not make our own write look like somebody else's.
            marks = [Mark(name, digest(item)) for name, item in missing.items()]
            await sides.provenance.note(Kind.RECORD, marks)
            await each(missing.values(), self._put, self.slots)
            await self._confirm(schema, missing)
        return len(page)

    async def left_over(self, page: Sequence[Item]) -> int:
        """Look at what only the target has: ours was deleted at the source since, what is not ours stays."""
        sides = self.backfill.sides
        schema = await sides.source.schema()
        items = [item for item in page if self._wanted(item)]
        keys = [schema.key_of(one) for one in items]
        there = by_key(schema, await sides.source.get_many(keys))
        alone = {name: one for name, one in by_key(schema, items).items() if name not in there}
        marks = {name: Mark(name, digest(item)) for name, item in alone.items()}
        ours = await sides.provenance.wrote(Kind.RECORD, list(marks.values()))
        for name, item in alone.items():
            if marks[name] in ours:
                await self._apply(schema.key_of(item))
            else:
                self.backfill.progress.foreign_records += 1
        return 0

    async def _put(self, item: Item) -> None:
        key = (await self.backfill.sides.source.schema()).key_of(item)
        named = document_key(item, self.backfill.sides.document_attribute)
        # A record never points at a document that could not be brought over.
        without = named is not None and self.backfill.stuck.holds(Kind.DOCUMENT, named)
        work = self._apply_now(key) if without else self._put_new(item)
        await self.backfill.stuck.carry(Kind.RECORD, key, work)

    async def _put_new(self, item: Item) -> None:
        sides = self.backfill.sides
        await self.backfill.throttle()
        sides.permit.check()
        try:
            await sides.target.put(item, None)
            self.backfill.progress.records_copied += 1
        except Conflict:
            await self._apply_now((await sides.source.schema()).key_of(item))

    async def _confirm(self, schema: KeySchema, put: Mapping[str, Item]) -> None:
        keys = [schema.key_of(item) for item in put.values()]
        now = by_key(schema, await self.backfill.sides.source.get_many(keys))
        for name, item in put.items():
            if not same(now.get(name), item):
                await self._apply(schema.key_of(item))

    async def _apply(self, key: Item) -> None:
        await self.backfill.stuck.carry(Kind.RECORD, key, self._apply_now(key))

    async def _apply_now(self, key: Item) -> None:
        if await apply_record(self.backfill.sides, self.backfill.documents, key) is not Action.NOTHING:
            self.backfill.progress.records_applied += 1
