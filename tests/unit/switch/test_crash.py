import pytest

from docferry.domain.errors import DocferryError
from docferry.domain.switch import State, Turn
from docferry.switch.memory import last_switch
from docferry.switch.perform import abort, perform
from tests.unit.fakes import Killed
from tests.unit.switch.mortal import Life, mortal
from tests.unit.switch.moving import TERMS, Application, Moving, approved, lost, moving

EFFECTS = 22
"""More than a switch has: the last ones run to their end."""


async def killed(world: Moving, life: Life, turn: Turn = Turn.CUTOVER) -> bool:
    """Begin a switch in a process with a life of its own; tell whether it died in it."""
    try:
        await perform(mortal(world.directions("switch", "mortal"), life), turn, TERMS, world.tell, approved)
    except Killed:
        return True
    return False


async def settle(world: Moving, applications: list[Application], region: str) -> None:
    assert await lost(world, applications, "source", "target") == {}
    assert await world.writers() == (
        ("replicator", "application") if region == "target" else ("application", "replicator")
    )


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("effect", range(EFFECTS))
async def test_a_cutover_that_was_killed_is_gone_on_with_by_another_process(effect: int, after: bool) -> None:
    async with moving(seed=effect) as (world, applications):
        await killed(world, Life(effect, after))
        if await world.writers() != ("replicator", "application"):
            await world.switch(owner="another")
        await settle(world, applications, "target")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("effect", range(EFFECTS))
async def test_a_cutover_that_was_killed_is_undone_by_another_process_unless_the_target_is_open(
    effect: int, after: bool
) -> None:
    async with moving(seed=effect) as (world, applications):
        await killed(world, Life(effect, after))
        opened = (await world.writers())[1] == "application"
        last = await last_switch(world.ledger)
        if last and last.state is State.RUNNING:
            await abort(world.directions("switch", "another"), Turn.CUTOVER)
        await settle(world, applications, "target" if opened else "source")


@pytest.mark.parametrize("effect", range(0, EFFECTS, 3))
async def test_a_rollback_that_was_killed_is_gone_on_with_too(effect: int) -> None:
    async with moving(seed=effect) as (world, applications):
        await world.switch()
        await settle(world, applications, "target")
        await world.clock.sleep(TERMS.dwell_s)
        await killed(world, Life(effect, after=True), Turn.ROLLBACK)
        if await world.writers() != ("application", "replicator"):
            await world.switch(Turn.ROLLBACK, owner="another")
        await settle(world, applications, "source")


async def test_the_effects_of_a_whole_switch_are_fewer_than_are_tried() -> None:
    async with moving() as (world, _):
        life = Life(1000)
        assert not await killed(world, life)
        assert 10 < life.spent < EFFECTS


async def test_a_second_operator_is_refused_while_the_first_is_at_work() -> None:
    async with moving() as (world, applications):

        async def second() -> None:
            with pytest.raises(DocferryError, match="another process is at work"):
                await world.switch(owner="second")

        async def approve() -> None:
            await second()

        await perform(world.directions("switch", "first"), Turn.CUTOVER, TERMS, world.tell, approve)
        await settle(world, applications, "target")
