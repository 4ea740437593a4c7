"""Both functions of both regions: invoked, their results and logs read."""

import time

import pytest

from tests.live.deployed import FUNCTIONS, SIDES, Deployed, eventually

BOTH = [(side, function) for side in SIDES for function in FUNCTIONS]


def test_data_sync_answers(deployed: Deployed) -> None:
    seen = {side: deployed.step(side, "data_sync", "watch") for side in SIDES}
    for side in SIDES:
        assert isinstance(seen[side]["healthy"], bool)
        assert seen[side]["phase"] == deployed.step(side, "data_sync", "watch")["phase"]


def test_validation_answers(deployed: Deployed) -> None:
    for side in SIDES:
        begun = deployed.step(side, "validation", "begin")
        assert begun["segments"] == list(range(len(begun["segments"])))


@pytest.mark.parametrize(("side", "function"), BOTH)
def test_an_unknown_step_is_refused_by_name_and_logged(deployed: Deployed, side: str, function: str) -> None:
    step = f"no-such-step-{time.time_ns()}"
    said, error = deployed.answer(side, function, step=step)
    assert error == "InvalidInput"
    assert step in said["errorMessage"]
    logs, group = deployed.client(side, "logs"), deployed.of(side, f"{function}_log_group")
    eventually(lambda: logs.filter_log_events(logGroupName=group, filterPattern=f'"{step}"')["events"])
