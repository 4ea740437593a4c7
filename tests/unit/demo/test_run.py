import asyncio
from dataclasses import replace
from typing import Any

import pytest

from docferry.demo.judge import Judgement
from docferry.demo.outcome import Moved, Outcome
from docferry.demo.run import _while_running
from docferry.demo.switching import Switched
from docferry.domain.errors import StaleEpoch
from tests.unit.demo.test_switching import SWITCH

CLEAN = Judgement(9, 9, 0, 0.5, 0, 0, 0, 0, (), ())


def outcome(judgement: Judgement = CLEAN, verified: bool = True, **moved: Any) -> Outcome:
    switches = [Switched(SWITCH.now(verified=verified), {"fence": 0.3})]
    return Outcome(None, None, None, Moved(switches=switches, **{"complete": True, **moved}), judgement, 1.0)  # type: ignore[arg-type]


def test_a_move_that_was_completed_with_nothing_lost_is_clean() -> None:
    assert outcome().clean


@pytest.mark.parametrize(
    "bad",
    [
        outcome(verified=False),
        outcome(differences=1),
        outcome(complete=False),
        outcome(replace(CLEAN, lost_writes=1)),
        outcome(replace(CLEAN, stale_writes=1)),
        outcome(replace(CLEAN, resurrected_deletes=1)),
        outcome(replace(CLEAN, failed_requests=1)),
        outcome(replace(CLEAN, source_differences=1)),
    ],
)
def test_anything_lost_differing_or_unverified_is_not_clean(bad: Outcome) -> None:
    assert not bad.clean


async def failing() -> None:
    raise StaleEpoch("over")


async def test_a_runner_that_fails_ends_the_work_with_its_error() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(StaleEpoch):
        await _while_running(asyncio.create_task(failing()), work())
    assert ended.is_set()


async def test_work_goes_on_after_a_runner_that_has_ended_well() -> None:
    async def work() -> int:
        await asyncio.sleep(0.01)
        return 7

    assert await _while_running(asyncio.create_task(asyncio.sleep(0)), work()) == 7
