import asyncio
import random

import pytest

from docferry.client.route import LEASE_S, Held, Leave, Route
from docferry.domain.errors import GateRefused, ServiceError
from docferry.domain.gate import Gate, Writer
from docferry.simulation.gate import MemoryGate
from tests.unit.fakes import ManualClock


class Counted(MemoryGate):
    """A gate that counts reads, each of which takes a moment."""

    def __init__(self, clock: ManualClock, gate: Gate) -> None:
        super().__init__()
        self._gate, self._clock = gate, clock
        self.reads = 0
        self.takes_s = 0.0

    async def read(self) -> Gate | None:
        self.reads += 1
        held = self._gate
        await asyncio.sleep(0)
        self._clock.time += self.takes_s
        return held

    def turn(self, writer: Writer) -> None:
        assert self._gate
        self._gate = self._gate.turned(writer)


class Regions:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.source = Counted(self.clock, Gate(Writer.APPLICATION, 1))
        self.target = Counted(self.clock, Gate(Writer.REPLICATOR, 1))

    def route(self) -> Route:
        return Route({"source": self.source, "target": self.target}, self.clock)

    def switch(self) -> None:
        """Let applications write at the target from now on."""
        self.source.turn(Writer.NOBODY)
        self.target.turn(Writer.NOBODY)
        self.target.turn(Writer.APPLICATION)
        self.source.turn(Writer.REPLICATOR)


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

    with pytest.raises(Held, match="nothing was acknowledged"):
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
async def test_nothing_is_acknowledged_from_one_region_once_the_other_is_open(seed: int) -> None:
    regions, draw = Regions(), random.Random(seed)
    route = regions.route()
    acknowledged = 0

    async def send(leave: Leave) -> str:
        leave.check()
        for _ in range(draw.randrange(10)):
            await regions.clock.sleep(draw.uniform(0, 0.3))
        return leave.region

    async def writer() -> None:
        nonlocal acknowledged
        for _ in range(20):
            region = await route.write(send, deadline_s=1000.0)
            other = regions.target if region == "source" else regions.source
            assert other._gate and other._gate.writer is not Writer.APPLICATION
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
