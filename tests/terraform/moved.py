"""Runs the state machine for real on the embedded AWS, with stand-ins for docferry's functions."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.terraform import stand_in
from tests.terraform.machine import hurried, rendered

REGION, ROLE = "eu-west-1", "arn:aws:iam::000000000000:role/stand-in"
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "prepare": [{"seed": 0}],
    "plan": [{"done": True, "ranges": [0, 1, 2], "segments": [0, 1], "documents": 5}],
    "backfill_documents": [{"done": True}],
    "backfill_records": [{"done": True}],
    "finish_backfill": [{"documents": 5, "records": 5}],
    "begin": [{"ranges": [0, 1], "segments": [0]}],
    "documents": [{"done": True, "differences": 0}],
    "records": [{"done": True, "differences": 0}],
    "summary": [{"differences": 0, "documents": 5, "records": 5}],
    "repair": [{"repaired": 1, "done": True}],
    "approval": [{}],
    "cutover": [{"epoch": 3, "pause_s": 0.4}],
    "rollback": [{"epoch": 5, "pause_s": 0.4}],
    "watch": [{"healthy": True, "reason": ""}],
    "complete": [{"completed": True}],
}
"""A migration in which nothing goes wrong."""


@dataclass(frozen=True)
class Move:
    """A state machine and what it stands on, of one test's own."""

    endpoint: str
    folder: Path
    machine_arn: str
    queue_url: str

    def client(self, service: str) -> Any:
        return client(self.endpoint, service)

    def answer(self, **answers: list[dict[str, Any]]) -> None:
        """Say what steps answer from now on: `plan=[…]`, or `**{"backfill_documents 3": […]}` for one item."""
        path = self.folder / "answers.json"
        held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else ANSWERS
        path.write_text(json.dumps(held | answers), encoding="utf-8")

    def start(self, **given: Any) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self.machine_arn, input=json.dumps(given)
        )
        return str(started["executionArn"])

    def run(self, **given: Any) -> dict[str, Any]:
        """Start it and return how it ended."""
        return self.ended(self.start(**given))

    def ended(self, execution: str) -> dict[str, Any]:
        states = self.client("stepfunctions")
        described: dict[str, Any] = soon(lambda: _ended(states.describe_execution(executionArn=execution)))
        return described

    def calls(self) -> list[dict[str, Any]]:
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def steps(self) -> list[str]:
        """Return the steps in the order they were called in, those of a Map's children by their numbers."""
        return [stand_in.named(one) for one in self.calls()]

    def asked(self, about: str, times: int = 1) -> str:
        """Wait until an approval is asked for, as often as that, and return its token."""

        def token() -> str | None:
            tokens = [str(one["token"]) for one in self.calls() if one.get("about") == about]
            return tokens[times - 1] if len(tokens) >= times else None

        found: str = soon(token)
        return found

    def approve(self, about: str) -> None:
        self.client("stepfunctions").send_task_success(taskToken=self.asked(about), output='{"by": "a test"}')

    def reject(self, about: str, times: int = 1) -> None:
        self.client("stepfunctions").send_task_failure(
            taskToken=self.asked(about, times), error="Rejected", cause="not today"
        )

    def events(self) -> list[dict[str, Any]]:
        """Return the events that came over the bus, once there is one."""

        def received() -> list[dict[str, Any]]:
            messages = self.client("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
            return [json.loads(one["Body"]) for one in messages.get("Messages", ())]

        found: list[dict[str, Any]] = soon(received)
        return found


def client(endpoint: str, service: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)


def soon(found: Callable[[], Any]) -> Any:
    """Return what is found, once there is something. Raises TimeoutError after 20 s."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise TimeoutError("nothing came within 20 s")


def made(endpoint: str, folder: Path, **settings: Any) -> Move:
    """Make functions, a bus with a queue behind it, and the state machine, with settings of its own."""
    name = f"m{uuid.uuid4().hex[:8]}"
    function = _function(endpoint, name, folder)
    queue_url = _bus(endpoint, name)
    values = {"data_sync": function, "validation": function, "event_bus": name, "looks": 2, **settings}
    machine = client(endpoint, "stepfunctions").create_state_machine(
        name=name, roleArn=ROLE, definition=json.dumps(hurried(rendered(**values)))
    )
    move = Move(endpoint, folder, machine["stateMachineArn"], queue_url)
    move.answer()
    return move


def _ended(described: dict[str, Any]) -> dict[str, Any] | None:
    return None if described["status"] == "RUNNING" else described


def _function(endpoint: str, name: str, folder: Path) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(stand_in.__file__, "stand_in.py")
    function = client(endpoint, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=ROLE,
        Handler="stand_in.handler",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"FOLDER": str(folder)}},
    )
    return str(function["FunctionArn"])


def _bus(endpoint: str, name: str) -> str:
    events, sqs = client(endpoint, "events"), client(endpoint, "sqs")
    url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["docferry"]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    return url
