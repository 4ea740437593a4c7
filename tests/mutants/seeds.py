"""Runs that find pairs of faults: in some of them each pair loses something. `make test` does not collect them.

Where the drawing of runs changes so much that none of them finds a pair any more, it survives, and `make mutants`
says so.
"""

from docferry.domain.switch import Turn
from docferry.drill.scenario import Scenario, play
from docferry.simulation.faults import Faults

RUNS = 40


def test_what_is_written_right_before_the_fence_is_there_after_the_opening() -> None:
    for seed in range(RUNS):
        calm = Scenario(seed, Faults(), (Turn.CUTOVER,), statics=3, keys=3, applications=4)
        assert play(calm).violations == (), seed
