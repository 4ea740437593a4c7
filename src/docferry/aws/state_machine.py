"""The state machine that does a migration in AWS, asked as its operator asks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from docferry.aws.http import AwsClient
from docferry.domain.errors import InvalidInput, Refused, ServiceError

API = "AWSStepFunctions."
RUNNING, SUCCEEDED = "RUNNING", "SUCCEEDED"
_OVER = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution: its `status` as AWS names it, and why it failed, if it did. `state` is where it stands."""

    arn: str
    status: str
    state: str = ""
    error: str = ""
    cause: str = ""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.status == RUNNING


class StateMachine:
    """One state machine by its ARN. Calls raise as `AwsClient.json` does, InvalidInput where there is none."""

    def __init__(self, client: AwsClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    async def running(self) -> str:
        """Return the ARN of the execution that is under way, empty if none is."""
        said = await self._call("ListExecutions", {"stateMachineArn": self._arn, "statusFilter": RUNNING})
        return str(said["executions"][0]["executionArn"]) if said["executions"] else ""

    async def start(self, asked: Mapping[str, Any]) -> str:
        """Start an execution and return its ARN. What was done before is not done again: it is in the ledger."""
        wanted = {"stateMachineArn": self._arn, "input": orjson.dumps(asked).decode()}
        return str((await self._call("StartExecution", wanted))["executionArn"])

    async def look(self, execution: str) -> Execution:
        """Return how an execution stands."""
        said = await self._call("DescribeExecution", {"executionArn": execution})
        latest = {"executionArn": execution, "reverseOrder": True, "maxResults": 50}
        events = (await self._call("GetExecutionHistory", latest))["events"]
        entered = (one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one)
        return Execution(
            execution, said["status"], next(entered, ""), said.get("error") or "", said.get("cause") or ""
        )

    async def approve(self, token: str) -> None:
        """Let what waits for a token go on. Raises Refused if nothing waits for it any more."""
        await self._answer("SendTaskSuccess", {"taskToken": token, "output": orjson.dumps({}).decode()})

    async def reject(self, token: str, why: str) -> None:
        """End what waits for a token. Raises Refused if nothing waits for it any more."""
        await self._answer("SendTaskFailure", {"taskToken": token, "error": "Rejected", "cause": why})

    async def _answer(self, operation: str, fields: Mapping[str, Any]) -> None:
        try:
            await self._call(operation, fields)
        except (ServiceError, InvalidInput) as error:
            if isinstance(error, ServiceError) and error.code not in _OVER:
                raise
            raise Refused(
                "nothing waits for this approval any more; nothing was changed",
                hint="docferry sync --runner stepfunctions shows how it stands",
            ) from error

    async def _call(self, operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._client.json("states", API + operation, fields)
