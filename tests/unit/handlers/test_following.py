import asyncio
from dataclasses import replace
from typing import Any

import pytest

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import LeaseTaken, Refused, Retryable, StaleEpoch
from docferry.domain.gate import Writer
from docferry.handlers import following
from tests.unit.handlers.conftest import Functions, complete


def test_the_runner_follows_until_its_time_is_over(fresh: Functions) -> None:
    assert fresh.data_sync({"step": "follow"}) == {"followed": True, "completed": False}
    assert fresh.world.clock.time - 1000.0 == pytest.approx(300 - 15 - following.NO_LATER_S, abs=3.0)
    lease = fresh.run(fresh.world.ledger.read("lease/sync"))
    assert lease is not None
    assert lease["owner"] == ""


def test_the_runner_leaves_the_backfill_to_others(fresh: Functions) -> None:
    fresh.data_sync({"step": "follow"})
    assert fresh.world.progress.documents_copied == 0


def test_the_phase_is_published_when_it_changes(fresh: Functions) -> None:
    fresh.data_sync({"step": "follow"})
    fresh.data_sync({"step": "follow"})
    assert [one for one in fresh.published if one[0] == "Phase Changed"] == [
        ("Phase Changed", {"from": "", "to": "sync"})
    ]


def test_a_second_runner_waits_and_gives_up_while_the_first_lives(functions: Functions) -> None:
    world, build = functions.world, functions.directions
    first = world.directions("sync", "the first").forward.lease
    functions.run(first.acquire())
    keeping: list[Any] = []

    def beside(lease: str) -> Any:
        keeping.append(asyncio.ensure_future(first.keep()))
        return build(lease)

    functions.directions = beside
    assert functions.data_sync({"step": "follow"}, seconds=90.0) == {"followed": False, "completed": False}


def test_a_second_runner_takes_over_from_one_that_died(functions: Functions) -> None:
    functions.run(functions.world.directions("sync", "dead").forward.lease.acquire())
    assert functions.data_sync({"step": "follow"})["followed"] is True


def test_nobody_follows_once_it_is_complete(functions: Functions) -> None:
    functions.run(complete(functions.world))
    assert functions.data_sync({"step": "follow"}) == {"followed": False, "completed": True}


def test_what_the_stores_lack_is_told_at_once(functions: Functions) -> None:
    async def unready() -> None:
        raise Refused("no stream")

    build = functions.directions

    def directions(lease: str) -> Any:
        built = build(lease)
        return replace(built, forward=replace(built.forward, ready=unready))

    functions.directions = directions
    with pytest.raises(Refused, match="no stream"):
        functions.data_sync({"step": "follow"})


def test_a_runner_in_the_middle_of_a_switch_stays_longer(functions: Functions) -> None:
    async def arm() -> None:
        gate = await functions.world.target_gate.read()
        assert gate
        await functions.world.target_gate.change(gate, gate.turned(Writer.REPLICATOR, journal=True))

    functions.run(arm())
    began = functions.world.clock.time
    functions.data_sync({"step": "follow"}, seconds=120.0)
    assert functions.world.clock.time - began >= 120 - 15 - 1


def test_two_that_publish_the_phase_at_once_publish_it_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late:
        def __init__(self) -> None:
            self.entry: dict[str, Any] = {}

        async def save(self, entry: Any) -> None:
            raise StaleEpoch("another has")

    async def load(*_: Any) -> Late:
        return Late()

    monkeypatch.setattr(Checkpoint, "load", load)
    call = type("Call", (), {"connection": None})()
    functions.run(following.tell(call, functions.world.directions()))
    assert functions.published == []


def test_a_runner_goes_on_if_it_cannot_tell(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise Retryable("busy")

    monkeypatch.setattr(following, "tell", fails)
    assert functions.data_sync({"step": "follow"})["followed"] is True


def test_a_runner_that_was_outrun_by_another_waits_again(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, outrun = following._sync, [True]

    async def sync(directions: Any, until: float) -> None:
        if outrun:
            outrun.clear()
            raise LeaseTaken("another was quicker")
        await real(directions, until)

    monkeypatch.setattr(following, "_sync", sync)
    assert functions.data_sync({"step": "follow"})["followed"] is True


def test_a_runner_that_is_not_to_wait_leaves_it_to_the_one_at_work(functions: Functions) -> None:
    functions.run(functions.world.directions("sync", "another").forward.lease.acquire())
    answer = functions.data_sync({"step": "follow", "wait": False})
    assert answer == {"followed": False, "completed": False}
