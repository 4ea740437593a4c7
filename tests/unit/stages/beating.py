"""A world whose follower has heartbeats, and whose buckets tell their feeds what docferry writes."""

from dataclasses import replace

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document, Listed
from docferry.ports import Written
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.feed import MemoryFeed
from docferry.stages.follow import Follow
from docferry.stages.heartbeat import Beacon, Heartbeat
from tests.unit.world import World


class Loud(MemoryDocuments):
    """A bucket whose writes by docferry are events on its feed.

    `copies` are the keys copied to it, `error` is what writes meet, and `honest` whether conditions are honoured.
    """

    def __init__(self, inner: MemoryDocuments, source: MemoryDocuments, feed: MemoryFeed) -> None:
        super().__init__()
        self.__dict__ |= inner.paired_with(source).__dict__
        self.feed = feed
        self.copies: list[str] = []
        self.error: Exception | None = None
        self.honest = True

    async def put(self, key: str, number: str) -> str:
        self.refuse()
        version = await super().put(key, number)
        self.feed.document(DocumentChange(key, version))
        return version

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        self.refuse()
        written = await super().copy(source, expected if self.honest else self._latest(source.key))
        self.copies.append(source.key)
        self.feed.document(DocumentChange(source.key, written.version))
        return written

    def refuse(self) -> None:
        if self.error:
            raise self.error


class Beating(World):
    """Both buckets are loud: `here` is the source, `there` the target."""

    def __init__(self) -> None:
        super().__init__()
        self.here = Loud(self.source, self.target, self.source_feed)
        self.there = Loud(self.target, self.source, self.target_feed)
        self.heartbeat = self.beats(self.here, self.there)

    def beats(self, source: Beacon, target: Beacon) -> Heartbeat:
        documents = replace(self.documents, source=self.here, target=self.there)
        return Heartbeat(documents, self.here, source, target, self.clock)

    def follow(self) -> Follow:
        return replace(super().follow(), hear=self.heartbeat.heard)

    async def lose(self) -> None:
        """Lose every event that is on its way."""
        for feed in (self.source_feed, self.target_feed):
            await feed.take_off(await feed.receive(0))


async def looked(store: MemoryDocuments, key: str) -> Document:
    found = await store.look(key)
    assert found
    return found


def counted_looks(store: MemoryDocuments) -> list[str]:
    """Have a store note the key of each look at it, and return the list."""
    looks: list[str] = []
    look = store.look

    async def counting(key: str) -> Document | None:
        looks.append(key)
        return await look(key)

    store.look = counting  # type: ignore[method-assign]
    return looks
