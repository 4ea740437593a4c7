"""One side of a move as a test sees it: what is in it, and its gate."""

import asyncio
import os
from dataclasses import dataclass

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.journal import DynamoJournal
from docferry.aws.s3 import S3Documents
from docferry.client import DocumentStore, Fetched
from docferry.client.uploads import PART_BYTES
from docferry.clock import SystemClock
from docferry.domain.gate import Gate, Writer
from docferry.settings import Side

LARGE = os.urandom(1024) * (2 * PART_BYTES // 1024) + b"tail"


@dataclass(frozen=True)
class Region:
    """One side with what tests look at and turn."""

    client: AwsClient
    side: Side

    @property
    def gate(self) -> DynamoGate:
        return DynamoGate(DynamoRecords(self.client, self.side.control_table))

    @property
    def documents(self) -> S3Documents:
        return S3Documents(self.client, self.side.bucket)

    async def turn(self, writer: Writer, *, journal: bool = False) -> int:
        before = await self.gate.read()
        after = before.turned(writer, journal=journal) if before else Gate(writer, 1, journal=journal)
        await self.gate.change(before, after)
        return after.epoch

    async def noted(self, epoch: int) -> list[object]:
        journal = DynamoJournal(DynamoRecords(self.client, self.side.journal_table), SystemClock())
        return [one.key async for one in journal.touched(epoch)]


async def switch(source: Region, target: Region, *, journal: bool = False) -> int:
    await source.turn(Writer.NOBODY)
    await asyncio.sleep(0.2)
    await target.turn(Writer.NOBODY)
    epoch = await target.turn(Writer.APPLICATION, journal=journal)
    await source.turn(Writer.REPLICATOR)
    return epoch


async def fetched(store: DocumentStore, key: str) -> Fetched:
    found = await store.get(key)
    assert found
    return found
