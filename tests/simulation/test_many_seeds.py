"""Whole migrations from many seeds: whatever goes wrong, nothing is lost.

In blocks, so that processes can share them, and not measured for coverage, which takes longer than they do.
"""

from collections.abc import Callable

import pytest

from docferry.drill.replay import replay
from docferry.drill.scenario import Outcome, play, scenario_of
from docferry.simulation.faults import FAULTS

SEEDS = 2_000
BLOCKS = 20
EACH = SEEDS // BLOCKS
FULL_AT_LEAST = 10
"""Most seeds are small; so many of a block are full-sized at least, with more keys, workers and switches."""


def refused(outcome: Outcome) -> str:
    said = "\n".join(outcome.violations)
    lost = "" if outcome.lost else "no "
    seed = outcome.scenario.seed
    return f"seed {seed} ({lost}data was lost): {said}\nsee it with: {replay(seed, None)}"


def test_the_blocks_are_all_seeds() -> None:
    assert BLOCKS * EACH == SEEDS


@pytest.mark.no_cover
@pytest.mark.parametrize("block", range(BLOCKS))
def test_nothing_is_lost_whatever_goes_wrong(block: int, record_property: Callable[[str, object], None]) -> None:
    ran, full, met, acknowledged = 0, 0, set(), 0
    for seed in range(block * EACH, (block + 1) * EACH):
        outcome = play(scenario_of(seed))
        assert not outcome.violations, refused(outcome)
        ran += 1
        full += not outcome.scenario.brief
        met |= set(outcome.happened)
        acknowledged += outcome.score.done
    said = (
        f"{ran} seeds, {full} of them full-sized, {acknowledged} writes acknowledged, {len(met)} kinds of faults"
    )
    record_property("ran", said)
    assert ran == EACH, said
    assert full >= FULL_AT_LEAST, said
    # Seeds in which nothing happens show nothing.
    assert len(met) > len(FAULTS) * 0.8, said
    assert acknowledged > 10 * EACH, said
