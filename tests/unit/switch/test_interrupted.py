import asyncio

import pytest

from docferry.domain.switch import ORDER, Step, Turn
from docferry.ports import Entry
from docferry.switch.memory import last_switch
from docferry.switch.perform import perform
from tests.unit.switch.moving import TERMS, Moving, approved, lost, moving

BEFORE_THE_OPENING = [step for step in ORDER if step is not Step.CHECK][: ORDER.index(Step.OPEN) - 1]


def noted(world: Moving, step: Step) -> asyncio.Event:
    """Return what is set once the ledger says that a switch is at a step, before the clock moves."""
    event, write = asyncio.Event(), world.ledger.write

    async def watched(name: str, entry: Entry, expected: Entry | None) -> None:
        await write(name, entry, expected)
        last = await last_switch(world.ledger)
        if last and last.step is step:
            event.set()

    world.ledger.write = watched  # type: ignore[method-assign]
    return event


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("step", BEFORE_THE_OPENING)
async def test_ctrl_c_before_the_opening_leaves_the_source_open_and_says_so(step: Step, times: int) -> None:
    async with moving() as (world, applications):
        there = noted(world, step)
        running = asyncio.ensure_future(
            perform(world.directions("switch"), Turn.CUTOVER, TERMS, world.tell, approved)
        )
        await there.wait()
        for _ in range(times):
            running.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await world.writers() == ("application", "replicator")
        assert "nothing is lost" in world.told[-1][1]
        assert await lost(world, applications, "source", "target") == {}
