"""A deployment, as its flat file of outputs tells it."""

import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

OUTPUTS = "DOCFERRY_OUTPUTS"
SIDES = ("source", "target")
FUNCTIONS = ("data_sync", "validation")
WITHIN_S = 300.0
"""How long something may take to come true. Events of S3 are said to be minutes late at times
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html), and functions start cold."""
FIGURES_WITHIN_S = 900.0
"""The same for CloudWatch, which shows metrics of queues that were idle a quarter of an hour late."""

T = TypeVar("T")


@dataclass(frozen=True)
class Deployed:
    """One deployment. `outputs` are its outputs by name."""

    outputs: dict[str, Any]

    def of(self, side: str, what: str) -> str:
        return str(self.outputs[f"{side}_{what}"])

    def client(self, side: str, service: str) -> Any:
        return _client(service, self.of(side, "region"), profile(side))

    def step(self, side: str, function: str, step: str, **fields: Any) -> dict[str, Any]:
        """Ask a function for one step and return its answer; a refusal is an AssertionError."""
        said, error = self.answer(side, function, step=step, **fields)
        assert not error, said
        return said

    def answer(self, side: str, function: str, **event: Any) -> tuple[dict[str, Any], str]:
        """Invoke a function, and return what it says and what kind of error it ended with, empty for none."""
        name = self.of(side, f"{function}_function")
        answer = self.client(side, "lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        said: dict[str, Any] = json.load(answer["Payload"])
        return said, said.get("errorType", "") if answer.get("FunctionError") else ""

    def begin(self, side: str, function: str, step: str) -> None:
        """Ask a function for a step that nobody waits for."""
        name = self.of(side, f"{function}_function")
        event = json.dumps({"step": step})
        self.client(side, "lambda").invoke(FunctionName=name, Payload=event, InvocationType="Event")


def read(file: Path) -> Deployed:
    """Read a flat file of outputs."""
    return Deployed(json.loads(file.read_text(encoding="utf-8")))


def profile(side: str) -> str:
    """The profile that a side is seen with, where the two are in different accounts; empty for the usual one."""
    return os.environ.get(f"DOCFERRY_{side.upper()}__PROFILE", "")


def other(side: str) -> str:
    return "target" if side == "source" else "source"


def unique(what: str) -> str:
    """A name that no other run of this suite uses."""
    return f"live/{what}-{uuid.uuid4().hex}"


def eventually(look: Callable[[], T], within_s: float = WITHIN_S) -> T:
    """Look until there is something to see, and return it; fails with what was seen last."""
    deadline = time.monotonic() + within_s
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"after {within_s:.0f} s still: {seen!r}"
        time.sleep(0.2)


def absent(call: Callable[..., Any], **fields: Any) -> bool:
    """Whether a read is answered with 404."""
    try:
        call(**fields)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 404)
    return False


@cache
def _client(service: str, region: str, profile_name: str) -> Any:
    # A step takes as long as the function may run, and asking again would start it twice.
    config = Config(
        read_timeout=910, retries={"mode": "standard", "total_max_attempts": 3 if service != "lambda" else 1}
    )
    session = boto3.Session(profile_name=profile_name or None)
    return session.client(service, region_name=region, config=config)
