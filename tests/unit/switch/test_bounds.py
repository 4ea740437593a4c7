import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from docferry.domain.change import DocumentChange, Kind
from docferry.domain.document import Document
from docferry.domain.errors import Refused, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.domain.journal import Touched
from docferry.domain.switch import State, Step, Switch, Turn
from docferry.switch.memory import ended_switches, last_switch, save_switch
from docferry.switch.perform import abort, of, perform
from docferry.switch.rehearsal import Rehearsal
from docferry.switch.steps import take
from docferry.switch.turning import Turning
from tests.unit.switch.moving import TERMS, Moving, approved, lost, moving


async def at_step(world: Moving, step: Step, work: Callable[[], Awaitable[None]]) -> None:
    """Do something of another's once a switch has come to a step: right after what went before it was told."""
    done = asyncio.Event()

    async def meddle() -> None:
        while not (last := await last_switch(world.ledger)) or last.step is not step:
            await world.clock.sleep(0.01)
        await work()
        done.set()

    task = asyncio.ensure_future(meddle())
    await world.switch()
    await task
    assert done.is_set()


async def test_a_pause_that_would_be_too_long_opens_the_source_again_and_says_so() -> None:
    async with moving() as (world, applications):
        look = world.target.look

        async def hangs(key: str) -> Document | None:
            if (await world.source_gate.read()).writer is Writer.NOBODY:  # type: ignore[union-attr]
                await world.clock.sleep(2.0)
            return await look(key)

        world.target.look = hangs  # type: ignore[method-assign]
        with pytest.raises(Refused, match=r"source-region is open to applications again.*nothing is lost"):
            await world.switch(terms=replace(TERMS, max_pause_s=0.5))
        assert await world.writers() == ("application", "replicator")
        assert (await ended_switches(world.ledger))[-1].state is State.ABORTED
        world.target.look = look  # type: ignore[method-assign]
        assert await lost(world, applications, "source") == {}
        assert await world.switch()


async def test_a_key_that_differs_while_both_are_closed_is_drained_again_before_the_target_opens() -> None:
    async with moving() as (world, applications):

        async def spoil() -> None:
            held = next(key for key, body in applications[0].acknowledged.items() if body)
            gate = await world.source_gate.read()
            assert gate
            await world.source_journal.note(gate.epoch, [Touched(Kind.DOCUMENT, held)])
            # Nobody hears of it, so that only the comparison can find it.
            world.target._events, events = None, world.target._events
            world.target.erase(held)
            world.target._events = events

        await at_step(world, Step.CLOSE, spoil)
        assert [step for step, said in world.told if "draining again" in said] == [Step.VERIFY]
        assert await lost(world, applications, "target") == {}


async def test_a_controller_that_was_paused_cannot_open_the_target_once_another_has_aborted() -> None:
    async with moving() as (world, applications):
        paused = Turning(world.directions("switch", "paused").forward, "x")
        await paused.migration.lease.acquire()
        await paused.read()
        await paused.turn_source(Writer.NOBODY, journal=True)
        await paused.turn_target(Writer.NOBODY, journal=True)
        last = await last_switch(world.ledger)
        assert last is None
        await _running(world)
        await abort(world.directions("switch", "other"), Turn.CUTOVER)
        assert await world.writers() == ("application", "replicator")
        # Even where nothing has told it yet that its lease is over.
        paused.migration.lease._valid_until = float("inf")
        with pytest.raises(StaleEpoch, match="somebody else has turned a gate"):
            await paused.turn_target(Writer.APPLICATION, journal=False)
        assert await world.writers() == ("application", "replicator")
        assert await lost(world, applications, "source") == {}


async def test_an_abort_has_won_the_target_before_it_opens_the_source() -> None:
    async with moving() as (world, applications):
        paused = Turning(world.directions("switch", "paused").forward, "x")
        await paused.migration.lease.acquire()
        await paused.read()
        await paused.turn_source(Writer.NOBODY, journal=True)
        await paused.turn_target(Writer.NOBODY, journal=True)
        paused.migration.lease._valid_until = float("inf")
        await _running(world)
        change = world.source_gate.change
        woken: list[Gate] = []

        async def change_then_wake(expected: Gate | None, desired: Gate) -> None:
            await change(expected, desired)
            if desired.writer is Writer.APPLICATION and not woken:
                woken.append(desired)
                with pytest.raises(StaleEpoch, match="somebody else has turned a gate"):
                    await paused.turn_target(Writer.APPLICATION, journal=False)

        world.source_gate.change = change_then_wake  # type: ignore[method-assign]
        await abort(world.directions("switch", "other"), Turn.CUTOVER)
        assert woken
        assert await world.writers() == ("application", "replicator")
        assert await lost(world, applications, "source") == {}


async def _running(world: Moving) -> None:
    switch = Switch(1, Turn.CUTOVER, "x", "source-region", "target-region", 0.0, step=Step.VERIFY, fenced_at=1.0)
    await save_switch(world.ledger, switch)


async def test_a_request_that_lands_behind_the_fence_is_kept_and_replaced_by_what_was_acknowledged() -> None:
    async with moving() as (world, applications):
        await world.switch()
        key = next(key for key, body in applications[0].acknowledged.items() if body)
        world.source.write(key, b"given up long ago", metadata={}, tags={})
        assert await lost(world, applications, "target", "source") == {}
        kept = [one.mark.key async for one in world.provenance.kept()]
        assert kept == [key]


async def test_a_late_event_takes_nothing_back_in_time() -> None:
    async with moving() as (world, applications):
        key = next(key for key, body in applications[0].acknowledged.items() if body)
        await world.switch()
        for feed in (world.source_feed, world.target_feed):
            feed.document(DocumentChange(key, "an old version"), at=world.clock.now())
        assert await lost(world, applications, "target") == {}
        assert [one async for one in world.provenance.kept()] == []


async def test_a_dry_run_passes_the_same_steps_and_changes_nothing() -> None:
    async with moving() as (world, _):
        before = await world.source_gate.read(), await world.target_gate.read(), await last_switch(world.ledger)
        told: list[Step] = []

        def tell(step: Step, said: str) -> None:
            told.append(step)

        directions = world.directions("switch", "dry")
        dry = Rehearsal(of(directions, Turn.CUTOVER), Turn.CUTOVER, TERMS, tell)
        await take(dry, Step.CHECK, tell)
        after = await world.source_gate.read(), await world.target_gate.read(), await last_switch(world.ledger)
        assert before == after
        await world.switch()
        assert list(dict.fromkeys(told)) == list(dict.fromkeys(step for step, _ in world.told))


async def test_an_approval_that_is_not_given_changes_nothing() -> None:
    async with moving() as (world, _):

        async def no() -> None:
            raise Refused("not approved")

        with pytest.raises(Refused, match="not approved"):
            await perform(world.directions("switch"), Turn.CUTOVER, TERMS, world.tell, no)
        assert await world.writers() == ("application", "replicator")
        assert await last_switch(world.ledger) is None
        await perform(world.directions("switch"), Turn.CUTOVER, TERMS, world.tell, approved)


async def test_a_runner_that_dies_in_the_switch_does_not_keep_writers_until_the_bound() -> None:
    async with moving() as (world, applications):

        async def stops() -> None:
            assert world.runner
            world.runner.cancel()

        with pytest.raises(Refused, match=r"the runner has stopped; source-region is open to applications again"):
            await at_step(world, Step.FENCE, stops)
        last = await last_switch(world.ledger)
        assert last
        assert last.ended_at - last.fenced_at < 2.5
        assert await world.writers() == ("application", "replicator")
        assert await lost(world, applications, "source") == {}


async def test_a_difference_that_no_writer_explains_refuses_the_switch_before_anybody_is_held() -> None:
    async with moving() as (world, _):
        # Nobody hears of it, and nobody writes to it.
        world.target._events, events = None, world.target._events
        world.target.erase("k05")
        world.target._events = events
        with pytest.raises(Refused, match="1 differences between both sides, the first: document k05"):
            await world.switch()
        last = await last_switch(world.ledger)
        assert last
        assert (last.state, last.fenced_at) == (State.ABORTED, 0.0)


async def test_a_difference_in_a_key_that_is_in_the_journal_is_carried_and_refuses_nothing() -> None:
    async with moving() as (world, applications):

        async def spoil() -> None:
            gate = await world.source_gate.read()
            assert gate
            # The journal's first page begins with this epoch or, if the gate is yet to be turned, with the next.
            for epoch in (gate.epoch, gate.epoch + 1):
                await world.source_journal.note(epoch, [Touched(Kind.DOCUMENT, "k05")])
            world.target._events, events = None, world.target._events
            world.target.erase("k05")
            world.target._events = events

        await at_step(world, Step.ARM, spoil)
        assert await world.target.look("k05")
        assert await lost(world, applications, "source", "target") == {}
