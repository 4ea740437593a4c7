"""The hole that docs/cutover-protocol.md tells of, a zombie whose condition holds again, and its cure."""

from typing import Any

import pytest

from docferry.domain.gate import Writer
from docferry.drill.scenario import Outcome, Scenario, play
from docferry.drill.site import Site
from docferry.simulation.faults import Faults
from docferry.simulation.loop import US

LOOK_US = US // 50
SEEDS = range(6, 12)
HARMLESS = Faults(("zombie",), often=0, until_s=0.0)
"""The test stops a process by itself."""


class Zombie:
    """Stops a runner that is about to put a record where there is none, until there is none again."""

    def __init__(self, site: Site) -> None:
        self._site, self._key, self.wakes = site, "", 0
        self._land = site.network._land
        site.network._land = self._landing  # type: ignore[method-assign]

    def _landing(self, flight: Any) -> None:
        request, process = flight.request, flight.sender.process
        armed = self._site.gates()[0]
        place = request.region, request.service, request.what
        puts = request.who.startswith("runner") and place == ("target", "records", "put")
        if puts and not self._key and armed and armed.journal and self._absent(request.key):
            self._key, flight.held = request.key, True
            process.stop()
            job = next(one for one in self._site.jobs if one.process is process)
            job.given_up.set()
            self._wait(process)
        self._land(flight)

    def _absent(self, key: str) -> bool:
        return self._site.sides["target"].found(f"record {key}").number is None

    def _wait(self, process: Any) -> None:
        gate = self._site.gates()[1]
        if gate and gate.writer is Writer.APPLICATION and self._absent(self._key):
            self.wakes += 1
            process.wake()
        else:
            self._site.loop.after(LOOK_US, lambda: self._wait(process))


def outcomes(*, tokens: bool) -> list[Outcome]:
    found, zombies = [], []
    for seed in SEEDS:
        scenario = Scenario(seed, HARMLESS, statics=0, keys=3, applications=4, tokens=tokens)
        found.append(play(scenario, lambda site: zombies.append(Zombie(site))))
    assert sum(one.wakes for one in zombies) >= 3
    return found


def test_without_a_token_a_zombie_may_bring_back_what_was_deleted() -> None:
    said = [said for one in outcomes(tokens=False) for said in one.violations]
    assert any("still holds" in one for one in said), said


def test_a_token_has_the_store_refuse_the_zombie() -> None:
    found = outcomes(tokens=True)
    assert [one.violations for one in found if one.violations] == []
    assert any("token is over" in event.what for one in found for event in one.events)


@pytest.mark.parametrize("tokens", [False, True])
def test_nothing_is_lost_where_nobody_sleeps(tokens: bool) -> None:
    assert play(Scenario(1, HARMLESS, statics=0, keys=3, applications=4, tokens=tokens)).violations == ()
