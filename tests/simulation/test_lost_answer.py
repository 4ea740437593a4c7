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
from tests.simulation.test_dead_worker import KILLED, LOOK_US, Killed, work_on_records

SEEDS = (9, 17)
"""Of 24 those where the token is not over yet when the record is absent again in the opened region."""


class Reset(Killed):
    """Resets the connection of a worker that puts a record where there is none; the put lands after step 6."""

    def _landing(self, flight: Any) -> None:
        request, armed = flight.request, self._site.gates()[0]
        place = request.region, request.service, request.what
        puts = request.who.startswith("worker") and place == ("target", "records", "put")
        open_yet = armed and armed.journal and armed.writer is Writer.APPLICATION
        if not (puts and open_yet and not self._key and self._absent("target", request.key)):
            self._land(flight)
            return
        self._key = request.key
        _fail(flight.answer, NoAnswer("the connection was reset"))
        self._wait(flight)

    def _wait(self, flight: Any) -> None:
        gate = self._site.gates()[1]
        opened = gate and gate.writer is Writer.APPLICATION
        if opened and all(self._absent(side, self._key) for side in self._site.sides):
            self.landed += 1
            self._land(flight)
        else:
            self._site.loop.after(LOOK_US, lambda: self._wait(flight))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_comes_back_that_was_deleted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "work_on_batches", work_on_records)
    made: list[Reset] = []

    def watch(site: Site) -> None:
        made.append(Reset(site))

    found: Outcome = play(Scenario(seed, KILLED, statics=0, keys=4, workers=3), watch)
    assert made[0].landed == 1
    assert not found.violations
