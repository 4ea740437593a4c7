from types import SimpleNamespace
from typing import Any

import pytest

from docferry.domain.errors import Refused
from docferry.domain.gate import Writer
from docferry.handlers import invocation
from docferry.handlers.invocation import Invocation
from docferry.handlers.publishing import BUS
from docferry.handlers.steps import STEPS
from docferry.migration import Directions
from docferry.stages.validate.walk import Scope
from docferry.workflow import validate
from tests.unit.handlers.conftest import Client
from tests.unit.switch.moving import TERMS, Moving, moving


class Steps:
    """Takes the function's steps over a world with a runner and writers; `client` is what it publishes through."""

    def __init__(self, world: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.client = world, Client()
        monkeypatch.setenv(BUS, "bus")
        monkeypatch.setattr(invocation, "build", self._build)

    async def _build(self, connection: Any, progress: Any, *, lease: str) -> Directions:
        return self.world.directions(lease, "function")

    async def __call__(self, step: str, **event: Any) -> dict[str, Any]:
        settings = SimpleNamespace(client=SimpleNamespace(lease_s=TERMS.lease_s), deadline_s=TERMS.deadline_s)
        connection: Any = SimpleNamespace(settings=settings, target=self.client, clock=self.world.clock)
        return await STEPS[step](Invocation(connection, {"step": step, **event}, 285.0))


async def test_there_back_there_again_and_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    async with moving(applications=1) as (world, _):
        take = Steps(world, monkeypatch)
        assert await world.ledger.read("phase") == {"phase": "sync"}
        there = await take("cutover", max_pause_s=30)
        assert await world.ledger.read("phase") == {"phase": "cutover"}
        assert await world.writers() == ("replicator", "application")
        assert await take("cutover") == there
        assert (await take("watch"))["healthy"]
        await world.clock.sleep(30.0)
        await validate(world.directions().reverse, Scope(), lambda _: None)
        assert (await take("watch"))["healthy"]
        back = await take("rollback")
        assert await world.writers() == ("application", "replicator")
        assert await world.ledger.read("phase") == {"phase": "sync"}
        assert back["epoch"] > there["epoch"]
        assert await take("rollback") == back
        await world.clock.sleep(30.0)
        await validate(world.directions().forward, Scope(), lambda _: None)
        assert (await take("cutover"))["epoch"] > back["epoch"]
        await world.clock.sleep(30.0)
        await validate(world.directions().reverse, Scope(), lambda _: None)
        assert await take("complete") == {"completed": True}
        assert await world.ledger.read("phase") == {"phase": "completed"}
        assert await world.writers() == (Writer.NOBODY.value, "application")
        assert [one for one, _ in take.client.asked] == ["PutEvents"] * 3


async def test_a_switch_is_held_to_the_terms_that_the_event_names(monkeypatch: pytest.MonkeyPatch) -> None:
    async with moving(applications=1) as (world, _):
        take = Steps(world, monkeypatch)
        with pytest.raises(Refused, match=r"at most 0\.1 s"):
            await take("cutover", max_pause_s=0.1)
        assert await world.writers() == ("application", "replicator")
