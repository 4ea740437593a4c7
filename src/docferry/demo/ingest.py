"""Fills the source as an application would: each document, then the records that name it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docferry.bounded import each
from docferry.clock import SystemClock
from docferry.demo.access import application_client
from docferry.demo.direct import Direct, Ingest
from docferry.demo.documents import LocalDocument
from docferry.demo.oplog import OperationLog
from docferry.demo.oracle import INGEST
from docferry.demo.records import keys_of, note_key
from docferry.settings import Settings

AT_ONCE = 24
NOTES_PER_DOCUMENT = 50
"""One record that names no document for so many documents, and at least one."""
Report = Callable[[int, int], None]
"""Takes how many documents are in, and of how many."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What was put in; `bytes` is the sum of the documents' sizes, `seconds` how long it took."""

    documents: int
    bytes: int
    records: int
    seconds: float


async def ingest(settings: Settings, documents: Sequence[LocalDocument], log: Path, report: Report) -> Ingested:
    """Put documents and records into the source and note each in `log`, a file that is not there yet.

    Each document is held in memory while it is sent. Raises DocferryError if a request failed for good, OSError
    if a file cannot be read any more.
    """
    clock = SystemClock()
    start = clock.monotonic()
    notes = note_count(len(documents))
    sizes: list[int] = []
    records = [notes]

    async def one(document: LocalDocument) -> None:
        sizes.append(await _put(application, document))
        records.append(await _put_records(application, document.key))
        report(len(sizes), len(documents))

    async def note(number: int) -> None:
        await application.put_record("create", note_key(number))

    with OperationLog(log) as operations:
        async with application_client(settings, settings.source) as client:
            requests, attribute = Direct(client, settings.source), settings.records.document_attribute
            application = Ingest(requests, operations, clock, INGEST, attribute)
            await each(documents, one, asyncio.Semaphore(AT_ONCE))
            await each(range(notes), note, asyncio.Semaphore(AT_ONCE))
    return Ingested(len(sizes), sum(sizes), sum(records), clock.monotonic() - start)


def note_count(documents: int) -> int:
    """Return how many records without a document go with so many documents."""
    return max(1, documents // NOTES_PER_DOCUMENT)


async def _put(application: Ingest, document: LocalDocument) -> int:
    body = document.read()
    asked = (body, document.content_type, document.metadata, document.tags)
    if document.in_parts:
        await application.put_in_parts(document.key, *asked)
    else:
        await application.put("create", document.key, *asked)
    return len(body)


async def _put_records(application: Ingest, key: str) -> int:
    keys = keys_of(key)
    for record in keys:
        await application.put_record("create", record, key)
    return len(keys)
