import asyncio
from collections.abc import Mapping, Sequence

import pytest

from docferry.domain.change import Kind
from docferry.domain.diff import Diff
from docferry.stages.validate.settled import BUSY_LOOKS, BUSY_SHARE, LOOKS, Look, Settled, Settling
from tests.unit.fakes import ManualClock

SETTLE_S = 2.0
EVERY = LOOKS + BUSY_LOOKS


def differing(states: str, *, undecided: bool = False) -> Look:
    return Look(Diff(Kind.DOCUMENT, "k", ("bytes",), {}, {}), states, undecided)


def same(*, undecided: bool = False) -> Look:
    return Look(None, "same", undecided)


MOVING = [differing(f"state {number}") for number in range(EVERY + 1)]


async def settled(looks: Mapping[str, Sequence[Look]], first: str = "first") -> tuple[Settled, float, int]:
    """Give these looks in turn; return what stays, how long that took, and the most looks at one key."""
    clock, made = ManualClock(), dict.fromkeys(looks, 0)

    async def look(key: str) -> Look:
        made[key] += 1
        return looks[key][made[key] - 1]

    began = clock.now()
    found = await Settling(look, clock, SETTLE_S, asyncio.Semaphore(4)).settled(dict.fromkeys(looks, first))
    return found, clock.now() - began, max(made.values())


async def test_what_is_the_same_at_two_looks_is_reported_after_the_settling_time() -> None:
    found, took, looks = await settled({"k": [differing("first")]})
    assert (len(found.diffs), took, looks) == (1, SETTLE_S, 1)


async def test_what_only_a_listing_showed_is_looked_at_at_once_and_then_again() -> None:
    found, took, looks = await settled({"k": [differing("a"), differing("a")]}, first="")
    assert (len(found.diffs), took, looks) == (1, SETTLE_S, 2)


@pytest.mark.parametrize("moves", [1, LOOKS - 1, LOOKS, LOOKS + 1, EVERY - 1])
async def test_what_moves_between_looks_and_is_the_same_at_last_is_not_reported(moves: int) -> None:
    found, _, looks = await settled({"k": [*MOVING[:moves], same()]})
    assert (found, looks) == (Settled((), 0), moves + 1)


async def test_what_moves_at_every_look_is_reported_in_the_end() -> None:
    found, took, looks = await settled({"k": MOVING})
    assert (len(found.diffs), looks) == (1, EVERY)
    assert took == pytest.approx(SETTLE_S * (LOOKS + BUSY_LOOKS * BUSY_SHARE))


async def test_what_moved_until_the_looks_come_fast_is_not_reported_for_standing_still_between_two_of_those() -> (
    None
):
    """The target has not had its time to follow between them."""
    still = [differing("still")] * 3
    found, _, looks = await settled({"k": [*MOVING[:LOOKS], *still, same()]})
    assert (found.diffs, looks) == ((), LOOKS + 4)


async def test_what_stands_still_after_it_moved_is_reported_once() -> None:
    found, took, looks = await settled({"k": [differing("a"), differing("b"), differing("b")]})
    assert (len(found.diffs), took, looks) == (1, 3 * SETTLE_S, 3)


async def test_only_those_that_turn_out_the_same_count_as_undecided() -> None:
    found, _, _ = await settled(
        {
            "a": [same(undecided=True)],
            "b": [same(undecided=True)],
            "c": [same()],
            "d": [differing("first", undecided=True)],
            "e": [differing("x"), same()],
        }
    )
    assert (found.undecided, len(found.diffs)) == (2, 1)


async def test_nothing_suspicious_takes_no_time() -> None:
    clock = ManualClock()
    settling: Settling[str] = Settling(None, clock, SETTLE_S, asyncio.Semaphore(1))  # type: ignore[arg-type]
    assert await settling.settled({}) == Settled((), 0)
    assert clock.now() == 1000.0
