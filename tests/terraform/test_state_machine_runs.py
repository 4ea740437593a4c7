"""The state machine run for real on the embedded AWS, which has neither AWS's limits nor its delays."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.moved import Move, made

BACKFILL = ["prepare", "plan", "backfill_documents", "backfill_records", "finish_backfill"]
VALIDATION = ["begin", "documents", "records", "summary"]


@pytest.fixture
def move(endpoint: str, tmp_path: Path) -> Move:
    return made(endpoint, tmp_path)


def order(steps: list[str]) -> list[str]:
    """Return the steps without their numbers, and one for all that follow each other."""
    named = [step if step.startswith("approval") else step.split()[0] for step in steps]
    return [step for i, step in enumerate(named) if i == 0 or named[i - 1] != step]


def test_a_migration_goes_through_to_the_end_and_asks_twice(move: Move) -> None:
    execution = move.start()
    move.approve("cutover")
    move.approve("complete")
    ended = move.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    after = ["approval cutover", "cutover", "watch", *VALIDATION, "approval complete", "complete"]
    assert order(move.steps()) == [*BACKFILL, *VALIDATION, *after]
    assert json.loads(ended["output"])["completed"] == {"completed": True}


def test_every_range_and_segment_has_a_child_which_goes_on_until_it_is_done(move: Move) -> None:
    move.answer(
        plan=[{"done": False, "ranges": [], "segments": []}] * 2
        + [{"done": True, "ranges": [0, 1, 7], "segments": [0, 1]}],
        **{"backfill_documents 7": [{"done": False}, {"done": False}, {"done": True}]},
    )
    assert move.run(until="validate")["status"] == "SUCCEEDED"
    steps = move.steps()
    assert steps.count("plan") == 3
    backfilled = sorted(step for step in steps if step.startswith("backfill"))
    ranges = ["backfill_documents 0", "backfill_documents 1", *["backfill_documents 7"] * 3]
    assert backfilled == [*ranges, "backfill_records 0", "backfill_records 1"]


def test_a_move_of_nothing_has_no_children(move: Move) -> None:
    move.answer(plan=[{"done": True, "ranges": [], "segments": []}], begin=[{"ranges": [], "segments": []}])
    assert move.run(until="validate")["status"] == "SUCCEEDED"
    assert order(move.steps()) == ["prepare", "plan", "finish_backfill", "begin", "summary"]


def test_differences_are_repaired_and_validated_again(move: Move) -> None:
    clean = {"differences": 0, "documents": 5, "records": 5}
    move.answer(
        summary=[{**clean, "differences": 2}, clean],
        repair=[{"repaired": 1, "done": False}, {"repaired": 1, "done": True}],
    )
    assert move.run(until="validate")["status"] == "SUCCEEDED"
    assert order(move.steps()) == [*BACKFILL, *VALIDATION, "repair", *VALIDATION]
    assert move.steps().count("repair") == 2


def test_differences_that_stay_stop_it_before_the_cutover(move: Move) -> None:
    move.answer(summary=[{"differences": 2, "documents": 5, "records": 5}])
    ended = move.run()
    assert ended["status"] == "FAILED"
    assert "DifferencesFound: 2 differences, repaired 3 times" in ended["cause"]
    assert move.steps().count("repair") == 3
    assert "cutover" not in move.steps()


def test_differences_stop_it_where_no_repair_is_allowed(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, repair_allowed=False)
    move.answer(summary=[{"differences": 2, "documents": 5, "records": 5}])
    assert "DifferencesFound" in move.run()["cause"]
    assert "repair" not in move.steps()
    assert [event["detail"]["error"] for event in move.events()] == ["DifferencesFound"]


@pytest.mark.parametrize("error", ["Retryable", "Conflict", "StaleEpoch", "GateRefused", "TooEarly"])
def test_what_may_succeed_later_is_tried_again(move: Move, error: str) -> None:
    move.answer(finish_backfill=[{"error": error}, {"error": error}, {"documents": 5, "records": 5}])
    assert move.run(until="validate")["status"] == "SUCCEEDED"
    assert move.steps().count("finish_backfill") == 3


def test_an_error_stops_it_and_says_so_with_the_cause_and_what_to_do(move: Move) -> None:
    move.answer(plan=[{"error": "NeedsOperator", "message": "the bucket of the target is not versioned"}])
    execution = move.start()
    ended = move.ended(execution)
    assert ended["status"] == "FAILED"
    for said in (
        "NeedsOperator",
        "not versioned",
        "Data is safe",
        f"redrive-execution --region {execution.split(':')[3]} --execution-arn {execution}",
    ):
        assert said in ended["cause"]
    (event,) = move.events()
    assert (event["source"], event["detail-type"]) == ("docferry", "Migration Failed")
    assert event["detail"]["execution_arn"] == execution
    assert event["detail"]["error"] == "NeedsOperator"
    assert "not versioned" in event["detail"]["cause"]
    assert order(move.steps()) == ["prepare", "plan"]


def test_a_redrive_goes_on_where_it_stopped(move: Move) -> None:
    """On AWS as on patch redrive: the state that failed is entered again with the same input."""
    move.answer(
        finish_backfill=[{"error": "NeedsOperator"}, {"error": "NeedsOperator"}, {"documents": 5, "records": 5}]
    )
    execution = move.start(until="validate")
    assert move.ended(execution)["status"] == "FAILED"
    redrive(move, execution)
    assert "NeedsOperator" in move.ended(execution)["cause"]
    redrive(move, execution)
    assert move.ended(execution)["status"] == "SUCCEEDED"
    again = [*BACKFILL[2:], *BACKFILL[2:], *VALIDATION]
    assert order(move.steps()) == [*BACKFILL, *again]


def redrive(move: Move, execution: str) -> None:
    move.client("stepfunctions").redrive_execution(executionArn=execution)


def test_a_redrive_after_the_cutover_watches_on_and_does_not_cut_over_again(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, approval_required=False)
    move.answer(watch=[{"error": "NeedsOperator"}, {"healthy": True, "reason": ""}])
    execution = move.start()
    assert move.ended(execution)["status"] == "FAILED"
    redrive(move, execution)
    assert move.ended(execution)["status"] == "SUCCEEDED"
    after = ["cutover", "watch", *VALIDATION, "complete"]
    assert order(move.steps()) == [*BACKFILL, *VALIDATION, *after]


def test_a_function_that_cannot_ask_for_the_approval_stops_it(move: Move) -> None:
    move.answer(**{"approval cutover": [{"error": "ServiceError", "message": "no ledger"}]})
    ended = move.run()
    assert (ended["status"], "no ledger" in ended["cause"]) == ("FAILED", True)


def test_it_stops_with_the_first_error_where_there_is_no_bus(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, event_bus="")
    move.answer(prepare=[{"error": "ServiceError"}])
    ended = move.run()
    assert (ended["status"], "ServiceError" in ended["cause"]) == ("FAILED", True)


def test_a_bus_that_is_gone_does_not_hide_the_error(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, event_bus="no-such-bus")
    move.answer(prepare=[{"error": "ServiceError"}])
    ended = move.run()
    assert (ended["status"], "ServiceError" in ended["cause"]) == ("FAILED", True)


def test_a_range_that_fails_stops_it_and_its_child_names_it(move: Move) -> None:
    move.answer(**{"backfill_documents 1": [{"error": "NeedsOperator", "message": "archived"}]})
    ended = move.run()
    assert (ended["status"], "ExceedToleratedFailureThreshold" in ended["cause"]) == ("FAILED", True)
    assert "backfill_records" not in order(move.steps())
    (child,) = failed_children(move, ended["executionArn"])
    assert child["error"] == "NeedsOperator"
    assert child["cause"].startswith("backfill_documents of range 1: ")
    assert "archived" in child["cause"]


def failed_children(move: Move, execution: str) -> list[dict[str, Any]]:
    states = move.client("stepfunctions")
    runs = states.list_map_runs(executionArn=execution)["mapRuns"]
    children = [one for run in runs for one in states.list_executions(mapRunArn=run["mapRunArn"])["executions"]]
    failed = [one["executionArn"] for one in children if one["status"] == "FAILED"]
    return [states.describe_execution(executionArn=one) for one in failed]


def test_a_tolerated_failure_lets_the_others_end_and_stops_it_afterwards(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, tolerated_failure_percentage=50)
    refused = {"error": "Refused", "message": "range 1 is not done"}
    move.answer(**{"backfill_documents 1": [{"error": "NeedsOperator"}]}, finish_backfill=[refused])
    ended = move.run()
    assert (ended["status"], "range 1 is not done" in ended["cause"]) == ("FAILED", True)
    assert order(move.steps()) == BACKFILL


def test_a_child_that_is_never_done_ends(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, child_turns=3)
    move.answer(**{"backfill_records 0": [{"done": False}]})
    ended = move.run()
    assert ended["status"] == "FAILED"
    (child,) = failed_children(move, ended["executionArn"])
    assert (child["error"], "not done after 3 turns" in child["cause"]) == ("NotDone", True)
    assert move.steps().count("backfill_records 0") == 3


@pytest.mark.parametrize("step", ["plan", "repair"])
def test_a_loop_that_is_never_done_ends(endpoint: str, tmp_path: Path, step: str) -> None:
    move = made(endpoint, tmp_path, **{f"{step}_turns": 4})
    endless: dict[str, dict[str, Any]] = {
        "plan": {"done": False, "ranges": [], "segments": []},
        "repair": {"done": False, "repaired": 1},
    }
    move.answer(summary=[{"differences": 1, "documents": 5, "records": 5}], **{step: [endless[step]]})
    ended = move.run()
    assert (ended["status"], "NotDone" in ended["cause"], "4 turns" in ended["cause"]) == ("FAILED", True, True)
    assert move.steps().count(step) == 4


def test_it_cuts_over_and_completes_unasked_where_no_approval_is_required(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, approval_required=False)
    assert move.run()["status"] == "SUCCEEDED"
    assert not [step for step in move.steps() if step.startswith("approval")]
    assert order(move.steps())[-1] == "complete"


def test_a_rejected_cutover_changes_nothing(move: Move) -> None:
    execution = move.start()
    move.reject("cutover")
    ended = move.ended(execution)
    assert (ended["status"], "Rejected: not today" in ended["cause"]) == ("FAILED", True)
    assert "cutover" not in move.steps()


def test_an_approval_that_took_too_long_has_everything_validated_again_and_is_not_asked_again(
    endpoint: str, tmp_path: Path
) -> None:
    # So short that the validation is stale when the approval comes, and fresh when it has been made again.
    move = made(endpoint, tmp_path, fresh_ms=200)
    execution = move.start(until="cutover")
    token = move.asked("cutover")
    time.sleep(0.3)
    move.client("stepfunctions").send_task_success(taskToken=token, output="{}")
    assert move.ended(execution)["status"] == "SUCCEEDED"
    assert order(move.steps()) == [*BACKFILL, *VALIDATION, "approval cutover", *VALIDATION, "cutover", "watch"]


def test_it_watches_as_often_as_it_should(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, approval_required=False, looks=5)
    assert move.run(until="cutover")["status"] == "SUCCEEDED"
    assert move.steps().count("watch") == 5
    assert "complete" not in move.steps()


def test_an_unhealthy_watch_warns_and_rolls_back_only_when_told_to(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, approval_required=False)
    move.answer(watch=[{"healthy": False, "reason": "lag of 90 s"}])
    execution = move.start()
    token = move.asked("rollback")
    (event,) = move.events()
    assert (event["detail-type"], event["detail"]["reason"]) == ("Migration Unhealthy", "lag of 90 s")
    assert "rollback" not in move.steps()
    move.client("stepfunctions").send_task_success(taskToken=token, output="{}")
    assert move.ended(execution)["status"] == "SUCCEEDED"
    assert move.steps()[-1] == "rollback"


def test_a_rejected_rollback_goes_on_watching(endpoint: str, tmp_path: Path) -> None:
    move = made(endpoint, tmp_path, approval_required=False, looks=3)
    move.answer(
        watch=[
            {"healthy": True, "reason": ""},
            {"healthy": False, "reason": "lag"},
            {"healthy": True, "reason": ""},
        ]
    )
    execution = move.start(until="cutover")
    move.reject("rollback")
    assert move.ended(execution)["status"] == "SUCCEEDED"
    assert move.steps().count("watch") == 3
    assert "rollback" not in move.steps()


@pytest.mark.parametrize("given", [{"until": "sometime"}, {"until": 3}])
def test_an_unknown_end_is_refused_before_anything_is_done(move: Move, given: dict[str, Any]) -> None:
    ended = move.run(**given)
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidInput")
    assert move.calls() == []


def test_input_cannot_pretend_that_steps_are_done(move: Move) -> None:
    assert move.run(until="validate", done={"planned": {}, "filled": {}, "cutover": {}})["status"] == "SUCCEEDED"
    assert order(move.steps()) == [*BACKFILL, *VALIDATION]
