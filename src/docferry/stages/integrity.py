"""Integrity across the two stores of one side: records that name a missing document, documents nobody names."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docferry.domain.record import Item, KeySchema, document_key
from docferry.ports import DocumentStore, RecordStore
from docferry.scan import chosen, scan_all
from docferry.spool import KeySpool

SAMPLES = 100


@dataclass(frozen=True, slots=True)
class Integrity:
    """Counts, and the first of each by name. With live writers some are only on their way."""

    dangling_records: int
    orphan_documents: int
    dangling_samples: tuple[tuple[str, str], ...]
    orphan_samples: tuple[str, ...]


async def check_integrity(
    documents: DocumentStore, records: RecordStore, attribute: str, directory: Path, *, segments: int
) -> Integrity:
    """List all documents and scan all records of one side; the keys are sorted on disk in `directory`."""
    with KeySpool(directory) as spool:
        after, more = "", True
        while more:
            page = await documents.page(after)
            await asyncio.to_thread(spool.documents, [row.key for row in page.rows])
            more = page.more
            after = page.rows[-1].key if page.rows else after
        await _references(spool, records, attribute, segments)
        dangling = await asyncio.to_thread(spool.dangling, SAMPLES)
        orphans = await asyncio.to_thread(spool.orphans, SAMPLES)
    return Integrity(dangling.count, orphans.count, tuple(dangling.first), tuple(orphans.first))


async def _references(spool: KeySpool, records: RecordStore, attribute: str, segments: int) -> None:
    schema = await records.schema()
    one_call = asyncio.Lock()

    async def take(items: Sequence[Item]) -> None:
        named = [(label(schema, item), document_key(item, attribute)) for item in items]
        async with one_call:
            await asyncio.to_thread(spool.references, [(record, key) for record, key in named if key])

    async def nothing(_: list[None]) -> None:
        return

    state: dict[str, Any] = {}
    await scan_all(records, chosen(segments), state, take, nothing)


def label(schema: KeySchema, item: Item) -> str:
    """Return a record's key values as a person reads them."""
    return "/".join(str(next(iter(item[name].values()))) for name in schema.names)
