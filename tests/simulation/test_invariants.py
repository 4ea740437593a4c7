"""Each invariant can fail: what it is to find is planted by hand, in the stores or in the engine."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from docferry.client.route import Route
from docferry.domain.change import Kind
from docferry.domain.document import Document
from docferry.domain.gate import Gate, Writer
from docferry.domain.record import Item
from docferry.domain.switch import Turn
from docferry.drill.conditions import BRISK
from docferry.drill.scenario import Scenario, play
from docferry.drill.site import Site
from docferry.migration import Migration
from docferry.ports import Mark
from docferry.simulation.faults import Faults
from docferry.simulation.loop import US
from docferry.simulation.network import Link, at_once
from docferry.simulation.process import Process
from docferry.simulation.weather import Outage, Request
from docferry.switch import complete as completion
from docferry.switch.live import Live
from docferry.switch.terms import Terms

CALM = Scenario(1, Faults(), statics=6, keys=3, applications=3)
AT_S = 3.0
IN_TROUBLE = 4
"""A seed whose completion is judged while applications write."""


def found(plant: Callable[[Site], None], scenario: Scenario = CALM) -> str:
    outcome = play(scenario, plant)
    assert outcome.violations
    return "\n".join(outcome.violations)


def at(seconds: float, work: Callable[[Site], None]) -> Callable[[Site], None]:
    def plant(site: Site) -> None:
        site.loop.after(int(seconds * US), lambda: work(site))

    return plant


def test_a_calm_run_violates_nothing() -> None:
    assert play(CALM).violations == ()


def test_both_gates_open() -> None:
    def open_both(site: Site) -> None:
        gate = site.sides["target"].gate
        assert gate.now
        at_once(gate.change(gate.now, gate.now.turned(Writer.APPLICATION)))

    assert "both gates say application" in found(at(AT_S, open_both))


def test_an_epoch_that_goes_back() -> None:
    def turn_back(site: Site) -> None:
        gate = site.sides["target"].gate
        assert gate.now
        at_once(gate.change(gate.now, Gate(gate.now.writer, 0)))

    assert "the epoch of gate target went" in found(at(AT_S, turn_back))


def test_a_worker_that_writes_where_applications_write() -> None:
    def write(site: Site) -> None:
        process = Process(site.loop, "rogue")

        async def effect() -> None:
            return

        asked = Request("rogue", "source", "records", "put", "k00", write=True)
        process.start(Link(site.network, process).call(asked, effect))

    assert "rogue wrote 'k00' in source, which is open to applications" in found(at(AT_S, write))


def test_a_store_that_loses_what_it_has_acknowledged() -> None:
    def forget(site: Site) -> None:
        source, write, count = site.sides["source"].documents, site.sides["source"].documents.write, 0

        def forgetful(key: str, body: bytes, **more: Any) -> str:
            nonlocal count
            count += key.startswith("k0")
            return "" if count % 10 == 9 and site.loop.us else write(key, body, **more)

        source.write = forgetful  # type: ignore[method-assign]

    said = found(forget)
    assert "though operation" in said or "is gone" in said


def test_something_deleted_that_comes_back() -> None:
    def resurrect(site: Site) -> None:
        for side in site.sides.values():
            for key, stack in list(side.documents._versions.items()):
                if key.startswith("k0") and stack[-1] is None:
                    side.documents._versions[key].append(stack[0])

    saids = [play(replace(CALM, seed=seed), at(AT_S, resurrect)).violations for seed in range(8)]
    assert any("still holds" in "\n".join(one) for one in saids)


def test_sides_that_differ_in_the_end() -> None:
    def spoil(site: Site) -> None:
        site.sides["target"].documents.spoil("static005", unseen=True)

    assert "document static005" in found(at(AT_S + 1, spoil), replace(CALM, switches=()))


def test_a_validation_that_misses_wrong_bytes() -> None:
    def blind(site: Site) -> None:
        async def digest(document: Document) -> str:
            return "the same"

        for side in site.sides.values():
            side.documents.read_digest = digest  # type: ignore[method-assign]

    outcomes = [play(replace(CALM, seed=seed, faults=Faults(("corruption",))), blind) for seed in range(4)]
    assert any("did not find wrong bytes" in said for one in outcomes for said in one.violations)


def test_a_validation_that_finds_what_is_not_there() -> None:
    def wrong(site: Site) -> None:
        async def digest(document: Document) -> str:
            return document.version

        for side in site.sides.values():
            side.documents.read_digest = digest  # type: ignore[method-assign]

    assert "found differences where there are none" in found(wrong)


def test_an_operation_that_takes_too_long_though_nothing_failed() -> None:
    def slow(site: Site) -> None:
        site.weather.outages.append(Outage("throttle-burst", "source", ("documents",), 9.0 * US, who="app"))

    assert "though nothing" in found(at(AT_S, slow))


def test_a_run_that_does_not_come_to_its_end() -> None:
    def block(site: Site) -> None:
        site.weather.mend = lambda: None  # type: ignore[method-assign]
        site.weather.outages.append(Outage("throttle-endless", "target", ("documents",), float("inf")))

    assert "NotFinished" in found(block, replace(CALM, conditions=replace(BRISK, within_s=10.0)))


def test_a_state_of_others_that_was_not_kept() -> None:
    def careless(site: Site) -> None:
        async def keep(kind: Kind, mark: Mark, item: Item | None) -> None:
            return

        site.provenance.keep = keep  # type: ignore[method-assign]

    asked = replace(CALM, faults=Faults(("stale-client",)))
    assert "neither there nor kept" in found(careless, asked)


def test_a_callback_that_fails_is_no_clean_run() -> None:
    def fail(site: Site) -> None:
        site.loop.call_later(AT_S, int, "no number")

    assert "invalid literal" in found(fail)


def first_found(names: tuple[str, ...], seeds: Sequence[int], **more: Any) -> str:
    """Run until something is violated."""
    switches = (Turn.CUTOVER, Turn.ROLLBACK)
    for seed in seeds:
        faults = Faults(names, share=0.01, budget=150, until_s=120.0)
        outcome = play(Scenario(seed, faults, switches, statics=0, keys=3, applications=4, **more))
        if outcome.violations:
            return "\n".join(outcome.violations)
    return ""


def test_a_switch_that_does_not_wait_for_the_clients_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Terms, "armed_lease_s", property(lambda _: 0.0))
    assert "was acknowledged" in first_found(("late-requests",), range(20), lease_s=3.0)


def test_a_switch_that_does_not_wait_for_the_workers_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    async def closed(_: Live) -> str:
        return ""

    monkeypatch.setattr(Live, "_closed", closed)
    assert "which is open to applications" in first_found(("late-requests", "zombie"), range(20), workers=2)


def test_a_client_that_acknowledges_whenever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def holds(*_: object) -> bool:
        return True

    monkeypatch.setattr(Route, "holds", holds)
    assert "was acknowledged" in first_found(("late-requests",), range(20), lease_s=2.0)


def test_a_completion_that_leaves_the_source_to_whoever_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leave(migration: Migration, checked: Gate | None) -> None:
        return

    monkeypatch.setattr(completion, "_close", leave)
    said = found(lambda _: None, replace(CALM, complete=True, seed=IN_TROUBLE))
    assert "after the completion another side is open than the target" in said
