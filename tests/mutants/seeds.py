"""Runs that find pairs of faults, each by the seed that was found to do so. `make test` does not collect them.

Where the drawing of runs changes, other seeds are to be looked for: then the pair survives, and `make mutants`
says so.
"""

from docferry.domain.switch import Turn
from docferry.drill.scenario import Scenario, play
from docferry.simulation.faults import Faults

THERE, THERE_AND_BACK = (Turn.CUTOVER,), (Turn.CUTOVER, Turn.ROLLBACK)


def _calm(seed: int) -> Scenario:
    return Scenario(seed, Faults(), THERE, statics=3, keys=3, applications=4)


def _faulty(*names: str) -> Faults:
    return Faults(names, share=0.01, budget=150, until_s=120.0)


def test_what_is_written_right_before_the_fence_is_drained_or_found() -> None:
    assert play(_calm(2)).violations == ()


def test_what_is_written_right_before_the_fence_is_noted_or_heard_of() -> None:
    assert play(_calm(10)).violations == ()


def test_records_written_right_before_the_fence_are_drained_or_found() -> None:
    assert play(_calm(3)).violations == ()


def test_requests_that_are_late_are_waited_for_or_not_acknowledged() -> None:
    late = _faulty("late-requests")
    asked = Scenario(1, late, THERE_AND_BACK, statics=0, keys=3, applications=4, lease_s=3.0)
    assert play(asked).violations == ()


def test_workers_that_sleep_are_waited_for_or_write_no_more() -> None:
    late = _faulty("late-requests", "zombie")
    asked = Scenario(3, late, THERE_AND_BACK, statics=0, keys=3, applications=4, workers=2)
    assert play(asked).violations == ()
