import asyncio

import pytest

from docferry.domain.switch import ORDER, Step, Turn
from docferry.switch.memory import last_switch
from docferry.switch.perform import perform
from tests.unit.switch.moving import TERMS, approved, lost, moving

BEFORE_THE_OPENING = [step for step in ORDER if step is not Step.CHECK][: ORDER.index(Step.OPEN) - 1]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("step", BEFORE_THE_OPENING)
async def test_ctrl_c_before_the_opening_leaves_the_source_open_and_says_so(step: Step, times: int) -> None:
    async with moving() as (world, applications):
        running = asyncio.ensure_future(
            perform(world.directions("switch"), Turn.CUTOVER, TERMS, world.tell, approved)
        )
        while not (last := await last_switch(world.ledger)) or last.step is not step:
            await asyncio.sleep(0)
        for _ in range(times):
            running.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await world.writers() == ("application", "replicator")
        assert "nothing is lost" in world.told[-1][1]
        assert await lost(world, applications, "source", "target") == {}
