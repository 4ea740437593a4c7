import asyncio

import pytest

from docferry.client.route import LEASE_S, Leave
from docferry.domain.errors import GateRefused
from docferry.domain.gate import Writer
from tests.unit.client.regions import Regions


async def test_a_gate_is_believed_for_a_lease_counted_from_before_its_read() -> None:
    regions = Regions()
    route = regions.route()
    regions.source.takes_s = 0.4
    first = await route.current()
    assert first and (first.region, first.epoch) == ("source", 1)
    assert await route.current() == first
    assert regions.source.reads == 1
    regions.clock.time += 0.61
    with pytest.raises(GateRefused, match="nothing was sent"):
        first.check()
    await route.current()
    assert regions.source.reads == 2


async def test_a_read_slower_than_the_lease_gives_no_leave() -> None:
    regions = Regions()
    regions.source.takes_s = 1.5
    assert await regions.route().current() is None


async def test_many_tasks_share_one_read() -> None:
    regions = Regions()
    route = regions.route()
    await asyncio.gather(*(route.current() for _ in range(50)))
    assert regions.source.reads == 1


async def test_a_leave_is_shorter_while_the_journal_is_on() -> None:
    regions = Regions()
    regions.source.turn(Writer.APPLICATION, journal=True)
    leave = await regions.route().current()
    assert leave and leave.until - regions.clock.time == LEASE_S / 4


async def test_those_who_wait_share_one_look_at_both_gates_each_time() -> None:
    regions = Regions()
    regions.source.turn(Writer.NOBODY)
    route = regions.route()

    async def waiting() -> Leave:
        return await route.opened(regions.clock.time + 5.0)

    regions.clock.halting = True
    tasks = [asyncio.ensure_future(waiting()) for _ in range(50)]
    await asyncio.sleep(0.01)
    assert (regions.source.reads, regions.target.reads) == (1, 1)
    regions.target.turn(Writer.APPLICATION)
    regions.clock.release()
    assert {leave.region for leave in await asyncio.gather(*tasks)} == {"target"}
    assert regions.source.reads + regions.target.reads <= 4


async def test_a_region_that_does_not_answer_does_not_keep_another_from_being_found_open() -> None:
    regions = Regions()
    regions.switch()
    regions.source.hangs = True
    leave = await asyncio.wait_for(regions.route().current(), 1.0)
    assert leave and leave.region == "target"


async def test_an_answer_is_not_acknowledged_by_a_look_at_the_gates_that_began_before_it_came() -> None:
    regions = Regions()
    route = regions.route()
    leave = await route.current()
    assert leave
    regions.clock.time += 1.5
    # This look sees the source open, and is still under way when the switch happens and the answer comes.
    looking = asyncio.ensure_future(route.current())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    regions.switch()
    regions.source.takes_s = 1.5
    assert not await route.holds(leave)
    await looking


async def test_a_look_that_was_cancelled_is_none_to_share() -> None:
    regions = Regions()
    route = regions.route()
    leave = await route.current()
    assert leave
    regions.clock.time += 1.5
    looking = asyncio.ensure_future(route.current())
    while regions.source.reads < 2:
        await asyncio.sleep(0)
    regions.switch()
    regions.source.takes_s = 1.5
    cancelled, asking = (asyncio.ensure_future(route.holds(leave)) for _ in range(2))
    await looking
    while regions.source.reads < 3:
        await asyncio.sleep(0)
    cancelled.cancel()
    assert not await asking


async def test_a_failed_look_does_not_pass_for_an_older_one() -> None:
    regions = Regions()
    route = regions.route()
    leave = await route.current()
    assert leave
    regions.clock.time += 1.5
    regions.source.fails = regions.target.fails = 2
    # The first makes a look of its own, the others share the next.
    assert await asyncio.gather(*(route.holds(leave) for _ in range(3))) == [False, False, False]
