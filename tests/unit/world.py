"""A whole migration in memory: two stores, an application that writes to the source, and the feeds between."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document, Listed, differing_fields
from docferry.domain.record import Item, KeySchema, same
from docferry.domain.reserved import is_reserved
from docferry.lease import Lease
from docferry.migration import Directions, Migration, Sync, Tuning
from docferry.ports import HardFence, Written
from docferry.progress import Progress
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.gate import MemoryGate
from docferry.simulation.journal import MemoryJournal
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.records import MemoryRecords
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds, Follow
from docferry.stages.heartbeat import Heartbeat
from docferry.stuck import Stuck
from docferry.workflow import sync
from tests.unit.fakes import Always, ManualClock, unthrottled


class TargetDocuments(MemoryDocuments):
    """A target bucket whose writes echo on its feed; `looks` counts."""

    def __init__(self, source: MemoryDocuments, feed: MemoryFeed) -> None:
        super().__init__(source, page_rows=10)
        self.feed = feed
        self.looks = 0

    async def look(self, key: str) -> Document | None:
        self.looks += 1
        return await super().look(key)

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        written = await super().copy(source, expected)
        self.feed.document(DocumentChange(source.key, written.version))
        return written


class World:
    """Holds everything; its methods are what an application does at the source."""

    def __init__(self) -> None:
        self.clock, self.ledger, self.progress = ManualClock(), MemoryLedger(), Progress()
        self.source_gate, self.target_gate = MemoryGate(), MemoryGate()
        self.source_journal, self.target_journal = MemoryJournal(), MemoryJournal()
        self.provenance, self.stuck = MemoryProvenance(), Stuck(self.ledger)
        self.identity = {side: {"bucket": f"{side}-b", "table": f"{side}-t"} for side in ("source", "target")}
        self.feeds = Feeds(MemoryFeed(), MemoryFeed(), MemoryFeed(), MemoryFeed())
        self.source = MemoryDocuments(page_rows=10)
        self.target = TargetDocuments(self.source, self.target_feed)
        self.source_records = MemoryRecords(KeySchema("id"), page_items=10)
        self.target_records = MemoryRecords(KeySchema("id"), page_items=10)
        self.fences: tuple[HardFence | None, HardFence | None] = (None, None)
        self.documents = DocumentSides(self.source, self.target, self.provenance, Always())
        self.records = RecordSides(
            self.source_records, self.target_records, self.provenance, Always(), "document_key"
        )

    @property
    def source_feed(self) -> MemoryFeed:
        assert isinstance(self.feeds.source_documents, MemoryFeed)
        return self.feeds.source_documents

    @property
    def target_feed(self) -> MemoryFeed:
        assert isinstance(self.feeds.target_documents, MemoryFeed)
        return self.feeds.target_documents

    @property
    def record_feed(self) -> MemoryFeed:
        assert isinstance(self.feeds.source_records, MemoryFeed)
        return self.feeds.source_records

    def follow(self) -> Follow:
        return Follow(self.feeds, self.documents, self.records, self.progress, self.clock, self.stuck)

    def migration(self) -> Migration:
        return self.directions().forward

    def directions(self, name: str = "sync", owner: str = "test") -> Directions:
        """Return what wiring would build for one process, which holds the lease `name`."""
        feeds = self.feeds
        forward = self._migration(name, owner, self.documents, self.records, self.feeds, self.target_gate)
        back = DocumentSides(self.target, self.source.paired_with(self.target), self.provenance, Always())
        items = RecordSides(self.target_records, self.source_records, self.provenance, Always(), "document_key")
        turned = Feeds(feeds.target_documents, feeds.source_documents, feeds.target_records, feeds.source_records)
        reverse = self._migration(name, owner, back, items, turned, self.source_gate)
        return Directions(
            forward,
            replace(
                reverse,
                source_region=forward.target_region,
                target_region=forward.source_region,
                source_gate=self.target_gate,
                source_journal=self.target_journal,
                target_journal=self.source_journal,
                source_fence=self.fences[1],
                target_fence=self.fences[0],
            ),
        )

    def _migration(
        self, name: str, owner: str, documents: DocumentSides, records: RecordSides, feeds: Feeds, gate: MemoryGate
    ) -> Migration:
        own = None if name == "switch" else gate
        duration_s = 2.0 if name == "switch" else 60.0
        lease = Lease(self.ledger, own, self.clock, name=name, owner=owner, duration_s=duration_s)
        documents = replace(documents, permit=lease)
        assert isinstance(documents.source, MemoryDocuments)
        assert isinstance(documents.target, MemoryDocuments)
        back = documents.source.paired_with(documents.target)
        return Migration(
            clock=self.clock,
            ledger=self.ledger,
            source_region="source-region",
            target_region="target-region",
            source_gate=self.source_gate,
            target_gate=gate,
            source_journal=self.source_journal,
            target_journal=self.target_journal,
            documents=documents,
            records=replace(records, permit=lease),
            feeds=feeds,
            feed_checkpoints=(),
            lease=lease,
            owner=owner,
            identity=self.identity,
            progress=self.progress,
            throttle=unthrottled,
            ready=unthrottled,
            stuck=self.stuck,
            heartbeat=Heartbeat(documents, back, documents.source, documents.target, self.clock),
            tuning=Tuning(settle_s=1.0, spread_s=3.0),
            source_fence=self.fences[0],
            target_fence=self.fences[1],
        )

    def put(self, key: str, body: str, tags: Mapping[str, str] | None = None) -> None:
        self.source.write(key, body.encode(), metadata={}, tags=tags or {})
        self.source_feed.document(DocumentChange(key, "v"))

    def erase(self, key: str) -> None:
        self.source.erase(key)
        self.source_feed.document(DocumentChange(key, "v"))

    async def put_record(self, name: str, value: str, document: str = "") -> None:
        await self.source_records.put(record(name, value, document), await self.source_records.get(key_of(name)))
        self.record_feed.record(key_of(name))

    async def erase_record(self, name: str) -> None:
        held = await self.source_records.get(key_of(name))
        assert held
        await self.source_records.delete(key_of(name), held)
        self.record_feed.record(key_of(name))

    async def differing(self) -> set[str]:
        """Name every key whose sides differ, metadata and tags included."""
        found = set()
        for store, other in ((self.source, self.target), (self.target, self.source)):
            for name in store._versions:
                if is_reserved(name):
                    continue
                one, two = store._latest(name), other._latest(name)
                if (one is None) != (two is None) or (one and two and differing_fields(one, two)):
                    found.add(name)
        for table, others in (
            (self.source_records, self.target_records),
            (self.target_records, self.source_records),
        ):
            for item in table._items.values():
                if not same(item, await others.get({"id": item["id"]})):
                    found.add(f"record {item['id']['S']}")
        return found


def key_of(name: str) -> Item:
    return {"id": {"S": name}}


def record(name: str, value: str, document: str = "") -> Item:
    named: Item = {"document_key": {"S": document}} if document else {}
    return {**key_of(name), "value": {"N": value}, **named}


ONCE = Sync(once=True)


async def filled(count: int = 40) -> World:
    """Return a world whose source has documents, and a record for each, and whose target has nothing."""
    world = World()
    for n in range(count):
        world.source.write(f"k{n:02}", str(n).encode(), metadata={"n": str(n)}, tags={})
        await world.source_records.put(record(f"r{n}", str(n), f"k{n:02}"), None)
    return world


async def run(world: World, asked: Sync = ONCE) -> None:
    """Run one sync to its end."""
    await sync(world.directions(), asked, asyncio.Event())
