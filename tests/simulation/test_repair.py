"""Wrong bytes that nothing shows are repaired while applications write the very same documents."""

import random
from typing import Any

import pytest

from docferry.drill.scenario import Scenario, play
from docferry.drill.site import Site
from docferry.simulation.faults import Faults
from docferry.stages.apply import DocumentSides, apply_document

SPOILED = Faults(("corruption",), until_s=5.0)
SEEDS = 12


class Racer:
    """Writes a document at the source right before a repair's copy of it begins, or before that shows."""

    def __init__(self, site: Site, seed: int, body: bytes) -> None:
        self._site, self._draw, self._body = site, random.Random(seed), body
        self.wrote: dict[str, int] = {}
        self._land = site.network._land
        site.network._land = self._landing  # type: ignore[method-assign]

    def _landing(self, flight: Any) -> None:
        request = flight.request
        repairs = request.who.startswith("validate") and request.region == "target" and request.what == "copy"
        if repairs and request.key not in self.wrote and (flight.admitted or self._draw.random() < 0.5):
            self._write(request.key)
        self._land(flight)

    def _write(self, key: str) -> None:
        oracle, documents = self._site.oracle, self._site.sides["source"].documents
        done = oracle.begun("put by racer", (f"document {key}", f"tags {key}"))
        self.wrote[key] = done.number
        op = {"op": str(done.number)}
        documents.write(key, self._body or documents_body(key), metadata=op, tags=op)
        held = documents.now(key)
        done.etag = held.etag if held else ""
        oracle.landed(done, counts=True)
        oracle.acknowledged(done)


def documents_body(key: str) -> bytes:
    """Return the body that the scenario gave a document."""
    number = int(key.removeprefix("static")) % 4
    return f"body number {number}".encode()


@pytest.mark.no_cover
@pytest.mark.parametrize("body", [b"", b"another body"], ids=["the same bytes", "other bytes"])
def test_a_writer_that_races_with_a_repair_is_never_written_over(body: bytes) -> None:
    raced = 0
    for seed in range(SEEDS):
        racers: list[Racer] = []
        sites: list[Site] = []

        def plant(site: Site, seed: int = seed, to: tuple[list[Racer], list[Site]] = (racers, sites)) -> None:
            to[0].append(Racer(site, seed, body))
            to[1].append(site)

        outcome = play(Scenario(seed, SPOILED, statics=6, keys=2, applications=2), plant)
        assert not outcome.violations, outcome.violations
        raced += len(racers[0].wrote)
        for key, number in racers[0].wrote.items():
            for side in sites[0].sides.values():
                assert side.found(f"document {key}").number == number
    assert raced > SEEDS


def test_a_repair_that_leaves_wrong_bytes_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def careless(sides: DocumentSides, key: str, *, unlike: str = "") -> Any:
        return await apply_document(sides, key)

    monkeypatch.setattr("docferry.stages.follow.apply_document", careless)
    # Which of the runs have bytes that nothing shows, the seed decides.
    scenarios = [Scenario(seed, SPOILED, statics=6, keys=2, applications=1, switches=()) for seed in range(4)]
    said = [one for scenario in scenarios for one in play(scenario).violations]
    assert any("a repair left wrong bytes" in one for one in said), said
