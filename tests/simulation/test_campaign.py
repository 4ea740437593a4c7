import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.errors import InvalidInput
from docferry.drill import campaign as module
from docferry.drill.campaign import BLOCK, Campaign, State, run_block
from docferry.drill.scenario import Outcome, play
from docferry.drill.tally import Tally
from docferry.simulation.reach import HARMS, Met, Point, effect_of, role_of
from docferry.simulation.weather import Request

CALM: tuple[str, ...] = ()


def ran(
    asked: Campaign, tally: Tally, processes: int = 1, told: Callable[[], None] = lambda: None, after: int = 1000
) -> Tally:
    """Run a campaign that is stopped once so many blocks are done."""
    blocks = 0

    def count() -> None:
        nonlocal blocks
        blocks += 1
        told()

    asked.run(tally, processes, count, lambda: blocks >= after)
    return tally


@pytest.mark.no_cover
def test_a_campaign_that_was_stopped_and_gone_on_with_comes_to_what_one_run_comes_to(tmp_path: Path) -> None:
    asked = Campaign(0, 3 * BLOCK, CALM)
    state = State(tmp_path / "state.json", asked)
    stopped = ran(asked, state.load(), after=1)
    assert stopped.runs == BLOCK
    state.save(stopped)
    gone_on = ran(asked, state.load())
    assert gone_on.as_entry() == ran(asked, Tally()).as_entry()
    assert gone_on.runs == 3 * BLOCK


@pytest.mark.no_cover
def test_several_processes_come_to_what_one_comes_to() -> None:
    asked = Campaign(5, 2 * BLOCK + 1, CALM)
    assert ran(asked, Tally(), processes=2).as_entry() == ran(asked, Tally()).as_entry()


def test_only_its_owner_may_read_a_state(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.touch(0o644)
    State(path, Campaign(0, 1)).save(Tally())
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "other",
    [
        lambda path: State(path, Campaign(1, 9)),
        lambda path: State(path, Campaign(0, 9, ("crash",))),
        lambda path: State(path, Campaign(0, 9), code="other"),
    ],
)
def test_a_state_of_other_seeds_faults_or_code_is_refused(tmp_path: Path, other: Callable[[Path], State]) -> None:
    path = tmp_path / "state.json"
    State(path, Campaign(0, 9)).save(Tally(runs=3))
    assert State(path, Campaign(0, 20)).load().runs == 3
    with pytest.raises(InvalidInput, match="other seeds, faults or code"):
        other(path).load()


@pytest.mark.parametrize("held", ["", "{}", "[]", '{"about": {}, "done": {"runs": 1}}', "\x00"])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, held: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(held)
    with pytest.raises(InvalidInput, match="no state of a campaign"):
        State(path, Campaign(0, 1)).load()
    assert path.read_text() == held


def spoiled(monkeypatch: pytest.MonkeyPatch, *seeds: int) -> None:
    """Have runs of these seeds lose what was acknowledged."""

    def playing(scenario: Any) -> Outcome:
        def lose(site: Any) -> None:
            if scenario.seed in seeds:
                site.loop.after(3_000_000, lambda: site.watch.broken("it is gone", lost=True))

        return play(scenario, lose)

    monkeypatch.setattr(module, "play", playing)


@pytest.mark.no_cover
def test_it_ends_with_the_first_failure_and_tells_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled(monkeypatch, BLOCK + 1)
    asked = Campaign(0, 5 * BLOCK, CALM, failures=1)
    tally = ran(asked, Tally())
    assert tally.runs == 2 * BLOCK
    assert [(one.seed, one.lost, one.violations) for one in tally.failures] == [(BLOCK + 1, True, ("it is gone",))]
    # What has failed stays failed: going on runs nothing more.
    assert ran(asked, Tally.of(json.loads(json.dumps(tally.as_entry())))).as_entry() == tally.as_entry()


@pytest.mark.no_cover
def test_an_effect_counts_as_met_only_by_the_harm_that_came_to_it() -> None:
    calm = run_block(0, 3, CALM)
    assert calm
    assert {met for _, met in calm.reached} == {Met.SENT}
    points = calm.crash_points()
    assert (points.met, points.can) == (0, sum(len(HARMS[point.write]) for point, _ in calm.reached))
    died = run_block(0, 6, ("crash",))
    assert died
    assert {met for _, met in died.reached} == {Met.SENT, Met.DIED_BEFORE, Met.DIED_AFTER}
    assert died.crash_points().met == len([one for one in died.reached if one[1] is not Met.SENT])
    deaths = sum(count for (_, met), count in died.reached.items() if met is not Met.SENT)
    assert 0 < deaths <= died.faults["crash"]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("fault", "met"),
    [
        ("timeout-before", Met.LOST_BEFORE),
        ("timeout-after", Met.LOST_AFTER),
        ("late-requests", Met.LATE),
        ("throttle", Met.LOST_BEFORE),
    ],
)
def test_each_fault_is_counted_as_what_it_does(fault: str, met: Met) -> None:
    tally = run_block(0, 8, (fault,))
    assert tally
    writes = {harm for point, harm in tally.reached if point.write}
    assert writes == {Met.SENT, met}


def test_effects_are_named_without_numbers() -> None:
    part = Request("worker1-4", "target", "documents", "copy part 3", "k01", write=True)
    entry = Request("runner-2", "target", "ledger", "write", "backfill/0/range/7", write=True)
    assert (role_of(part.who), effect_of(part)) == ("worker", "target documents: copy part")
    assert effect_of(entry) == "target ledger: write backfill/#/range/#"
    assert str(Point("runner", "armed", "target documents: copy", True)) == "runner, armed: target documents: copy"


SIMULATE = (str(Path(sys.executable).with_name("docferry")), "simulate")


@pytest.mark.no_cover
@pytest.mark.parametrize(("processes", "times"), [(1, 2), (2, 1)])
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(
    tmp_path: Path, processes: int, times: int
) -> None:
    path = tmp_path / "state.json"
    asked = [*SIMULATE, "--seeds", "100000", "--processes", str(processes), "--state", str(path), "--json"]
    runs = 0
    for _ in range(times):
        started = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        _wait_for_more_than(path, runs)
        os.kill(started.pid, signal.SIGINT)
        said, told = started.communicate(timeout=240)
        assert started.returncode == 130, told
        assert "run the same command again to go on" in told
        before, runs = runs, json.loads(said)["runs"]
        assert runs > before
        assert json.loads(path.read_text())["done"]["runs"] == runs


def _wait_for_more_than(path: Path, runs: int) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until:
        if path.exists() and json.loads(path.read_text())["done"]["runs"] > runs:
            return
        time.sleep(0.1)
    raise AssertionError("nothing was kept")
