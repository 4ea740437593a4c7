"""A world whose every write is an event, with a runner at work and applications that write through the client."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from docferry.client.leave import Leave, Region
from docferry.client.route import Route
from docferry.domain.errors import DocferryError, ServiceError
from docferry.domain.gate import Gate, Writer
from docferry.domain.record import KeySchema
from docferry.domain.switch import Step, Switch, Turn
from docferry.migration import Sync
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.fence import MemoryFence
from docferry.simulation.gate import MemoryGate
from docferry.simulation.records import MemoryRecords
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.perform import perform
from docferry.switch.terms import Terms
from docferry.workflow import sync, validate
from tests.unit.fakes import Always
from tests.unit.world import World, key_of, record

TERMS = Terms(lease_s=1.0, deadline_s=10.0)


async def approved() -> None:
    return


@dataclass
class Application:
    """Counts up what it wrote under each of its own keys; `acknowledged` is what must be there."""

    moving: "Moving"
    route: Route
    name: str
    acknowledged: dict[str, str | None] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=lambda: {"source": 0, "target": 0})
    longest_s: float = 0.0
    resting: bool = False

    async def put(self, key: str, body: str) -> None:
        async def send(leave: Leave) -> None:
            leave.check()
            # The request is on its way for a moment, and lands whatever has become of the lease meanwhile.
            await self.moving.clock.sleep(0.01)
            self.moving.refuse_fenced(leave.region)
            self.moving.at(leave.region).write(key, body.encode(), metadata={}, tags={})
            self.written[leave.region] += 1

        await self._done(self.route.write(send, documents=[key]))
        self.acknowledged[key] = body

    async def delete(self, key: str) -> None:
        async def send(leave: Leave) -> None:
            leave.check()
            await self.moving.clock.sleep(0.01)
            self.moving.refuse_fenced(leave.region)
            self.moving.at(leave.region).erase(key)
            self.written[leave.region] += 1

        await self._done(self.route.write(send, documents=[key]))
        self.acknowledged[key] = None

    async def _done(self, write: object) -> None:
        began = self.moving.clock.monotonic()
        await write  # type: ignore[misc]
        self.longest_s = max(self.longest_s, self.moving.clock.monotonic() - began)

    async def work(self, draw: random.Random) -> None:
        for number in range(1_000_000):
            while self.moving.quiet:
                self.resting = True
                await self.moving.clock.sleep(0.05)
            self.resting = False
            key = f"{self.name}-{draw.randrange(12)}"
            if self.acknowledged.get(key) and draw.random() < 0.25:
                await self.delete(key)
            else:
                await self.put(key, f"{number}")
            await self.moving.clock.sleep(0.05 * draw.random())


class Watched(MemoryGate):
    """A gate that fails the test if both say application after a change, or if an epoch does not grow."""

    other: "Watched"

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        assert expected is None or desired.epoch > expected.epoch
        await super().change(expected, desired)
        open_gates = [one for one in (await self.read(), await self.other.read()) if one]
        assert sum(one.writer is Writer.APPLICATION for one in open_gates) <= 1


class Moving(World):
    """Documents and records on both sides; `told` is what the steps of switches said."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[Step, str]] = []
        self.quiet = False
        self.denials = 0
        self.runner: asyncio.Future[None] | None = None
        self.source_gate, self.target_gate = Watched(), Watched()
        self.source_gate.other, self.target_gate.other = self.target_gate, self.source_gate
        feeds = self.feeds
        for feed in (feeds.source_documents, feeds.target_documents, feeds.source_records, feeds.target_records):
            assert isinstance(feed, MemoryFeed)
        assert isinstance(feeds.source_records, MemoryFeed)
        assert isinstance(feeds.target_records, MemoryFeed)
        self.source = MemoryDocuments(page_rows=10, events=self.source_feed.document)
        self.target = MemoryDocuments(  # type: ignore[assignment]
            self.source, page_rows=10, events=self.target_feed.document
        )
        self.source_records = MemoryRecords(KeySchema("id"), events=feeds.source_records.record)
        self.target_records = MemoryRecords(KeySchema("id"), events=feeds.target_records.record)
        self.documents = DocumentSides(self.source, self.target, self.provenance, Always())
        self.records = RecordSides(
            self.source_records, self.target_records, self.provenance, Always(), "document_key"
        )

    def at(self, region: str) -> MemoryDocuments:
        return self.source if region == "source" else self.target

    def refuse_fenced(self, region: str) -> None:
        """Raise what AWS raises if the hard fence of a region denies writes now."""
        fence = self.fences[0] if region == "source" else self.fences[1]
        if isinstance(fence, MemoryFence) and fence.refuses():
            self.denials += 1
            raise ServiceError("denied", code="AccessDenied", status=403)

    def route(self, name: str) -> Route:
        regions = {
            "source": Region(self.source_gate, self.source_journal),
            "target": Region(self.target_gate, self.target_journal),
        }
        return Route(regions, self.clock, lease_s=TERMS.lease_s, deadline_s=TERMS.deadline_s, client=name)

    def tell(self, step: Step, said: str) -> None:
        self.told.append((step, said))

    async def switch(self, turn: Turn = Turn.CUTOVER, terms: Terms = TERMS, owner: str = "operator") -> Switch:
        return await perform(self.directions("switch", owner), turn, terms, self.tell, approved)

    async def writers(self) -> tuple[str, str]:
        """Return who may write on each side."""
        gates = await self.source_gate.read(), await self.target_gate.read()
        return tuple(gate.writer.value if gate else "" for gate in gates)  # type: ignore[return-value]


@asynccontextmanager
async def moving(
    applications: int = 3, seed: int = 0, *, fenced: bool = False
) -> AsyncIterator[tuple[Moving, list[Application]]]:
    """Give a world that is filled, followed, validated and written to, with hard fences or without."""
    world = Moving()
    if fenced:
        world.fences = MemoryFence(world.clock), MemoryFence(world.clock)
    for n in range(20):
        world.source.write(f"k{n:02}", str(n).encode(), metadata={}, tags={})
        await world.source_records.put(record(f"r{n}", str(n), f"k{n:02}"), None)
    stop = asyncio.Event()
    world.runner = runner = asyncio.ensure_future(sync(world.directions(), Sync(), stop))
    try:
        await _until(world, runner)
        await validate(world.migration(), Scope(Level.FULL), lambda _: None)
        writing = [Application(world, world.route(f"app{n}"), f"app{n}") for n in range(applications)]
        tasks = [asyncio.ensure_future(one.work(random.Random(seed * 100 + n))) for n, one in enumerate(writing)]
        try:
            await world.clock.sleep(3.0)
            yield world, writing
            for task in tasks:
                if task.done():
                    await task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        stop.set()
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)


async def _until(world: Moving, runner: "asyncio.Future[None]") -> None:
    while not (world.progress.caught_up and world.migration().heartbeat is not None):
        if runner.done():
            await runner
        await world.clock.sleep(0.1)


async def lost(world: Moving, applications: list[Application], *regions: str) -> dict[str, list[str | None]]:
    """Let writing come to rest, and return every acknowledged write that not all these regions hold."""
    world.quiet = True
    while not all(one.resting for one in applications):
        await world.clock.sleep(0.05)
    await world.clock.sleep(2.0)
    found = {}
    for one in applications:
        for key, body in one.acknowledged.items():
            held = [await _body_digest(world.at(region), key) for region in regions]
            if held != [_digest(body)] * len(regions):
                found[key] = [body, *held]
    world.quiet = False
    return found


async def _body_digest(store: MemoryDocuments, key: str) -> str | None:
    held = await store.look(key)
    return await store.read_digest(held) if held else None


def _digest(body: str | None) -> str | None:
    return body and hashlib.sha256(body.encode()).hexdigest()


__all__ = ["TERMS", "Application", "DocferryError", "Moving", "approved", "key_of", "lost", "moving"]
