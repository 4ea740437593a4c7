"""What a living worker has sent, and had no answer to, lands where the record is absent again, after the opening.

Were its lease given back as if nothing were under way, the store would take it until the token is over.
"""

from typing import Any

import pytest

from docferry.domain.gate import Writer
from docferry.drill import scenario
from docferry.drill.scenario import Outcome, Scenario, play
from docferry.drill.site import Site
from docferry.simulation.network import _fail
from docferry.simulation.weather import NoAnswer
from tests.simulation.test_dead_worker import KILLED, Killed, work_on_records

SEEDS = (7, 23)
"""Two of the five of 24 where the token is not over yet when the record is absent again in the opened region."""


class Reset(Killed):
    """Resets the connection of a worker that puts a record where there is none; the put lands after step 6."""

    _lands_under = Writer.APPLICATION

    def _cut_off(self, flight: Any) -> None:
        _fail(flight.answer, NoAnswer("the connection was reset"))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_comes_back_that_was_deleted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "work_on_batches", work_on_records)
    made: list[Reset] = []

    def watch(site: Site) -> None:
        made.append(Reset(site))

    found: Outcome = play(Scenario(seed, KILLED, statics=0, keys=4, workers=3), watch)
    assert made[0].landed == 1
    assert not found.violations
