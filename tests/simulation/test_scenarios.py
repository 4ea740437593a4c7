import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from docferry.domain.switch import Turn
from docferry.drill.conditions import FENCED
from docferry.drill.scenario import Outcome, Scenario, play, scenario_of
from docferry.drill.site import Job, Site
from docferry.simulation.faults import FAULTS, Faults
from docferry.simulation.process import Process
from docferry.simulation.reach import Met
from tests.simulation.seeds import SEEDS

DEATHS = (Met.DIED_BEFORE, Met.DIED_AFTER)
THERE_AND_BACK = (Turn.CUTOVER, Turn.ROLLBACK)
DIGESTS = (
    "from docferry.drill.scenario import play, scenario_of\n"
    "for seed in (7, 12, 33): print(play(scenario_of(seed)).digest)\n"
)


def digests_with(hash_seed: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_a_seed_is_the_same_run_in_every_process_whatever_python_hashes_by() -> None:
    first = digests_with("1")
    assert len(set(first.split())) == 3
    assert digests_with("2") == first
    assert [play(scenario_of(seed)).digest for seed in (7, 12, 33)] == first.split()


def refused(outcome: Outcome) -> str:
    return "\n".join(f"seed {outcome.scenario.seed}: {one}" for one in outcome.violations)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_happens_and_nothing_is_lost_by_it(name: str) -> None:
    happened = 0
    for seed in range(3):
        outcome = play(scenario_of(seed, (name,)))
        assert not outcome.violations, refused(outcome)
        happened += outcome.happened.get(name, 0)
    assert happened


@pytest.mark.parametrize(("seed", "names"), SEEDS)
def test_what_once_found_something_finds_nothing_any_more(seed: int, names: tuple[str, ...] | None) -> None:
    outcome = play(scenario_of(seed, names))
    assert not outcome.violations, refused(outcome)


def test_a_migration_is_carried_there_and_back_and_there_again_and_completed() -> None:
    asked = Scenario(3, Faults(), (*THERE_AND_BACK, Turn.CUTOVER), complete=True, workers=2, fenced=True)
    outcome = play(asked)
    assert not outcome.violations, refused(outcome)
    assert (outcome.switches, outcome.score.failed, outcome.score.held) == (3, 0, 0)
    assert outcome.score.done > 100
    assert 0.2 < outcome.pauses_s[0] < FENCED.max_pause_s
    assert outcome.events[-1].who.startswith("complete") or any(
        one.who.startswith("complete") for one in outcome.events
    )


class Deadly:
    """Has a process die at one of its effects, before it is sent or after it has landed."""

    def __init__(self, name: str, effect: int, after: bool) -> None:
        self._name, self._at = name, (effect, after)
        self.victim: Process | None = None

    def __call__(self, site: Site) -> None:
        start = site.start

        def starting(name: str, work: Callable[[Process], Coroutine[Any, Any, Any]]) -> Job[Any]:
            job = start(name, work)
            if name == self._name:
                self.victim, job.process.kill_at = job.process, self._at
            return job

        site.start = starting  # type: ignore[method-assign]

    @property
    def died(self) -> bool:
        return self.victim is not None and not self.victim.alive


CRASH = Faults(("crash",), often=0, until_s=0.0)
"""Whoever dies holds writers for longer than they may be held where nothing fails."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("block", range(5))
def test_a_switch_that_dies_at_any_effect_ends_as_if_it_had_not(block: int, after: bool) -> None:
    for effect in range(1 + block * 8, 9 + block * 8):
        deadly = Deadly("switch-1", effect, after)
        outcome = play(Scenario(effect, CRASH, statics=1, keys=2, applications=2), deadly)
        assert not outcome.violations, refused(outcome)
        assert deadly.victim
        assert outcome.switches == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_completion_that_dies_at_any_effect_ends_as_if_it_had_not(after: bool) -> None:
    died = []
    for effect in range(1, 13):
        deadly = Deadly("complete-1", effect, after)
        asked = Scenario(effect, CRASH, statics=1, keys=2, applications=2, complete=True)
        outcome = play(asked, deadly)
        assert not outcome.violations, refused(outcome)
        died.append(deadly.died)
    # Each that it has.
    assert 5 <= sum(died) < len(died)
    assert died == sorted(died, reverse=True)


def test_other_seeds_are_other_runs() -> None:
    scenarios = [scenario_of(seed) for seed in range(50)]
    assert len({replace(one, seed=0) for one in scenarios}) > 40
    assert len({one.faults.names for one in scenarios}) > 20


@pytest.mark.no_cover
def test_switches_and_runners_die_at_every_moment_of_a_switch() -> None:
    died: set[tuple[str, str]] = set()
    for seed in range(60):
        crash = ("crash",)
        outcome = play(
            Scenario(seed, Faults(crash, often=3), statics=1, keys=2, applications=1, aims=4, aimed=crash)
        )
        assert not outcome.violations, refused(outcome)
        died |= {(point.role, point.moment) for point, met in outcome.reach if met in DEATHS}
    moments = ("follow", "armed", "fenced", "both closed", "opened")
    assert {("switch", one) for one in moments} <= died
    assert {("runner", one) for one in ("backfill", *moments[:3])} <= died
