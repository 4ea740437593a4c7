"""The change feeds as one process sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from docferry.ports import Delivery, Pending
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.stream import MemoryStream, StreamPage
from docferry.simulation.way import Way


@dataclass(frozen=True, slots=True)
class RemoteQueue:
    """The `ChangeFeed` port over a queue; `sleep` waits where nothing comes."""

    way: Way
    inner: MemoryFeed
    sleep: Callable[[float], Any]

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Receive, once more after the wait where there is nothing."""
        found: tuple[Delivery, ...] = await self._receive()
        if not found and wait_s > 0:
            await self.sleep(wait_s)
            found = await self._receive()
        return found

    async def _receive(self) -> Any:
        return await self.way.read("receive", partial(self.inner.receive, 0.0))

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Delete messages."""
        if deliveries:
            half = partial(self.inner.take_off, deliveries[: len(deliveries) // 2])
            work = partial(self.inner.take_off, deliveries)
            await self.way.write("take off", work, f"{len(deliveries)} messages", half=half)

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Show messages again."""
        if deliveries:
            work = partial(self.inner.give_back, deliveries)
            await self.way.write("give back", work, f"{len(deliveries)} messages")

    async def pending(self) -> Pending:
        """Ask what is left."""
        found: Pending = await self.way.read("pending", self.inner.pending)
        return found

    async def retention_s(self) -> float:
        """Ask how long it keeps them."""
        return float(await self.way.read("retention", self.inner.retention_s))


@dataclass(frozen=True, slots=True)
class RemoteStream:
    """What a stream's feed reads, over a stream."""

    way: Way
    inner: MemoryStream

    async def shards(self) -> tuple[str, ...]:
        """List shards."""
        found: tuple[str, ...] = await self.way.read("shards", self.inner.shards)
        return found

    async def read(self, shard: str, after: int) -> StreamPage:
        """Read a page."""
        work = partial(self.inner.read, shard, after)
        found: StreamPage = await self.way.read("read", work, f"{shard} after {after}", listing=True)
        return found
