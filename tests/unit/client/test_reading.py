import asyncio
import random
from functools import partial

import pytest

from docferry.client.route import LEASE_S, Held, Leave
from docferry.domain.errors import ServiceError
from docferry.domain.gate import Writer
from tests.unit.client.regions import Regions


async def region_of(leave: Leave) -> str:
    return leave.region


async def test_reads_go_where_writes_go() -> None:
    regions = Regions()
    route = regions.route()
    assert await route.read(region_of) == "source"
    regions.switch()
    regions.clock.time += LEASE_S
    assert await route.read(region_of) == "target"


async def test_a_read_within_a_lease_asks_no_gate() -> None:
    regions = Regions()
    route = regions.route()
    for _ in range(10):
        await route.read(region_of)
    assert regions.source.reads == 1


async def test_an_answer_after_the_lease_counts_if_the_region_is_still_open() -> None:
    regions = Regions()
    done: list[str] = []

    async def slow(leave: Leave) -> str:
        done.append(leave.region)
        regions.clock.time += LEASE_S
        return leave.region

    assert await regions.route().read(slow) == "source"
    assert done == ["source"]


async def test_a_read_is_not_held_in_a_pause() -> None:
    regions = Regions()
    route = regions.route()
    await route.current()
    regions.source.turn(Writer.NOBODY)
    regions.clock.time += LEASE_S
    assert await route.read(region_of) == "source"
    regions.target.turn(Writer.NOBODY)
    regions.clock.time += LEASE_S
    assert await route.read(region_of) == "source"


async def test_a_process_that_starts_in_a_pause_reads_in_the_region_that_is_not_for_replicators() -> None:
    regions = Regions()
    regions.source.turn(Writer.NOBODY)
    assert await regions.route().read(region_of) == "source"


async def test_a_read_waits_where_the_gates_do_not_tell_which_region_was_open_last() -> None:
    regions = Regions()
    regions.source.turn(Writer.NOBODY)
    regions.target.turn(Writer.NOBODY)
    with pytest.raises(Held):
        await regions.route().read(region_of, deadline_s=2.0)


async def test_a_process_that_slept_through_a_switch_does_not_read_where_it_wrote_last() -> None:
    regions = Regions()
    route = regions.route()
    regions.source.turn(Writer.NOBODY)
    assert await route.read(region_of) == "source"
    regions.target.turn(Writer.NOBODY)
    regions.target.turn(Writer.APPLICATION)
    regions.source.turn(Writer.REPLICATOR)
    # The way back: the target was open last, and all gates are closed when the process wakes up.
    regions.target.turn(Writer.NOBODY)
    regions.source.turn(Writer.NOBODY)
    regions.clock.time += 3600.0
    with pytest.raises(Held):
        await route.read(region_of, deadline_s=2.0)


async def test_what_was_read_in_a_pause_is_read_again_if_the_other_region_is_open_by_then() -> None:
    regions = Regions()
    regions.source.turn(Writer.NOBODY)
    done: list[str] = []

    async def slow(leave: Leave) -> str:
        done.append(leave.region)
        if len(done) == 1:
            regions.target.turn(Writer.NOBODY)
            regions.target.turn(Writer.APPLICATION)
        return leave.region

    assert await regions.route().read(slow) == "target"
    assert done == ["source", "target"]


@pytest.mark.parametrize("switched", [True, False])
async def test_a_read_that_failed_is_done_again_only_if_the_region_changed(switched: bool) -> None:
    regions = Regions()

    async def failing(leave: Leave) -> str:
        if leave.region == "source":
            if switched:
                regions.switch()
            regions.clock.time += LEASE_S
            raise ServiceError("gone", status=404)
        return leave.region

    if switched:
        assert await regions.route().read(failing) == "target"
    else:
        with pytest.raises(ServiceError, match="gone"):
            await regions.route().read(failing)


class Counter:
    """One counter in both regions, written under one route, read under another, while regions are switched."""

    def __init__(self, seed: int) -> None:
        self.regions, self.draw = Regions(), random.Random(seed)
        self.held = {"source": 0, "target": 0}
        self.acknowledged = 0

    async def write(self) -> None:
        route = self.regions.route(deadline_s=1000.0)
        for value in range(1, 40):
            await route.write(partial(self._send, value))
            self.acknowledged = value

    async def _send(self, value: int, leave: Leave) -> None:
        leave.check()
        self.held[leave.region] = value
        await self._rest(0.2)

    async def read(self) -> None:
        route = self.regions.route(deadline_s=1000.0)
        while True:
            least = self.acknowledged
            assert await route.read(self._look) >= least
            await self.regions.clock.sleep(self.draw.choice([0.0, 0.1, 5.0]))

    async def _look(self, leave: Leave) -> int:
        await self._rest(0.3)
        found = self.held[leave.region]
        await self._rest(0.3)
        return found

    async def switch(self) -> None:
        here, there = "source", "target"
        gates = {"source": self.regions.source, "target": self.regions.target}
        while True:
            await self._rest(2.0)
            gates[here].turn(Writer.NOBODY)
            await self.regions.clock.sleep(LEASE_S)
            gates[there].turn(Writer.NOBODY)
            await self._rest(0.5)
            self.held[there] = self.held[here]
            gates[there].turn(Writer.APPLICATION)
            await self._rest(0.2)
            gates[here].turn(Writer.REPLICATOR)
            here, there = there, here

    async def _rest(self, most_s: float) -> None:
        for _ in range(self.draw.randrange(1, 5)):
            await self.regions.clock.sleep(self.draw.uniform(0, most_s / 2))


@pytest.mark.parametrize("seed", range(40))
async def test_a_read_never_shows_less_than_what_was_acknowledged_before_it_began(seed: int) -> None:
    counter = Counter(seed)
    others = [asyncio.ensure_future(counter.read()), asyncio.ensure_future(counter.switch())]
    await counter.write()
    for task in others:
        assert not task.done()
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    assert counter.acknowledged == 39
