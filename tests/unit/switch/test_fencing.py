"""Switches with a hard fence, whose policies spread unevenly."""

import asyncio
from contextlib import suppress

import pytest

from docferry.client.leave import Held
from docferry.domain.errors import DocferryError, NeedsOperator, Refused
from docferry.domain.switch import State, Step, Turn
from docferry.simulation.fence import MemoryFence
from docferry.switch.memory import last_switch
from docferry.switch.perform import abort, perform
from tests.unit.fakes import Killed
from tests.unit.switch.mortal import Life, mortal
from tests.unit.switch.moving import TERMS, Moving, approved, lost, moving


def fence_of(world: Moving, region: str) -> MemoryFence:
    fence = world.fences[0] if region == "source" else world.fences[1]
    assert isinstance(fence, MemoryFence)
    return fence


async def denies(world: Moving, region: str) -> list[bool]:
    """Ask both servers of a region."""
    return [any(await fence_of(world, region).denials()) for _ in range(2)]


@pytest.mark.parametrize("seed", range(3))
async def test_there_and_back_again_denies_no_client_and_loses_nothing(seed: int) -> None:
    async with moving(seed=seed, fenced=True) as (world, applications):
        assert (await world.switch()).state is State.DONE
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        assert (await denies(world, "source"), await denies(world, "target")) == ([True] * 2, [False] * 2)
        await world.switch(Turn.ROLLBACK)
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "source", "target") == {}
        assert (await denies(world, "source"), await denies(world, "target")) == ([False] * 2, [True] * 2)
        await world.switch()
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "target", "source") == {}
        assert world.denials == 0


async def test_the_pause_is_longer_by_the_margin_only() -> None:
    async with moving(fenced=True) as (world, _):
        assert (await world.switch()).pause_s < TERMS.fence_lead_s + 1.0


async def test_who_ignores_the_gate_is_denied_once_the_target_is_open() -> None:
    async with moving(fenced=True) as (world, _):
        await world.switch()
        with pytest.raises(DocferryError):
            world.refuse_fenced("source")


async def test_a_fence_that_cannot_be_used_refuses_the_switch_before_anything_is_changed() -> None:
    async with moving(fenced=True) as (world, _):
        fence_of(world, "source").why_not = "the probe role may not be assumed"
        with pytest.raises(Refused, match="hard fence: the probe role may not be assumed"):
            await world.switch()
        assert await last_switch(world.ledger) is None or world.told[-1][0] is Step.CHECK
        assert await denies(world, "source") == [False] * 2


class Deaf(MemoryFence):
    """A fence whose two stores always answer the same, whatever their policies say."""

    answer: tuple[bool, ...] = (False, False)

    async def denials(self) -> tuple[bool, ...]:
        return self.answer


async def test_a_fence_of_which_one_store_denies_is_neither_closed_nor_lifted() -> None:
    writers: tuple[str, ...] = ()
    # Applications are held until somebody undoes it, which takes longer than their patience.
    with suppress(Held):
        async with moving(fenced=True) as (world, _):
            half = Deaf(world.clock)
            half.answer = (True, False)
            world.fences = half, world.fences[1]
            with pytest.raises(NeedsOperator, match="was lifted, and denies all the same"):
                await world.switch()
            writers = await world.writers()
    assert writers
    assert "application" not in writers


async def test_a_fence_that_does_not_deny_is_never_passed() -> None:
    async with moving(fenced=True) as (world, applications):
        world.fences = Deaf(world.clock), world.fences[1]
        with pytest.raises(Refused, match="writers would be held for more than"):
            await world.switch()
        assert await world.writers() == ("application", "replicator")
        await world.clock.sleep(5.0)
        assert await lost(world, applications, "source", "target") == {}


@pytest.mark.parametrize("answer", [(True, True), (False, True)])
async def test_a_target_that_still_denies_anywhere_is_not_opened(answer: tuple[bool, ...]) -> None:
    async with moving(fenced=True) as (world, _):
        deaf = Deaf(world.clock)
        deaf.answer = answer
        world.fences = world.fences[0], deaf
        with pytest.raises(Refused, match="writers would be held for more than"):
            await world.switch()
        assert await world.writers() == ("application", "replicator")
        await world.clock.sleep(5.0)
        assert await denies(world, "source") == [False] * 2


async def stopped_in(world: Moving, step: Step) -> None:
    """Begin a switch and cancel it in a step, as Ctrl-C does."""
    switching = asyncio.ensure_future(world.switch())
    while not any(told is step for told, _ in world.told) and not switching.done():
        await world.clock.sleep(0.01)
    switching.cancel()
    await asyncio.gather(switching, return_exceptions=True)


@pytest.mark.parametrize("step", [Step.ARM, Step.FENCE, Step.DRAIN])
async def test_a_switch_that_is_stopped_lifts_its_fence_and_fails_no_write(step: Step) -> None:
    async with moving(fenced=True) as (world, applications):
        await stopped_in(world, step)
        assert await world.writers() == ("application", "replicator")
        await world.clock.sleep(30.0)
        assert await denies(world, "source") == [False] * 2
        assert await lost(world, applications, "source", "target") == {}


EFFECTS = 28
"""More than a switch has: the last ones run to their end."""


@pytest.mark.parametrize("effect", range(EFFECTS))
async def test_a_switch_that_was_killed_is_gone_on_with_or_undone_and_fails_no_write(effect: int) -> None:
    async with moving(seed=effect, fenced=True) as (world, applications):
        life = Life(effect, after=bool(effect % 2))
        try:
            await perform(
                mortal(world.directions("switch", "mortal"), life), Turn.CUTOVER, TERMS, world.tell, approved
            )
        except Killed:
            await world.clock.sleep(float(effect % 5))
        last = await last_switch(world.ledger)
        if last and last.state is State.RUNNING:
            if effect % 3 and (await world.writers())[1] != "application":
                await abort(world.directions("switch", "another"), Turn.CUTOVER)
            else:
                await world.switch(owner="another")
        await world.clock.sleep(20.0)
        assert await lost(world, applications, "source", "target") == {}
        opened = (await world.writers())[1] == "application"
        assert await denies(world, "source") == [opened] * 2
        assert await denies(world, "target") == [False] * 2


async def test_the_effects_of_a_whole_switch_are_fewer_than_are_tried() -> None:
    async with moving(fenced=True) as (world, _):
        life = Life(1000)
        await perform(
            mortal(world.directions("switch", "mortal"), life), Turn.CUTOVER, TERMS, world.tell, approved
        )
        assert 15 < life.spent < EFFECTS
