"""Switches while workers take changes off the same feeds as the runner."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from docferry.domain.errors import DocferryError, GateRefused, Refused, StaleEpoch
from docferry.domain.switch import Turn
from docferry.migration import Directions
from docferry.ports import Delivery, Pending
from docferry.simulation.feed import MemoryFeed
from docferry.slots import take_slot
from docferry.workers.changes import HandedOver, carry_batch
from tests.unit.switch.moving import TERMS, Moving, lost, moving

HIDDEN_S = 1.0
"""For so long a queue hides what a worker has taken and does not give back."""


class Queues:
    """What the queues hide: it counts as in flight, and comes again."""

    def __init__(self, world: Moving) -> None:
        self.clock = world.clock
        self.hidden: dict[int, int] = {}
        self.coming: set[asyncio.Task[None]] = set()
        for feed in (world.source_feed, world.target_feed):
            self.hidden[id(feed)] = 0
            feed.pending = partial(self._pending, feed, feed.pending)  # type: ignore[method-assign]

    async def _pending(self, feed: MemoryFeed, pending: Callable[[], Awaitable[Pending]]) -> Pending:
        seen = await pending()
        return replace(seen, in_flight=seen.in_flight + self.hidden[id(feed)])

    async def take(self, feed: MemoryFeed, most: int) -> tuple[Delivery, ...]:
        given = (await feed.receive(0))[:most]
        await feed.take_off(given)
        self.hidden[id(feed)] += len(given)
        return given

    def done(self, feed: MemoryFeed, given: Sequence[Delivery], left: Sequence[Delivery]) -> None:
        self.hidden[id(feed)] -= len(given) - len(left)
        if left:
            self.coming.add(asyncio.ensure_future(self._give_back(feed, left)))

    async def _give_back(self, feed: MemoryFeed, left: Sequence[Delivery]) -> None:
        await self.clock.sleep(HIDDEN_S)
        self.hidden[id(feed)] -= len(left)
        for one in left:
            feed.deliver(one)


class Worker:
    """Takes what it can get off the queues, a few at a time, and sometimes dies in the middle of it."""

    def __init__(self, world: Moving, queues: Queues, draw: random.Random, dies: float) -> None:
        self.world, self.queues, self.draw, self.dies = world, queues, draw, dies
        self.carried = self.died = self.refused = 0

    async def work(self) -> None:
        while True:
            await self.world.clock.sleep(0.2 * self.draw.random())
            for from_source in (True, False):
                await self._batch(from_source)

    async def _batch(self, from_source: bool) -> None:
        feed = self.world.source_feed if from_source else self.world.target_feed
        given = await self.queues.take(feed, 5)
        if not given:
            return
        handed = HandedOver(given)
        directions = self.world.directions("worker", f"worker {self.draw.random()}")
        carrying = asyncio.ensure_future(
            carry_batch(directions, handed, HandedOver(), from_source=from_source, seconds=10.0)
        )
        if self.draw.random() < self.dies:
            await self._die(directions, carrying)
        try:
            await carrying
            self.carried += len(given)
        except DocferryError:
            self.refused += 1
        except asyncio.CancelledError:
            if not carrying.cancelled():
                raise
        self.queues.done(feed, given, handed.left)

    async def _die(self, directions: Directions, carrying: "asyncio.Future[None]") -> None:
        # Killed: its lease is not given back, and nothing is noted at the end.
        for _ in range(self.draw.randrange(40)):
            await asyncio.sleep(0)
        for one in (directions.forward, directions.reverse):
            one.lease.release = _nothing  # type: ignore[assignment, method-assign]
        self.died += carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)


async def _nothing(*_: object) -> None:
    return


@asynccontextmanager
async def working(world: Moving, seed: int, dies: float = 0.0) -> AsyncIterator[list[Worker]]:
    queues = Queues(world)
    workers = [Worker(world, queues, random.Random(seed * 10 + number), dies) for number in range(3)]
    tasks = [asyncio.ensure_future(one.work()) for one in workers]
    try:
        yield workers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("seed", range(2))
async def test_switches_with_workers_at_the_feeds_lose_nothing(seed: int) -> None:
    async with moving(seed=seed) as (world, applications), working(world, seed) as workers:
        await world.switch()
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        await world.switch(Turn.ROLLBACK)
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "source", "target") == {}
        assert all(one.carried for one in workers)


@pytest.mark.parametrize("seed", range(4))
async def test_switches_with_workers_that_die_lose_nothing(seed: int) -> None:
    async with moving(seed=seed) as (world, applications), working(world, seed, dies=0.1) as workers:
        for turn, regions in ((Turn.CUTOVER, ("target", "source")), (Turn.ROLLBACK, ("source", "target"))):
            await _until_switched(world, turn)
            await world.clock.sleep(20.0)
            assert await lost(world, applications, *regions) == {}
        assert sum(one.died for one in workers) > 5


async def _until_switched(world: Moving, turn: Turn) -> None:
    for _ in range(10):
        try:
            await world.switch(turn)
        except Refused:
            # Of one that died in the pause the lease has to run out, which may take longer than the pause may.
            await world.clock.sleep(5.0)
        else:
            return
    raise AssertionError("it was never switched")


async def test_a_worker_that_sleeps_through_a_switch_finds_its_gate_closed() -> None:
    async with moving() as (world, applications):
        asleep = world.directions("worker", "asleep").forward
        await take_slot(world.ledger, asleep.lease, world.clock)
        await world.switch(terms=replace(TERMS, max_pause_s=100.0))
        with pytest.raises(StaleEpoch):
            asleep.lease.check()
        with pytest.raises((GateRefused, StaleEpoch)):
            await asleep.lease.keep()
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
