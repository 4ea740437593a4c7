import asyncio
import random

import pytest

from docferry.client.route import LEASE_S, Held, Leave, Unanswered
from docferry.domain.errors import InvalidInput, Retryable, ServiceError
from docferry.domain.gate import Writer
from tests.unit.client.regions import Regions


async def test_a_write_waits_while_no_region_is_open_and_goes_where_one_opens() -> None:
    regions = Regions()
    route = regions.route()
    regions.source.turn(Writer.NOBODY)

    async def region(leave: Leave) -> str:
        return leave.region

    writing = asyncio.ensure_future(route.write(region))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not writing.done()
    regions.target.turn(Writer.APPLICATION)
    assert await writing == "target"


async def test_a_deadline_ends_the_wait_and_nothing_was_sent() -> None:
    regions = Regions()
    regions.source.turn(Writer.NOBODY)
    sent: list[Leave] = []

    async def send(leave: Leave) -> None:
        sent.append(leave)

    with pytest.raises(Held, match="nothing was sent"):
        await regions.route().write(send, deadline_s=2.0)
    assert sent == []


async def test_an_answer_under_an_epoch_that_is_over_is_not_acknowledged_but_done_again() -> None:
    regions = Regions()
    done: list[str] = []

    async def slow(leave: Leave) -> str:
        done.append(leave.region)
        if len(done) == 1:
            regions.switch()
            regions.clock.time += 1.5
        return leave.region

    assert await regions.route().write(slow) == "target"
    assert done == ["source", "target"]


async def test_an_answer_that_outlasts_its_lease_counts_if_the_epoch_is_still_in_force() -> None:
    regions = Regions()

    async def slow(leave: Leave) -> str:
        regions.clock.time += 10.0
        return leave.region

    assert await regions.route().write(slow) == "source"
    assert regions.source.reads == 2


async def test_there_and_back_again_is_another_epoch() -> None:
    regions = Regions()
    done: list[int] = []

    async def slow(leave: Leave) -> int:
        done.append(leave.epoch)
        if len(done) == 1:
            for writer in (Writer.NOBODY, Writer.APPLICATION):
                regions.source.turn(writer)
            regions.clock.time += 1.5
        return leave.epoch

    assert await regions.route().write(slow) == 3
    assert done == [1, 3]


@pytest.mark.parametrize("switched", [True, False])
async def test_a_denied_request_fails_only_if_its_epoch_is_still_in_force(switched: bool) -> None:
    regions = Regions()

    async def denied(leave: Leave) -> str:
        if leave.region == "source":
            if switched:
                regions.switch()
            regions.clock.time += 1.5
            raise ServiceError("denied", code="AccessDenied", status=403)
        return leave.region

    if switched:
        assert await regions.route().write(denied) == "target"
    else:
        with pytest.raises(ServiceError, match="denied"):
            await regions.route().write(denied)


@pytest.mark.parametrize("seed", range(30))
async def test_nothing_is_acknowledged_that_landed_in_a_region_once_the_other_was_open(seed: int) -> None:
    regions, draw = Regions(), random.Random(seed)
    route = regions.route(deadline_s=1000.0)
    acknowledged = 0

    async def send(leave: Leave) -> bool:
        leave.check()
        for _ in range(draw.randrange(10)):
            await regions.clock.sleep(draw.uniform(0, 0.3))
        other = regions.target if leave.region == "source" else regions.source
        return other.gate.writer is Writer.APPLICATION

    async def writer() -> None:
        nonlocal acknowledged
        for _ in range(20):
            assert not await route.write(send)
            acknowledged += 1

    async def switcher() -> None:
        here, there = regions.source, regions.target
        while True:
            for _ in range(draw.randrange(30)):
                await regions.clock.sleep(0.05)
            here.turn(Writer.NOBODY)
            await regions.clock.sleep(LEASE_S)
            there.turn(Writer.NOBODY)
            there.turn(Writer.APPLICATION)
            here.turn(Writer.REPLICATOR)
            here, there = there, here

    switching = asyncio.ensure_future(switcher())
    await asyncio.gather(*(writer() for _ in range(3)))
    switching.cancel()
    assert acknowledged == 60


async def test_every_raise_of_the_epoch_in_one_region_costs_one_redo() -> None:
    regions = Regions()
    done: list[int] = []

    async def slow(leave: Leave) -> int:
        done.append(leave.epoch)
        if len(done) <= 3:
            regions.source.turn(Writer.APPLICATION)
            regions.clock.time += 1.5
        return leave.epoch

    assert await regions.route().write(slow) == 4
    assert done == [1, 2, 3, 4]
    assert (regions.source.reads, regions.target.reads) == (4, 1)


async def test_a_gate_that_cannot_be_reached_is_waited_for() -> None:
    regions = Regions()
    regions.source.fails = 3

    async def send(leave: Leave) -> str:
        return leave.region

    assert await regions.route().write(send) == "source"


async def test_writes_are_held_while_the_gate_cannot_be_reached_and_say_why_in_the_end() -> None:
    regions = Regions()
    regions.source.fails = 10_000

    async def send(leave: Leave) -> str:
        return leave.region

    with pytest.raises(Held) as held:
        await regions.route().write(send)
    assert isinstance(held.value.__cause__, Retryable)


async def test_at_the_deadline_what_was_sent_is_cancelled_and_its_outcome_unknown() -> None:
    regions = Regions()
    ended: list[str] = []

    async def hangs(leave: Leave) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(leave.region)
            raise

    with pytest.raises(Unanswered, match="unknown"):
        await regions.route().write(hangs, deadline_s=0.05)
    assert ended == ["source"]


async def test_a_write_that_was_sent_and_then_held_too_long_has_an_unknown_outcome() -> None:
    regions = Regions()

    async def fenced(leave: Leave) -> None:
        regions.source.turn(Writer.NOBODY)
        regions.clock.time += 1.5
        raise ServiceError("denied", code="AccessDenied", status=403)

    with pytest.raises(Unanswered) as raised:
        await regions.route().write(fenced, deadline_s=5.0)
    assert isinstance(raised.value.__cause__, ServiceError)


async def test_nothing_is_sent_after_a_sleep_of_the_machine_that_outlasts_the_deadline() -> None:
    regions = Regions()
    sent: list[Leave] = []

    async def slept(leave: Leave) -> None:
        sent.append(leave)
        regions.clock.time += 3600.0
        leave.check()

    with pytest.raises(Unanswered):
        await regions.route().write(slept)
    assert len(sent) == 1


async def test_a_timeout_of_the_works_own_is_its_own() -> None:
    async def impatient(leave: Leave) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await Regions().route().write(impatient)


async def test_no_call_may_take_longer_than_switches_wait_for() -> None:
    async def send(leave: Leave) -> None:
        return

    with pytest.raises(InvalidInput, match="longer"):
        await Regions().route().write(send, deadline_s=61.0)


async def test_a_request_that_a_fence_denies_within_the_lease_is_held_and_not_failed() -> None:
    regions = Regions()

    async def denied(leave: Leave) -> str:
        if leave.region == "source":
            regions.switch()
            raise ServiceError("denied", code="AccessDenied", status=403)
        return leave.region

    assert await regions.route().write(denied) == "target"


async def test_a_request_that_failed_within_the_lease_fails_if_the_gates_cannot_be_reached() -> None:
    regions = Regions()

    async def failing(leave: Leave) -> str:
        regions.source.fails = regions.target.fails = 10
        raise ServiceError("no", status=400)

    with pytest.raises(ServiceError, match="no"):
        await regions.route().write(failing)
