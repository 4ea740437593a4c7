"""Processes that are slow, stand still or die beside a switch, and what others do meanwhile."""

import asyncio
from dataclasses import replace

import pytest

from docferry.client.leave import Region
from docferry.client.route import Route
from docferry.domain.change import Kind
from docferry.domain.errors import Conflict, DocferryError, NeedsOperator, Refused, Retryable
from docferry.domain.gate import Gate, Writer
from docferry.domain.journal import Touched
from docferry.domain.switch import State, Step, Switch, Turn
from docferry.lease import Lease
from docferry.ports import Entry, Pending
from docferry.resume import completed
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.complete import complete
from docferry.switch.keys import Carrier
from docferry.switch.memory import last_switch, save_switch
from docferry.switch.pages import Pages
from docferry.switch.perform import abort, perform
from docferry.switch.turning import Turning
from docferry.switch.undo import undo
from docferry.workflow import validate
from tests.unit.fakes import Killed
from tests.unit.switch.mortal import Life, mortal
from tests.unit.switch.moving import TERMS, Application, Moving, approved, lost, moving

READY = ("application", "replicator"), ("replicator", "application")


async def to_step(world: Moving, step: Step) -> None:
    while not (last := await last_switch(world.ledger)) or last.step is not step:
        await world.clock.sleep(0.01)


def stand_still(world: Moving, lease: Lease) -> None:
    """Let a process renew its lease no more, without noticing it itself."""

    async def stopped() -> None:
        await world.clock.sleep(10_000)

    lease._renew = stopped  # type: ignore[method-assign]


async def test_a_lease_on_switches_that_could_not_be_renewed_for_a_while_leaves_nobody_held() -> None:
    async with moving() as (world, applications):
        write, until = world.ledger.write, 0.0

        async def throttled(name: str, entry: Entry, expected: Entry | None) -> None:
            if name in ("lease/switch", "drain/answered") and world.clock.monotonic() < until:
                raise Retryable("throttled")
            await write(name, entry, expected)

        world.ledger.write = throttled  # type: ignore[method-assign]
        switching = asyncio.ensure_future(world.switch(terms=replace(TERMS, max_pause_s=10.0)))
        await to_step(world, Step.DRAIN)
        until = world.clock.monotonic() + 2.5
        with pytest.raises(Refused, match=r"did not renew its lease .* open to applications again"):
            await switching
        assert await world.writers() == READY[0]
        assert await lost(world, applications, "source", "target") == {}


async def test_a_switch_whose_abort_was_killed_halfway_is_gone_on_with_at_once() -> None:
    async with moving() as (world, applications):
        change = world.source_gate.change

        async def dies(expected: Gate | None, desired: Gate) -> None:
            if desired.writer is Writer.APPLICATION and expected and expected.writer is Writer.NOBODY:
                raise Killed
            await change(expected, desired)

        world.source_gate.change = dies  # type: ignore[method-assign]
        switching = asyncio.ensure_future(world.switch())
        await to_step(world, Step.DRAIN)
        switching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await switching
        world.source_gate.change = change  # type: ignore[method-assign]
        assert (await world.switch(owner="another")).state is State.DONE
        assert await lost(world, applications, "source", "target") == {}


async def test_an_abort_s_last_write_that_lands_late_cannot_open_the_source_beside_the_target() -> None:
    async with moving() as (world, _):
        first = world.directions("switch", "paused").forward
        await first.lease.acquire()
        first.lease._valid_until = float("inf")
        turning = Turning(first, "x")
        await turning.read()
        armed = turning.source.epoch
        await turning.turn_target(Writer.REPLICATOR, journal=True)
        await turning.turn_source(Writer.APPLICATION, journal=True)
        await world.clock.sleep(3.0)
        await turning.turn_source(Writer.NOBODY, journal=True)
        switch = Switch(1, Turn.CUTOVER, "x", "source-region", "target-region", 0.0, fenced_at=1.0)
        await save_switch(world.ledger, switch.now(step=Step.DRAIN, armed_epoch=armed + 1, compared_epoch=armed))
        late = turning.source.turned(Writer.APPLICATION, attempt="x")

        async def lands() -> None:
            while (gate := await world.target_gate.read()) and gate.writer is not Writer.NOBODY:
                await world.clock.sleep(0.005)
            with pytest.raises(Conflict):
                await world.source_gate.change(turning.source, late)

        landing = asyncio.ensure_future(lands())
        await world.switch(owner="another")
        await landing
        assert await world.writers() == READY[1]


async def test_who_goes_on_keeps_to_the_stricter_terms_of_who_began() -> None:
    async with moving() as (world, _):
        life = Life(1000)
        process = mortal(world.directions("switch", "mortal"), life)
        terms = replace(TERMS, without_client=True, lease_s=2.0)
        dying = asyncio.ensure_future(perform(process, Turn.CUTOVER, terms, world.tell, approved))
        await to_step(world, Step.DRAIN)
        life.left = -2
        with pytest.raises(Killed):
            await dying
        began = world.clock.monotonic()
        done = await world.switch(owner="another")
        assert (done.without_client, done.lease_s) == (True, 2.0)
        assert world.clock.monotonic() - began > world.migration().tuning.settle_s


@pytest.mark.parametrize("turn", list(Turn))
async def test_gates_of_another_switch_are_not_undone(turn: Turn) -> None:
    async with moving() as (world, _):
        await world.switch()
        target, source = await world.target_gate.read(), await world.source_gate.read()
        assert target
        assert source
        await world.target_gate.change(target, target.turned(Writer.NOBODY, attempt="a rollback"))
        await world.source_gate.change(source, source.turned(Writer.NOBODY, attempt="a rollback"))
        held = world.directions("switch", "late")
        migration = held.forward if turn is Turn.CUTOVER else held.reverse
        await migration.lease.acquire()
        with pytest.raises(NeedsOperator, match="not as this switch left them"):
            await undo(migration, "another")
        assert await world.writers() == ("nobody", "nobody")


async def test_who_slept_at_the_approval_while_another_switched_changes_nothing() -> None:
    async with moving() as (world, _):
        mine = world.directions("switch", "asleep")

        async def approve() -> None:
            stand_still(world, mine.forward.lease)
            await world.clock.sleep(5.0)
            await world.switch(owner="another")

        with pytest.raises(DocferryError):
            await perform(mine, Turn.CUTOVER, TERMS, world.tell, approve)
        last = await last_switch(world.ledger)
        assert last
        assert (last.state, await world.writers()) == (State.DONE, READY[1])


async def completing(world: Moving) -> None:
    await world.switch()
    await world.clock.sleep(TERMS.dwell_s)
    await validate(world.directions().reverse, Scope(Level.FULL), lambda _: None)


async def test_a_rollback_that_was_left_under_way_refuses_complete() -> None:
    async with moving() as (world, _):
        await completing(world)
        process = mortal(world.directions("switch", "mortal"), Life(4, after=True))
        with pytest.raises(Killed):
            await perform(process, Turn.ROLLBACK, TERMS, world.tell, approved)
        with pytest.raises(Refused, match="a rollback is under way"):
            await complete(world.directions("switch", "another"), TERMS, approved)
        await abort(world.directions("switch", "another"), Turn.ROLLBACK)
        await complete(world.directions("switch", "another"), TERMS, approved)
        assert await world.writers() == ("nobody", "application")


async def test_complete_that_slept_at_the_approval_while_another_rolled_back_completes_nothing() -> None:
    async with moving() as (world, applications):
        await completing(world)
        mine = world.directions("switch", "asleep")

        async def approve() -> None:
            stand_still(world, mine.reverse.lease)
            await world.clock.sleep(5.0)
            await world.switch(Turn.ROLLBACK, owner="another")

        with pytest.raises(DocferryError):
            await complete(mine, TERMS, approve)
        assert not await completed(world.ledger)
        assert await world.writers() == READY[0]
        assert await lost(world, applications, "source", "target") == {}


async def test_complete_that_was_killed_after_it_closed_the_gate_is_gone_on_with() -> None:
    async with moving() as (world, _):
        await completing(world)
        with pytest.raises(Killed):
            await complete(mortal(world.directions("switch", "mortal"), Life(0, after=True)), TERMS, approved)
        assert await world.writers() == ("nobody", "application")
        assert not await completed(world.ledger)
        with pytest.raises(Refused, match="a completion has closed the way back"):
            await world.switch(Turn.ROLLBACK, owner="another")
        assert await world.writers() == ("nobody", "application")
        await complete(world.directions("switch", "another"), TERMS, approved)
        assert await completed(world.ledger)


async def test_a_dirty_key_that_could_not_be_reached_is_tried_again_before_the_fence() -> None:
    async with moving() as (world, _):
        world.source.write("dirty", b"1", metadata={}, tags={"a": "1"})
        await world.clock.sleep(3.0)
        held = await world.target.look("dirty")
        assert held
        # Nobody hears of it, and no listing shows it.
        world.target._events, events = None, world.target._events
        await world.target.put_tags("dirty", held.version, {"a": "of a zombie"})
        world.target._events = events
        put_tags, left = world.target.put_tags, 1

        async def throttled(key: str, version: str, tags: dict[str, str]) -> None:
            nonlocal left
            if key == "dirty" and left:
                left -= 1
                raise Retryable("throttled")
            await put_tags(key, version, tags)

        world.target.put_tags = throttled  # type: ignore[method-assign, assignment]
        await world.switch()
        now = await world.target.look("dirty")
        assert now
        assert (left, dict(now.tags)) == (0, {"a": "1"})


async def test_what_a_runner_noted_as_a_validation_began_is_looked_at_again() -> None:
    async with moving() as (world, _):
        migration = world.directions("switch").forward
        await migration.lease.acquire()
        last, gate = await world.ledger.read(Scope(Level.FULL).name), await world.target_gate.read()
        assert last
        assert gate
        # The runner took the new page up a little later: the validation may have compared the key before.
        await world.target_journal.note(last["dirty_epoch"], [Touched(Kind.DOCUMENT, "k00")])
        world.target._events, events = None, world.target._events
        world.target.erase("k00")
        world.target._events = events
        _, left = await Pages(migration, Carrier(migration)).carry_dirty(gate.epoch)
        assert not left
        assert await world.target.look("k00")


async def test_a_dead_letter_that_comes_in_the_switch_ends_it() -> None:
    async with moving() as (world, _):
        pending = world.source_feed.pending

        async def dead() -> Pending:
            return replace(await pending(), dead=3 if await last_switch(world.ledger) else 0)

        world.source_feed.pending = dead  # type: ignore[method-assign]
        with pytest.raises(Refused, match=r"3 in dead-letter queues.*open to applications again"):
            await world.switch()
        assert await world.writers() == READY[0]


async def test_a_client_with_a_longer_lease_that_comes_after_the_checks_refuses_the_switch() -> None:
    async with moving() as (world, applications):
        regions = {
            "source": Region(world.source_gate, world.source_journal),
            "target": Region(world.target_gate, world.target_journal),
        }
        slow = Application(world, Route(regions, world.clock, lease_s=8.0, deadline_s=10.0, client="slow"), "slow")

        async def later() -> None:
            await to_step(world, Step.ARM)
            await world.clock.sleep(0.2)
            await slow.put("slow-1", "1")

        writing = asyncio.ensure_future(later())
        with pytest.raises(Refused, match="slow has a lease of 8 s"):
            await world.switch()
        await writing
        assert await world.writers() == READY[0]
        assert await lost(world, applications, "source", "target") == {}
