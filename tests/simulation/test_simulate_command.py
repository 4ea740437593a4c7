import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from docferry.cli.main import app
from docferry.drill import campaign
from docferry.drill.scenario import Outcome, play


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "--faults", "", *arguments])


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed 2 loses data, and seed 3 violates something else."""

    def playing(scenario: Any) -> Outcome:
        def break_it(site: Any) -> None:
            if scenario.seed in (2, 3):
                site.loop.after(3_000_000, lambda: site.watch.broken("it broke", lost=scenario.seed == 2))

        return play(scenario, break_it)

    monkeypatch.setattr(campaign, "play", playing)


@pytest.mark.no_cover
@pytest.mark.usefixtures("losing")
def test_a_failure_is_told_by_seed_command_and_whether_data_was_lost() -> None:
    ended = simulate("--seeds", "4")
    assert ended.exit_code == 1
    lines = [" ".join(one.split()) for one in ended.stdout.splitlines()]
    told = lines[lines.index("failed 2 runs") :]
    assert told[1:4] == [
        "seed 2 DATA WAS LOST",
        "it broke",
        'docferry simulate --first 2 --seeds 1 --faults "" --timeline',
    ]
    assert told[4:6] == ["seed 3 no data was lost", "it broke"]


@pytest.mark.no_cover
@pytest.mark.usefixtures("losing")
def test_a_program_is_told_the_same_and_what_was_never_met() -> None:
    ended = simulate("--seeds", "4", "--json")
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["runs"]) == (1, 4)
    assert [(one["seed"], one["lost"]) for one in said["failed"]] == [(2, True), (3, False)]
    points = said["crash_points"]
    assert points["met"] == 0
    assert len(points["never"]) == points["can_be_met"] > points["effects"] > 0
    assert {"role", "moment", "effect", "write", "harm"} == set(points["never"][0])


@pytest.mark.no_cover
def test_what_is_done_is_not_done_again_and_what_was_never_met_is_listed(tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    first = simulate("--seeds", "3", "--state", state, "--crash-points")
    assert first.exit_code == 0
    assert "never met" in first.stdout
    assert simulate("--seeds", "3", "--state", state, "--crash-points").stdout == first.stdout
    more = simulate("--seeds", "4", "--state", state, "--json")
    assert json.loads(more.stdout)["runs"] == 4


def test_a_state_of_another_campaign_is_bad_input(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("{}")
    ended = simulate("--seeds", "1", "--state", str(state))
    assert ended.exit_code != 0
    assert "no state of a campaign" in str(ended.exception)
    assert state.read_text() == "{}"
