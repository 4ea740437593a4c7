from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from docferry.aws.state_machine import Execution, StateMachine
from docferry.domain.errors import InvalidInput, Refused, ServiceError

ARN = "arn:aws:states:eu-west-1:000000000000:stateMachine:m"


class Answers:
    """A client that answers each operation as it is told, and remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: dict[str, Mapping[str, Any]] = {}

    async def json(self, service: str, target: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        assert service == "states"
        operation = target.removeprefix("AWSStepFunctions.")
        self.asked[operation] = payload
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def machine(client: Any) -> StateMachine:
    return StateMachine(client, ARN)


async def test_an_execution_under_way_is_found() -> None:
    client = Answers(ListExecutions={"executions": [{"executionArn": "e1"}, {"executionArn": "e2"}]})
    assert await machine(client).running() == "e1"
    assert client.asked["ListExecutions"] == {"stateMachineArn": ARN, "statusFilter": "RUNNING"}
    assert await machine(Answers(ListExecutions={"executions": []})).running() == ""


async def test_it_is_started_with_its_input_as_text() -> None:
    client = Answers(StartExecution={"executionArn": "e"})
    assert await machine(client).start({"until": "cutover"}) == "e"
    assert orjson.loads(client.asked["StartExecution"]["input"]) == {"until": "cutover"}


async def test_where_it_stands_is_the_state_it_entered_last() -> None:
    events = [
        {"type": "TaskScheduled"},
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Cutover"}},
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Plan"}},
    ]
    client = Answers(DescribeExecution={"status": "RUNNING"}, GetExecutionHistory={"events": events})
    found = await machine(client).look("e")
    assert (found, found.running) == (Execution("e", "RUNNING", "Cutover"), True)
    failed = {"status": "FAILED", "error": "Refused", "cause": "why"}
    ended = await machine(Answers(DescribeExecution=failed, GetExecutionHistory={"events": []})).look("e")
    assert (ended, ended.running) == (Execution("e", "FAILED", "", "Refused", "why"), False)


async def test_approving_and_rejecting_answer_the_token() -> None:
    client = Answers(SendTaskSuccess={}, SendTaskFailure={})
    await machine(client).approve("t")
    await machine(client).reject("t", "no")
    assert client.asked["SendTaskSuccess"] == {"taskToken": "t", "output": "{}"}
    assert client.asked["SendTaskFailure"] == {"taskToken": "t", "error": "Rejected", "cause": "no"}


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
async def test_a_token_that_nobody_waits_with_is_refused(code: str) -> None:
    with pytest.raises(Refused, match="nothing waits for this approval any more"):
        await machine(Answers(SendTaskSuccess=ServiceError("gone", code=code))).approve("t")


async def test_other_errors_are_passed_on() -> None:
    with pytest.raises(ServiceError, match="denied"):
        await machine(Answers(SendTaskSuccess=ServiceError("denied", code="AccessDenied"))).approve("t")
    with pytest.raises(InvalidInput):
        await machine(Answers(ListExecutions=InvalidInput("no such machine"))).running()
