import asyncio

import pytest

from docferry import slots as module
from docferry.domain.errors import GateRefused, LeaseTaken, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.holding import holding
from docferry.lease import Lease
from docferry.simulation.gate import MemoryGate
from docferry.simulation.ledger import MemoryLedger
from docferry.slots import GROWTH, deaths, dismiss_dead, slots, take_slot, workers_run_out
from tests.unit.fakes import ManualClock


class Workers:
    """A ledger, a gate that lets workers write, and workers to be had."""

    def __init__(self) -> None:
        self.ledger, self.gate, self.clock = MemoryLedger(), MemoryGate(), ManualClock()
        self.made = 0

    async def open(self) -> "Workers":
        await self.gate.change(None, Gate(Writer.REPLICATOR, 1))
        return self

    def lease(self) -> Lease:
        self.made += 1
        return Lease(
            self.ledger, self.gate, self.clock, name="worker", owner=f"worker {self.made}", duration_s=6.0
        )

    async def take(self) -> Lease:
        lease = self.lease()
        await take_slot(self.ledger, lease, self.clock)
        return lease


async def test_there_are_no_slots_before_the_first_worker() -> None:
    assert await slots(MemoryLedger()) == ()


async def test_every_worker_has_a_slot_of_its_own_and_all_are_known() -> None:
    world = await Workers().open()
    names = [(await world.take()).name for _ in range(GROWTH + 1)]
    assert len(set(names)) == GROWTH + 1
    assert set(names) <= set(await slots(world.ledger))


async def test_a_slot_that_was_given_back_is_taken_again_without_waiting() -> None:
    world = await Workers().open()
    for _ in range(5 * GROWTH):
        await (await world.take()).release()
    assert len(await slots(world.ledger)) == GROWTH
    assert world.clock.time == 1000.0


async def test_many_workers_at_once_get_different_slots() -> None:
    world = await Workers().open()
    leases = await asyncio.gather(*(world.take() for _ in range(5)))
    assert len({one.name for one in leases}) == 5


async def test_a_dead_worker_s_slot_is_taken_once_there_are_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", GROWTH)
    world = await Workers().open()
    for _ in range(GROWTH):
        await world.take()
    lease = await world.take()
    lease.check()


async def test_who_finds_only_living_workers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", GROWTH)
    world = await Workers().open()
    leases = [await world.take() for _ in range(GROWTH)]
    keeping = [asyncio.ensure_future(one.keep()) for one in leases]
    with pytest.raises(LeaseTaken):
        await world.take()
    for one in keeping:
        one.cancel()


async def test_a_closed_gate_refuses_a_worker_and_leaves_its_slot_free() -> None:
    world = Workers()
    await world.gate.change(None, Gate(Writer.NOBODY, 1))
    with pytest.raises(GateRefused):
        await world.take()
    await workers_run_out(world.ledger, world.clock)
    assert world.clock.time == 1000.0


async def test_the_dead_are_dismissed_and_the_living_stay() -> None:
    world = await Workers().open()
    dead, living = await world.take(), await world.take()
    keeping = asyncio.ensure_future(living.keep())
    assert await dismiss_dead(world.ledger, world.clock) == 1
    living.check()
    began = world.clock.time
    await living.release()
    await workers_run_out(world.ledger, world.clock)
    assert world.clock.time == began
    keeping.cancel()
    with pytest.raises(StaleEpoch):
        await dead.keep()


async def test_deaths_are_counted_where_a_lease_is_dismissed_taken_over_or_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LIMIT", 1)
    monkeypatch.setattr(module, "GROWTH", 1)
    world = await Workers().open()

    async def counted(*, all_over: bool = False) -> int:
        return await deaths(world.ledger, "sync", all_over=all_over)

    assert await counted() == 0
    await (await world.take()).release()
    assert await counted(all_over=True) == 0
    await world.take()
    assert (await counted(), await counted(all_over=True)) == (0, 1)
    await dismiss_dead(world.ledger, world.clock)
    assert await counted(all_over=True) == 1
    await world.take()
    await world.clock.sleep(10.0)
    await (await world.take()).release()
    assert await counted(all_over=True) == 2
    runner = world.lease()
    runner.name = "sync"
    await runner.acquire()
    assert (await counted(), await counted(all_over=True)) == (2, 3)


async def test_who_closes_the_gate_waits_until_a_worker_has_ended() -> None:
    world = await Workers().open()
    lease, ended = await world.take(), []

    async def work() -> None:
        try:
            await world.clock.sleep(1000.0)
        finally:
            ended.append(world.clock.time)

    working = asyncio.ensure_future(holding(lease, asyncio.ensure_future(work())))
    await world.clock.sleep(0.5)
    await world.gate.change(Gate(Writer.REPLICATOR, 1), Gate(Writer.NOBODY, 2))
    closed_at = world.clock.time
    await workers_run_out(world.ledger, world.clock)
    assert ended
    assert world.clock.time - closed_at < 1.2
    with pytest.raises(GateRefused):
        await working


async def test_a_worker_that_comes_while_the_journal_is_on_is_soon_found_to_be_gone() -> None:
    world = Workers()
    await world.gate.change(None, Gate(Writer.REPLICATOR, 1, journal=True))
    lease = await world.take()
    assert lease.armed
