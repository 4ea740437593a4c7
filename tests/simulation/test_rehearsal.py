import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from docferry.cli.main import app
from docferry.domain.errors import InvalidInput
from docferry.domain.estimate import Assumptions, estimate
from docferry.domain.inventory import DocumentInventory, RecordInventory, Tally
from docferry.drill.conditions import BRISK
from docferry.drill.expected import expected
from docferry.drill.rehearsal import Asked, Planned, Rehearsed, rehearse
from docferry.migration import Tuning
from docferry.prices import load_prices
from docferry.switch.terms import Terms

PLANNED = Planned(
    records=1000,
    bytes=4_000_000_000,
    requests=2000,
    megabytes_per_s=200.0,
    changes_per_s=1.0,
    followed_per_s=50.0,
    listing_s=4.0,
    ready_s=60.0,
)
ASKED = Asked(40, 10, 5.0, replace(BRISK, terms=Terms(max_pause_s=2.5, deadline_s=4.5), page_rows=100), 1.0)
RUN = Rehearsed(
    seed=0,
    copies_per_s=100.0,
    records_per_s=200.0,
    pauses_s=(0.5,),
    held_s=0.75,
    oldest_s=(0.25, 0.0),
    most_writes=2,
    writes_per_s=4.0,
    refusals=(),
    violations=(),
    lost=False,
)


def entry() -> dict[str, Any]:
    documents = DocumentInventory(total=Tally(10, 1000, 16), multipart=Tally(2, 500, 4))
    records = RecordInventory(total=Tally(7, 700), write_units=7, read_units=7)
    made = estimate(documents, records, Assumptions(), load_prices(), between_regions=True)
    return {
        "format": 1,
        "documents": documents.as_json(),
        "records": records.as_json(),
        "estimate": made.as_json(),
    }


def test_a_plan_is_read_as_it_is_written() -> None:
    planned = Planned.from_entry(json.loads(json.dumps(entry())))
    # Two documents in two parts each take two requests more than their parts.
    assert (planned.records, planned.bytes, planned.requests) == (7, 1000, 8 + 4 + 4)
    assert (planned.changes_per_s, planned.followed_per_s, planned.megabytes_per_s) == (1.0, 50.0, 200.0)
    assert planned.ready_s == entry()["estimate"]["seconds_to_cutover_ready"]


def _no_phases(plan: dict[str, Any]) -> None:
    plan["estimate"]["phases"] = []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plan: plan.update(format=2),
        lambda plan: plan.pop("documents"),
        lambda plan: plan["documents"].update(count="many"),
        lambda plan: plan["documents"].update(bytes=-1),
        lambda plan: plan["records"].update(count=float("nan")),
        lambda plan: plan["estimate"]["assumptions"].pop("changes_per_s"),
        _no_phases,
    ],
)
def test_what_is_no_plan_is_refused(spoil: Callable[[dict[str, Any]], Any], tmp_path: Path) -> None:
    path, plan = tmp_path / "plan.json", entry()
    spoil(plan)
    path.write_text(json.dumps(plan))
    with pytest.raises(InvalidInput, match="is no plan"):
        Planned.of(path)


@pytest.mark.parametrize("text", ["", "[]", "7", '{"format": 1', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="is no plan"):
        Planned.of(path)


def test_time_goes_by_what_binds_and_by_what_comes_meanwhile() -> None:
    # 20 s for bytes, 10 s for records, 4 s for listings; in that time comes a 49th of what can be followed.
    assert PLANNED.ready_after_s(400.0, 100.0, 1.0) == pytest.approx(34.0 * 50 / 49)
    # 200 s for requests.
    assert PLANNED.ready_after_s(10.0, 100.0, 0.0) == pytest.approx(214.0)
    assert PLANNED.ready_after_s(400.0, 100.0, 50.0) is None


def test_there_is_no_time_where_nothing_was_brought() -> None:
    assert PLANNED.ready_after_s(0.0, 100.0, 1.0) is None
    assert expected(PLANNED, ASKED, [replace(RUN, copies_per_s=0.0)]).as_json()["seconds_to_cutover_ready"] is None


@pytest.mark.no_cover
def test_a_run_brings_everything_switches_and_tells_how_far_it_was_behind() -> None:
    run = rehearse(ASKED, 1)
    assert (run.violations, run.lost) == ((), False)
    (pause_s,) = run.pauses_s
    assert 0.26 < pause_s < 2.5
    assert run.held_s > 0.26
    assert min(run.copies_per_s, run.records_per_s) > 10.0
    assert 1.0 < run.writes_per_s < 10.0
    assert 0.0 < max(run.oldest_s) < 30.0
    assert run.most_writes >= 1


@pytest.mark.no_cover
def test_later_events_leave_one_side_farther_behind() -> None:
    late = replace(ASKED, conditions=replace(ASKED.conditions, event_us=(2_000_000, 3_000_000)))
    terms = replace(late.conditions.terms or Terms(), max_lag_s=20.0, max_pause_s=4.0)
    late = replace(late, conditions=replace(late.conditions, terms=terms))
    assert _middle(rehearse(late, 1)) > 1.0 > _middle(rehearse(ASKED, 1))


def _middle(run: Rehearsed) -> float:
    return sorted(run.oldest_s)[len(run.oldest_s) // 2]


@pytest.mark.no_cover
def test_slower_requests_make_a_slower_backfill() -> None:
    slow = replace(ASKED, conditions=replace(BRISK, request_us=(40_000, 60_000), tuning=Tuning(window=8)))
    assert rehearse(slow, 1).copies_per_s < rehearse(ASKED, 1).copies_per_s / 4


def test_runs_are_added_up() -> None:
    other = replace(
        RUN, pauses_s=(), refusals=("lag: 3 s", "lag: 4 s", "stuck: no"), lost=True, violations=("gone",)
    )
    found = expected(PLANNED, ASKED, [RUN, other, RUN])
    assert (found.runs, found.switched, found.pauses_s) == (3, 2, (0.5, 0.5))
    assert found.refusals == {"lag": 2, "stuck": 1}
    assert [one.seed for one in found.failed] == [0]
    said = found.as_json()
    assert said["behind_s"] == {"median": 0.25, "p99": 0.25, "worst": 0.25}
    assert said["pause_s"] == {"median": 0.5, "worst": 0.5}
    assert json.loads(json.dumps(said)) == said


def test_a_plan_that_is_not_there_and_options_that_do_not_fit_are_bad_input(tmp_path: Path) -> None:
    missing = CliRunner().invoke(app, ["rehearse", str(tmp_path / "none.json")])
    assert "cannot read" in str(missing.exception)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(entry()))
    few = CliRunner().invoke(app, ["rehearse", str(path), "--sample", "20", "--keys", "11"])
    assert "more than half" in str(few.exception)


@pytest.mark.no_cover
def test_the_command_tells_a_person_and_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docferry.cli.rehearse.rehearse", lambda asked, seed: replace(RUN, seed=seed))
    monkeypatch.chdir(tmp_path)
    Path("plan.json").write_text(json.dumps(entry()))
    asked = ["rehearse", "--runs", "2", "--processes", "1"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0
    told = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines() if not line.startswith("longest"))
    assert told["pause"] == "500 ms median, 500 ms at worst, of 5 s"
    assert told["lost"] == "nothing"
    assert json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["switched"] == 2


def test_a_run_that_lost_something_fails_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(RUN, violations=("document k is gone",), lost=True)
    monkeypatch.setattr("docferry.cli.rehearse.rehearse", lambda asked, seed: broken)
    (tmp_path / "plan.json").write_text(json.dumps(entry()))
    shown = CliRunner().invoke(app, ["rehearse", str(tmp_path / "plan.json"), "--runs", "1", "--processes", "1"])
    assert shown.exit_code == 1
    assert "DATA WAS LOST" in shown.stdout
    assert "document k is gone" in shown.stdout
