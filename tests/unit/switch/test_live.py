import asyncio

import pytest

from docferry.domain.change import Kind
from docferry.domain.gate import Gate, Writer
from docferry.domain.journal import Touched
from docferry.domain.switch import State, Step, Switch, Turn
from docferry.lease_entry import run_out
from docferry.migration import Sync
from docferry.switch.live import Live
from docferry.switch.steps import Differs
from docferry.workflow import sync
from tests.unit.switch.moving import TERMS, approved, lost, moving
from tests.unit.world import World, filled

SWITCH = Switch(1, Turn.CUTOVER, "a", "source-region", "target-region", 0.0)


async def test_there_and_back_again_loses_nothing_while_applications_write() -> None:
    async with moving() as (world, applications):
        there = await world.switch()
        assert await world.writers() == ("replicator", "application")
        assert there.state is State.DONE
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        assert all(one.written["target"] for one in applications)
        back = await world.switch(Turn.ROLLBACK)
        assert await world.writers() == ("application", "replicator")
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "source", "target") == {}
        again = await world.switch()
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        assert [one.verified for one in (there, back, again)] == [True] * 3


@pytest.mark.parametrize("other_pages", [0, 1, 3])
async def test_verify_finds_a_difference_whatever_the_other_pages_hold(other_pages: int) -> None:
    world = await filled(5)
    await world.source_gate.change(None, Gate(Writer.NOBODY, 2 + other_pages, journal=True))
    await world.target_gate.change(None, Gate(Writer.NOBODY, 1, journal=True))
    migration = world.directions("switch", "operator").forward
    await migration.lease.acquire()
    await world.source_journal.note(1, [Touched(Kind.DOCUMENT, "k00")])
    for page in range(other_pages):
        await world.source_journal.note(2 + page, [Touched(Kind.DOCUMENT, "nowhere")])
    switch = Switch(1, Turn.CUTOVER, "a", "source-region", "target-region", 0.0)
    live = Live(migration, switch, TERMS, lambda *_: None, approved)
    await live._turning.read()
    with pytest.raises(Differs, match="1 of"):
        await live.verify()


@pytest.mark.parametrize("epoch", [1, 2])
async def test_verify_compares_the_page_of_the_closed_gate_and_the_one_before(epoch: int) -> None:
    # A runner whose gate was closed notes under the epoch of the closed gate what it had begun.
    world = await filled(5)
    await world.source_gate.change(None, Gate(Writer.NOBODY, 2, journal=True))
    await world.target_gate.change(None, Gate(Writer.NOBODY, 1, journal=True))
    migration = world.directions("switch", "operator").forward
    await migration.lease.acquire()
    await world.source_journal.note(epoch, [Touched(Kind.DOCUMENT, "k00")])
    switch = Switch(1, Turn.CUTOVER, "a", "source-region", "target-region", 0.0)
    live = Live(migration, switch, TERMS, lambda *_: None, approved)
    await live._turning.read()
    with pytest.raises(Differs, match="1 of 1 keys"):
        await live.verify()


async def live_at(world: World, source: Writer, target: Writer) -> Live:
    await world.source_gate.change(None, Gate(source, 2, journal=True))
    await world.target_gate.change(None, Gate(target, 1, journal=True))
    migration = world.directions("switch", "operator").forward
    await migration.lease.acquire()
    live = Live(migration, SWITCH, TERMS, lambda *_: None, approved)
    await live._turning.read()
    return live


async def test_the_fence_waits_until_no_client_believes_the_gate_any_more() -> None:
    world = await filled(1)
    live = await live_at(world, Writer.APPLICATION, Writer.REPLICATOR)
    began = world.clock.monotonic()
    await live.fence()
    assert world.clock.monotonic() - began >= TERMS.armed_lease_s
    gate = await world.source_gate.read()
    assert gate
    assert gate.writer is Writer.NOBODY


@pytest.mark.parametrize("name", ["sync", "repair", "worker/0", "worker/7"])
async def test_the_target_is_closed_only_once_nobody_holds_a_lease_on_it(name: str) -> None:
    world = await filled(1)
    live = await live_at(world, Writer.NOBODY, Writer.REPLICATOR)
    await world.ledger.write("workers", {"slots": 8}, None)
    left = {"owner": "killed", "beat": 7, "duration_s": 2.0, "token_s": 3.0, "armed": True}
    await world.ledger.write(f"lease/{name}", left, None)
    keeping = asyncio.ensure_future(live._migration.lease.keep())
    began = world.clock.monotonic()
    await live.close()
    keeping.cancel()
    assert world.clock.monotonic() - began >= 3.0
    # Who did not give it back may have had something under way.
    assert live.switch.compared_epoch == SWITCH.armed_epoch - 1


async def test_a_repair_that_was_killed_does_not_keep_switches_from_ending_for_ever() -> None:
    async with moving() as (world, applications):
        left = {"owner": "killed", "beat": 7, "duration_s": 60.0, "token_s": 0.0, "armed": False}
        await world.ledger.write("lease/repair", left, None)
        assert (await world.switch()).state is State.DONE
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}


async def test_a_runner_that_is_relieved_in_the_drain_does_not_end_the_switch() -> None:
    async with moving() as (world, applications):
        assert world.runner

        async def relieve() -> None:
            await run_out(world.ledger, world.clock, "sync")
            await sync(world.directions("sync", "next"), Sync(fill=False), asyncio.Event())

        relief, tell = asyncio.ensure_future(relieve()), world.tell

        def told(step: Step, said: str) -> None:
            tell(step, said)
            if step is Step.FENCE and world.runner:
                world.runner.cancel()

        world.tell = told  # type: ignore[method-assign]
        assert (await world.switch()).state is State.DONE
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        relief.cancel()
        await asyncio.gather(relief, return_exceptions=True)
