"""The state machine's definition: judged by a linter and by what we ask of every state in it."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.machine import CHILDREN, Machine, all_states, following, rendered
from tests.terraform.needed import lacking

LINTER = "asl-validator@4.0.0"
EVENTS = {"Task": 5, "Choice": 2, "Pass": 2, "Wait": 2}
"""Events that a state leaves in a history that goes well."""
HISTORY, RETRY, LOOKS = 25_000, 3, 1001
PERSON = {"Ask for the cutover", "Ask for the rollback", "Ask to complete", "Stopped"}
"""States that wait for someone, so that a way round through them is no loop."""


@pytest.fixture(scope="module")
def machine() -> Machine:
    return rendered()


@pytest.fixture(scope="session")
def linter(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs asl-validator, installed into a folder of this run alone."""
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("npm")
    if npm is None or shutil.which("node") is None:
        lacking("no npm, with which asl-validator is installed")
    quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        [npm, "install", *quiet, "--prefix", str(folder), LINTER],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lacking(f"npm could not install {LINTER}: {done.stderr.strip().splitlines()[-1:]}")
    return ["node", str(folder / "node_modules/asl-validator/dist/bin/asl-validator.js"), "--json-path"]


def complaints(linter: list[str], machine: Machine, folder: Path) -> str:
    path = folder / "machine.json"
    path.write_text(json.dumps(machine), encoding="utf-8")
    done = subprocess.run([*linter, str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    "settings", [{}, {"event_bus": "", "approval_required": False, "repair_allowed": False, "looks": 1}]
)
def test_the_linter_finds_nothing(linter: list[str], tmp_path: Path, settings: dict[str, Any]) -> None:
    assert complaints(linter, rendered(**settings), tmp_path) == ""


@pytest.mark.parametrize("wrong", [{"Next": "Nowhere"}, {"Resource": "nothing"}, {"ResultPath": "not a path"}])
def test_the_linter_would_find_something(linter: list[str], tmp_path: Path, wrong: dict[str, Any]) -> None:
    machine = rendered()
    machine["States"]["Prepare"] |= wrong
    assert complaints(linter, machine, tmp_path)


def test_every_template_is_used_and_nothing_is_left_open(machine: Machine) -> None:
    text = json.dumps(machine)
    assert "${" not in text
    assert "%{" not in text
    assert len(text.encode()) < 1_048_576, "AWS takes no larger definition"


def test_names_are_unique_and_every_state_can_be_reached(machine: Machine) -> None:
    names = [name for name, _, _ in all_states(machine)]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 80
    for part in parts(machine):
        reached = {part["StartAt"]}.union(*(following(state) for state in part["States"].values()))
        assert reached == set(part["States"])


def parts(machine: Machine) -> Iterator[Machine]:
    yield machine
    yield from (state["ItemProcessor"] for state in machine["States"].values() if "ItemProcessor" in state)


def test_every_task_is_tried_again_with_growing_limited_random_delays_and_its_failure_is_caught(
    machine: Machine,
) -> None:
    tasks = [(name, state) for name, state, _ in all_states(machine) if state["Type"] == "Task"]
    assert len(tasks) == 10 + 3 + len(CHILDREN) + 2, "steps, approvals, children, events"
    for name, state in tasks:
        assert state["Retry"], name
        for retrier in state["Retry"]:
            assert retrier["BackoffRate"] > 1, name
            assert retrier["MaxDelaySeconds"] <= 300, name
            assert retrier["MaxAttempts"] <= 10, name
            assert retrier["JitterStrategy"] == "FULL", name
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        assert "putEvents" in state["Resource"] or state["TimeoutSeconds"] > 0, name


def test_every_map_gives_each_item_a_history_of_its_own_and_its_failure_is_caught(machine: Machine) -> None:
    maps = {name: state for name, state in machine["States"].items() if state["Type"] == "Map"}
    assert len(maps) == len(CHILDREN)
    assert len({state["Label"] for state in maps.values()}) == len(CHILDREN)
    for name, state in maps.items():
        assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, (
            name
        )
        assert (state["MaxConcurrency"], state["ToleratedFailurePercentage"]) == (40, 0), name
        assert state["Catch"][0] == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Stopping"}


def test_approvals_time_out_but_are_not_asked_for_twice_because_of_it(machine: Machine) -> None:
    approvals = {
        name: state for name, state in machine["States"].items() if state.get("Resource", "").endswith("Token")
    }
    assert set(approvals) == PERSON - {"Stopped"}
    for state in approvals.values():
        assert state["TimeoutSeconds"] == 604800
        assert state["Parameters"]["Payload"]["token.$"] == "$$.Task.Token"
        assert not {"States.Timeout", "Rejected"} & {name for one in state["Retry"] for name in one["ErrorEquals"]}


def test_no_error_ends_in_a_state_that_a_redrive_would_only_fail_in_again(machine: Machine) -> None:
    failing = [name for name, state in machine["States"].items() if state["Type"] == "Fail"]
    assert failing == ["Unknown end"], "only input that is refused before anything is done may end in one"
    assert not any(
        catch["Next"] in failing for _, state, _ in all_states(machine) for catch in state.get("Catch", ())
    )


def loop(states: Machine, without: set[str]) -> list[str]:
    """Return a way through the states that comes back to where it began, none if there is no such way."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done or name in without:
            return []
        found = next(filter(None, (walk(one, [*way, name]) for one in following(states[name]))), [])
        done.add(name)
        return found

    return next(filter(None, (walk(name, []) for name in states)), [])


def test_every_loop_counts_its_turns_or_waits_for_a_person(machine: Machine) -> None:
    for part in parts(machine):
        states = part["States"]
        counting = {name for name, state in states.items() if "MathAdd" in json.dumps(state.get("Parameters", ""))}
        assert loop(states, without=set()), "there are loops"
        # Once watched it is validated again, and after that it never comes to the watch any more.
        assert loop(states, without=counting | PERSON | {"Watched"}) == []


def test_what_is_counted_ends_the_loop(machine: Machine) -> None:
    for part in parts(machine):
        for name, state in part["States"].items():
            if "MathAdd" not in json.dumps(state.get("Parameters", "")):
                continue
            deciding = [
                rule
                for one in part["States"].values()
                for rule in one.get("Choices", ())
                if one.get("Default") == name and "NumericGreaterThanEquals" in rule
            ]
            assert deciding, f"{name} is counted, and nothing decides by it"


def test_every_history_has_room_for_its_loops(machine: Machine) -> None:
    """The limits that infra/step_functions.tf sets, whose own test sees that they are the same there."""
    turn = EVENTS["Task"] + EVENTS["Choice"] + EVENTS["Pass"]
    attempts = sum(one["MaxAttempts"] for one in machine["States"]["Prepare"]["Retry"])
    worst = turn + attempts * RETRY
    assert 300 * worst < HISTORY, "a child, each of its turns retried to the last"
    loops = (50 + 2 * 60) * worst + LOOKS * (turn + EVENTS["Wait"])
    # Every other state twice, each task retried to the last.
    tasks = [state for state in machine["States"].values() if state["Type"] == "Task"]
    rest = 2 * EVENTS["Task"] * len(machine["States"]) + attempts * RETRY * len(tasks)
    assert loops + rest < HISTORY, "the machine itself, each turn but the looks retried to the last"


def test_children_answer_nothing_so_that_10000_results_fit_into_what_may_travel(machine: Machine) -> None:
    children = [state for part in list(parts(machine))[1:] for state in part["States"].values()]
    ends = [state for state in children if state["Type"] == "Succeed"]
    assert len(ends) == len(CHILDREN)
    assert all(state["OutputPath"] is None for state in ends)
