"""What the patches of functions and state machines add: error_types, token_failures, redrive."""

import io
import json
import time
import uuid
import zipfile
from typing import Any

import pytest

from tests.integration.sandbox.reached import client, refusal

ROLE = "arn:aws:iam::000000000000:role/any"
CODE = """
class NeedsOperator(Exception):
    pass

def handler(event, context):
    if "raise" in event:
        raise {"NeedsOperator": NeedsOperator, "KeyError": KeyError}[event["raise"]]("it says\\nNotMe: why")
    return event
"""


@pytest.fixture(scope="module")
def function(endpoint: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", CODE)
    made = client(endpoint, "lambda").create_function(
        FunctionName=f"f-{uuid.uuid4().hex}",
        Runtime="python3.11",
        Role=ROLE,
        Handler="code.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    return str(made["FunctionArn"])


@pytest.mark.parametrize("name", ["NeedsOperator", "KeyError"])
def test_an_error_of_a_function_is_told_by_its_name(endpoint: str, function: str, name: str) -> None:
    """Patch error_types."""
    payload = json.dumps({"raise": name})
    answer = client(endpoint, "lambda").invoke(FunctionName=function, Payload=payload)
    assert answer["FunctionError"]
    body = json.loads(answer["Payload"].read())
    assert body["errorType"] == name
    assert "it says" in body["errorMessage"]
    fine = client(endpoint, "lambda").invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in fine


def machine(endpoint: str, **states: Any) -> Any:
    """Return a way to start a state machine of these states, which begins with `first`."""
    states_client = client(endpoint, "stepfunctions")
    definition = {"StartAt": "first", "States": states}
    arn = states_client.create_state_machine(
        name=f"m-{uuid.uuid4().hex}", roleArn=ROLE, definition=json.dumps(definition)
    )["stateMachineArn"]
    return lambda **given: states_client.start_execution(stateMachineArn=arn, input=json.dumps(given))[
        "executionArn"
    ]


def ended(endpoint: str, execution: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        described: dict[str, Any] = client(endpoint, "stepfunctions").describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.05)
    raise TimeoutError(f"{execution} did not end within 20 s")


def test_a_function_that_fails_does_not_keep_its_token(endpoint: str, function: str) -> None:
    """Patch token_failures."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {
            "FunctionName": function,
            "Payload": {"raise": "NeedsOperator", "token.$": "$$.Task.Token"},
        },
        "End": True,
    }
    failed = ended(endpoint, machine(endpoint, first=task)())
    assert (failed["status"], failed["error"], "it says" in failed["cause"]) == ("FAILED", "NeedsOperator", True)


REDRIVEN = "$states.context.Execution.RedriveCount"
FIRST = {"Type": "Pass", "Result": {"seen": True}, "ResultPath": "$.first", "Next": "second"}
SECOND = {
    "Type": "Choice",
    "QueryLanguage": "JSONata",
    "Choices": [{"Condition": "{% " + REDRIVEN + " > 1 ? true : $error('not yet') %}", "Next": "third"}],
}


def test_a_redrive_enters_the_state_that_failed_again_with_its_input_and_is_counted(endpoint: str) -> None:
    """Patch redrive."""
    states = client(endpoint, "stepfunctions")
    execution = machine(endpoint, first=FIRST, second=SECOND, third={"Type": "Succeed"})(given=1)
    for _ in range(2):
        assert "not yet" in ended(endpoint, execution)["cause"]
        states.redrive_execution(executionArn=execution)
    done = ended(endpoint, execution)
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"given": 1, "first": {"seen": True}})
    events = [one["type"] for one in states.get_execution_history(executionArn=execution)["events"]]
    assert events.count("ExecutionRedriven") == 2
    assert (events.count("PassStateEntered"), events.count("ChoiceStateEntered")) == (1, 3)


def test_a_redrive_enters_a_state_that_ends_in_failure_again_and_fails_again(endpoint: str) -> None:
    """Patch redrive."""
    execution = machine(endpoint, first={"Type": "Fail", "Error": "Once", "Cause": "and again"})()
    assert ended(endpoint, execution)["status"] == "FAILED"
    client(endpoint, "stepfunctions").redrive_execution(executionArn=execution)
    failed = ended(endpoint, execution)
    assert (failed["status"], failed["error"]) == ("FAILED", "Once")


def test_what_succeeded_or_is_not_there_is_not_redriven(endpoint: str) -> None:
    """Patch redrive."""
    states = client(endpoint, "stepfunctions")
    execution = machine(endpoint, first={"Type": "Succeed"})()
    assert ended(endpoint, execution)["status"] == "SUCCEEDED"
    assert refusal(states.redrive_execution, executionArn=execution) == 400
    assert refusal(states.redrive_execution, executionArn=f"{execution}0") == 400
