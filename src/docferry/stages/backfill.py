"""Backfill: brings over everything that exists, range by range, about one request a document.

A range is listed on both sides; what is missing at the target is copied on condition; then the source's range is
listed again, and what moved meanwhile is applied anew. A document that the target already has is looked at in the
first pass; in later ones the listing decides, because whatever it cannot show has come through the change feed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

from docferry.bounded import in_order
from docferry.checkpoint import Checkpoint
from docferry.domain.change import Kind
from docferry.domain.document import Listed, Sameness, same_etag
from docferry.domain.errors import Conflict
from docferry.domain.key_range import EVERYTHING, KeyRange
from docferry.march import Pair, Stretch, march
from docferry.ports import DocumentStore, Mark, intended
from docferry.progress import Progress
from docferry.stages.apply import Action, DocumentSides, apply_document, wrote_document
from docferry.stuck import Stuck

RANGES_IN_FLIGHT = 3

Throttle = Callable[[], Awaitable[None]]
"""Waits until one more document may be copied."""


@dataclass(frozen=True, slots=True)
class DocumentBackfill:
    """One backfill of documents. `window` bounds the requests in flight, `prefix` and `keys` what is brought."""

    sides: DocumentSides
    checkpoint: Checkpoint
    progress: Progress
    throttle: Throttle
    stuck: Stuck
    window: int = 64
    prefix: str = ""
    keys: KeyRange = EVERYTHING

    async def run(self) -> None:
        """Go on from the checkpoint to the end. Raises what apply raises; then the range is done again."""
        entry = self.checkpoint.entry
        if entry.get("done"):
            entry = {"after": self.keys.after, "done": False, "passes": entry["passes"]}
            await self.checkpoint.save(entry)
        filler = _Filler(self, first_pass=not entry.get("passes"), slots=asyncio.Semaphore(self.window))
        await in_order(
            self._stretches(entry.get("after", self.keys.after)), filler.fill, self._complete, RANGES_IN_FLIGHT
        )

    def _stretches(self, after: str) -> AsyncIterator[Stretch]:
        sides = self.sides.source, self.sides.target
        return march(*sides, after=after, prefix=self.prefix, bound=self.keys.through)

    async def _complete(self, stretch: Stretch, filled: None) -> None:
        # Ranges end in their own order but count in key order: everything up to `after` is done.
        held, done = self.checkpoint.entry, stretch.last
        await self.checkpoint.save(
            {
                "after": stretch.through,
                "done": done,
                "passes": held.get("passes", 0) + done,
                "documents": held.get("documents", 0) + sum(1 for source, _ in stretch.pairs if source),
            }
        )


@dataclass(frozen=True, slots=True)
class _Filler:
    backfill: DocumentBackfill
    first_pass: bool
    slots: asyncio.Semaphore

    async def fill(self, stretch: Stretch) -> None:
        marks: list[Mark] = []
        todo = [pair for pair in stretch.pairs if self._wants(pair)]
        progress = self.backfill.progress
        progress.documents_seen += len(stretch.pairs) - len(todo)
        progress.documents_same += len(stretch.pairs) - len(todo)
        missing = [source for source, target in todo if source and target is None]
        await self.backfill.sides.provenance.note(Kind.DOCUMENT, [intended(row.key, row.etag) for row in missing])
        await self._bring_all(todo, marks)
        if marks:
            await self.backfill.sides.provenance.note(Kind.DOCUMENT, marks)
            await self._confirm(stretch, {mark.key for mark in marks})

    async def _bring_all(self, todo: list[Pair], marks: list[Mark]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                pairs = iter(todo)
                for _ in range(min(self.backfill.window, len(todo))):
                    group.create_task(self._work(pairs, marks))
        except ExceptionGroup as failed:
            # One key's failure ends the range; the others' only say the same again.
            raise failed.exceptions[0] from failed

    async def _work(self, pairs: Iterator[Pair], marks: list[Mark]) -> None:
        # One slot for pair after pair: a task and a wait for each would cost more than signing its request.
        async with self.slots:
            for pair in pairs:
                await self._bring(pair, marks)

    def _wants(self, pair: Pair) -> bool:
        source, target = pair
        if source is None or target is None or self.first_pass:
            return True
        return not _listed_alike(source, target)

    async def _bring(self, pair: Pair, marks: list[Mark]) -> None:
        row = pair[0] or pair[1]
        assert row is not None
        await self.backfill.stuck.carry(Kind.DOCUMENT, row.key, self._carry(pair, marks))
        self.backfill.progress.documents_seen += 1

    async def _carry(self, pair: Pair, marks: list[Mark]) -> None:
        source, target = pair
        sides, progress = self.backfill.sides, self.backfill.progress
        await self.backfill.throttle()
        if source is None:
            await self._left_over(pair[1])
        elif target is None:
            sides.permit.check()
            try:
                written = await sides.target.copy(source, None)
            except Conflict:
                await self._apply(source.key)
                return
            marks.append(Mark(source.key, written.version))
            progress.documents_copied += 1
            progress.bytes_copied += source.size
        else:
            await self._apply(source.key)

    async def _left_over(self, target: Listed | None) -> None:
        # Only at the target: deleted at the source since we copied it, or never ours; what is not ours stays.
        sides = self.backfill.sides
        shown = await sides.target.look(target.key) if target else None
        if shown is None:
            return
        if await wrote_document(sides.provenance, shown):
            await self._apply(shown.key)
        else:
            self.backfill.progress.foreign_documents += 1

    async def _apply(self, key: str) -> None:
        action = await apply_document(self.backfill.sides, key)
        if action is Action.NOTHING:
            self.backfill.progress.documents_same += 1
        else:
            self.backfill.progress.documents_applied += 1

    async def _confirm(self, stretch: Stretch, copied: set[str]) -> None:
        before = {source.key: source for source, _ in stretch.pairs if source and source.key in copied}
        after = stretch.after
        async for row in _rows(self.backfill.sides.source, after, stretch.through, self.backfill.prefix):
            if before.pop(row.key, row) != row:
                await self._apply_moved(row.key)
        for key in before:
            await self._apply_moved(key)

    async def _apply_moved(self, key: str) -> None:
        await self.backfill.stuck.carry(Kind.DOCUMENT, key, self._apply(key))


async def _rows(store: DocumentStore, after: str, through: str, prefix: str) -> AsyncIterator[Listed]:
    more = True
    while more:
        page = await store.page(after, prefix)
        for row in page.rows:
            if through and row.key > through:
                return
            yield row
        after = page.rows[-1].key if page.rows else after
        # Another page would be asked for only to find that all of it is beyond.
        more = page.more and not (through and after >= through)


def _listed_alike(source: Listed, target: Listed) -> bool:
    return (
        source.size == target.size
        and source.storage_class == target.storage_class
        and same_etag(source.etag, target.etag) is Sameness.SAME
    )
