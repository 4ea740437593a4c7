"""What a killed worker has under way lands where the record is absent again, while both gates are closed.

Copies of documents name the version that they read; puts of records do not. So where somebody has died, step 5
compares what was done with before.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from docferry.domain.errors import DocferryError
from docferry.domain.gate import Writer
from docferry.drill import scenario
from docferry.drill.conditions import TERMS
from docferry.drill.scenario import Outcome, Scenario, play
from docferry.drill.site import Site
from docferry.ports import Delivery
from docferry.simulation.faults import Faults
from docferry.simulation.loop import US
from docferry.simulation.process import Process
from docferry.workers.changes import HandedOver, carry_batch

LOOK_US = US // 50
KEYS = 4
LATE_ENOUGH = 34
"""The first seed whose page with the record is done with by then, and whose token is not over yet; few are so."""
KILLED = Faults(("zombie",), often=0, until_s=0.0)
"""The test kills a process by itself."""


class Killed:
    """Kills a worker that is about to put a record where there is none, and lets that land in step 4."""

    _lands_under = Writer.NOBODY

    def __init__(self, site: Site) -> None:
        self._site, self._key, self.landed = site, "", 0
        self._land = site.network._land
        site.network._land = self._landing  # type: ignore[method-assign]

    def _landing(self, flight: Any) -> None:
        request, armed = flight.request, self._site.gates()[0]
        place = request.region, request.service, request.what
        puts = request.who.startswith("worker") and place == ("target", "records", "put")
        open_yet = armed and armed.journal and armed.writer is Writer.APPLICATION
        if not (puts and open_yet and not self._key and self._absent("target", request.key)):
            self._land(flight)
            return
        self._key = request.key
        self._cut_off(flight)
        self._wait(flight)

    def _cut_off(self, flight: Any) -> None:
        flight.sender.process.kill()

    def _absent(self, side: str, key: str) -> bool:
        return self._site.sides[side].found(f"record {key}").number is None

    def _wait(self, flight: Any) -> None:
        gate = self._site.gates()[1]
        there = gate and gate.writer is self._lands_under
        if there and all(self._absent(side, self._key) for side in self._site.sides):
            self.landed += 1
            self._land(flight)
        else:
            self._site.loop.after(LOOK_US, lambda: self._wait(flight))


async def work_on_records(site: Site, process: Process, draw: random.Random) -> None:
    """Carry records one by one until killed, as workers on the source's stream do."""
    while True:
        await process.clock.sleep(draw.uniform(0.05, 0.3))
        changed = Delivery("r", records=({"id": {"S": f"k{draw.randrange(KEYS):02}"}},))
        directions = await site.directions(process, "worker")
        handed = carry_batch(directions, HandedOver(), HandedOver((changed,)), from_source=True, seconds=8.0)
        try:
            await asyncio.shield(handed)
        except DocferryError as error:
            site.tell(process.name, f"gave a batch back: {type(error).__name__}: {error}")


@pytest.fixture
def on_records(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setattr(scenario, "work_on_batches", work_on_records)
    yield monkeypatch


def outcome(patch: pytest.MonkeyPatch, max_pause_s: float) -> Outcome:
    killed: list[Killed] = []
    patch.setattr(scenario, "TERMS", replace(TERMS, max_pause_s=max_pause_s))
    asked = Scenario(LATE_ENOUGH, KILLED, statics=0, keys=KEYS, workers=3)
    found = play(asked, lambda site: killed.append(Killed(site)))
    if killed[0].landed != 1:
        # No failure that is expected: then this seed shows nothing any more, and another has to be looked for.
        raise RuntimeError("no write of a dead worker landed")
    return found


def test_a_usual_bound_undoes_the_switch_and_nothing_comes_back(on_records: pytest.MonkeyPatch) -> None:
    found = outcome(on_records, TERMS.max_pause_s)
    assert not found.violations
    said = [one.what for one in found.events]
    assert any("ended early: source is open to applications again" in one for one in said)
    assert found.switches == 1


def test_nothing_comes_back_under_a_bound_that_outlasts_the_token(on_records: pytest.MonkeyPatch) -> None:
    found = outcome(on_records, 30.0)
    assert not found.violations
    assert any("somebody died at work" in one.what for one in found.events)
    assert any("keys differ, draining again" in one.what for one in found.events)
