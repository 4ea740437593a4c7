"""Repair: brings differences that a validation found to the source's state, by apply like everything else."""

import asyncio
from collections.abc import AsyncIterator

from docferry.domain.change import Kind
from docferry.ports import Entry
from docferry.stages.apply import DocumentSides, RecordSides, apply_document, apply_record


async def repair(
    documents: DocumentSides, records: RecordSides, differences: AsyncIterator[Entry], stop: asyncio.Event
) -> int:
    """Apply each key and return how many; what the target loses by it is kept first.

    Raises what apply raises. Ends early once `stop` is set.
    """
    done = 0
    async for one in differences:
        if stop.is_set():
            break
        if one["kind"] == Kind.DOCUMENT.value:
            await apply_document(documents, one["key"])
        else:
            await apply_record(records, documents, one["key"])
        done += 1
    return done
