from docferry.domain.switch import State, Turn
from tests.unit.switch.moving import lost, moving


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
