"""The keys that were touched around a switch: read from the journal, carried over, compared."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from docferry.bounded import each
from docferry.domain.change import Kind
from docferry.domain.document import Document, differing_fields
from docferry.domain.errors import Conflict, Retryable
from docferry.domain.journal import Touched
from docferry.domain.record import Item, by_key, digest, same
from docferry.migration import Migration
from docferry.ports import Journal
from docferry.scan import READ_AT_ONCE
from docferry.stages.apply import apply_document, apply_record, copied_from

Keys = Mapping[str, Touched]
"""Touched keys by their names."""
PAGE = 1000


async def each_page(journal: Journal, epochs: Iterable[int], work: Callable[[Keys], Awaitable[None]]) -> int:
    """Do the work for everything that was touched under some epochs of a gate, page by page, and return how many.

    Epochs are gone through side by side, and a key that was touched under several of them comes once: memory grows
    with the names.
    """
    seen: set[str] = set()

    async def of(epoch: int) -> None:
        page: dict[str, Touched] = {}
        async for one in journal.touched(epoch):
            if one.name in seen:
                continue
            seen.add(one.name)
            page[one.name] = one
            if len(page) == PAGE:
                await work(page)
                page = {}
        if page:
            await work(page)

    await asyncio.gather(*map(of, epochs))
    return len(seen)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries and compares keys in the direction of a migration, under its permit.

    It works beside the runner: several appliers on one key are what apply is made for.
    """

    migration: Migration

    async def carry(self, keys: Keys) -> Keys:
        """Bring keys to the source's state, and return those that changed too fast or could not be reached.

        Raises what apply raises beside: a key that AWS refuses for good ends it.
        """
        left: dict[str, Touched] = {}

        async def one(touched: Touched) -> None:
            try:
                await self._apply(touched)
            except (Retryable, Conflict):
                left[touched.name] = touched

        slots = asyncio.Semaphore(self.migration.tuning.window)
        records = await self._differing_records(keys)
        await each([*_of(keys, Kind.DOCUMENT), *records], one, slots)
        return left

    async def _apply(self, touched: Touched) -> None:
        if isinstance(touched.key, str):
            await apply_document(self.migration.documents, touched.key)
        else:
            await apply_record(self.migration.records, self.migration.documents, touched.key)

    async def differing(self, keys: Keys) -> Keys:
        """Return those keys that are not the same on both sides now, bytes included as far as can be told."""
        found: dict[str, Touched] = {}

        async def one(touched: Touched) -> None:
            assert isinstance(touched.key, str)
            if not await self._same_document(touched.key):
                found[touched.name] = touched

        slots = asyncio.Semaphore(self.migration.tuning.window)
        records, _ = await asyncio.gather(
            self._differing_records(keys), each(_of(keys, Kind.DOCUMENT), one, slots)
        )
        return found | {one.name: one for one in records}

    async def _same_document(self, key: str) -> bool:
        sides = self.migration.documents
        target, source = await asyncio.gather(sides.target.look(key), sides.source.look(key))
        if source is None or target is None:
            return source is target
        return await same_documents(self.migration, source, target)

    async def _differing_records(self, keys: Keys) -> list[Touched]:
        records = self.migration.records
        wanted = {digest(one.key): one for one in _of(keys, Kind.RECORD) if not isinstance(one.key, str)}
        schema, names = await records.source.schema(), list(wanted)

        async def batch(names: list[str]) -> list[Touched]:
            asked: list[Item] = [one.key for one in map(wanted.__getitem__, names) if not isinstance(one.key, str)]
            target = by_key(schema, await records.target.get_many(asked))
            source = by_key(schema, await records.source.get_many(asked))
            return [wanted[name] for name in names if not same(source.get(name), target.get(name))]

        batches = [names[start : start + READ_AT_ONCE] for start in range(0, len(names), READ_AT_ONCE)]
        return [one for found in await asyncio.gather(*map(batch, batches)) for one in found]


async def same_documents(migration: Migration, source: Document, target: Document) -> bool:
    """Tell whether both are the same; where ETags are no digests, a copy of that very version settles it."""
    fields = differing_fields(source, target)
    if fields == ("bytes?",):
        return await copied_from(migration.documents.provenance, source, target)
    return not fields


def _of(keys: Keys, kind: Kind) -> list[Touched]:
    return [one for one in keys.values() if one.kind is kind]
