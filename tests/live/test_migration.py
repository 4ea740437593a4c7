"""A small migration by the state machine, up to the cutover; then back by a rollback."""

import json
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.application import Application, writing
from tests.live.deployed import SIDES, Deployed, eventually, other, unique

LOG = logging.getLogger(__name__)
DOCUMENTS = 5
MIGRATED_WITHIN_S = 900.0
HEALTHY_WITHIN_S = 600.0
TERMS = {"max_lag_s": 30.0, "max_pause_s": 25.0}
"""Generous, but less than an application waits: how fast it is, is measured elsewhere, and not on a machine that
does everything at once."""
REFUSALS = ("Refused", "TooEarly", "NeedsOperator", "Retryable", "Conflict")


@pytest.fixture(scope="module")
def keys(deployed: Deployed) -> list[str]:
    """Documents that are at the source."""
    found = [unique("migrated") for _ in range(DOCUMENTS)]
    for key in found:
        write(deployed, "source", key)
    return found


def write(deployed: Deployed, side: str, key: str) -> None:
    deployed.client(side, "s3").put_object(Bucket=deployed.of(side, "bucket"), Key=key, Body=key.encode())


def holds(deployed: Deployed, side: str, key: str) -> bool:
    found = deployed.client(side, "s3").list_objects_v2(Bucket=deployed.of(side, "bucket"), Prefix=key)
    return bool(found["KeyCount"])


def test_the_state_machine_brings_and_compares_everything(deployed: Deployed, keys: list[str]) -> None:
    machines = deployed.client("target", "stepfunctions")
    execution = machines.start_execution(
        stateMachineArn=deployed.outputs["state_machine_arn"],
        name=f"live-{uuid.uuid4().hex}",
        input=json.dumps({"until": "validate"}),
    )["executionArn"]

    def ended() -> dict[str, Any]:
        found: dict[str, Any] = machines.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else {}

    found = eventually(ended, MIGRATED_WITHIN_S)
    assert found["status"] == "SUCCEEDED", found.get("cause")
    assert json.loads(found["output"])["clean"]["documents"] >= DOCUMENTS
    assert all(holds(deployed, "target", key) for key in keys)


@pytest.fixture(scope="module")
def application(deployed: Deployed) -> Iterator[Application]:
    """An application that writes all the time from the cutover on until it is ended."""
    with writing(deployed) as running:
        yield running


@pytest.mark.parametrize(("turn", "side"), [("cutover", "target"), ("rollback", "source")])
def test_a_turn_moves_the_writers_and_changes_are_carried_the_other_way(
    deployed: Deployed, application: Application, turn: str, side: str
) -> None:
    turned = eventually(lambda: attempt(deployed, turn), HEALTHY_WITHIN_S)
    assert turned["to"] == deployed.of(side, "region")
    known = len(application.written)
    eventually(lambda: len(application.written) > known)
    key = application.written[-1]
    assert holds(deployed, side, key)
    eventually(lambda: holds(deployed, other(side), key))


def attempt(deployed: Deployed, turn: str) -> dict[str, Any]:
    """Try a turn; nothing if it is refused, as it is while a runner has only begun or a turn is only just over."""
    said, error = deployed.answer("target", "data_sync", step=turn, **TERMS)
    if error in REFUSALS:
        LOG.info("%s: %s", turn, said["errorMessage"])
        time.sleep(2)
        return {}
    assert not error, said
    return said


def test_nothing_that_was_acknowledged_is_missing_on_either_side(
    deployed: Deployed, application: Application
) -> None:
    application.end()
    assert application.failed == []
    assert len(application.written) > DOCUMENTS
    for side in SIDES:
        eventually(lambda side=side: set(application.written) <= keys_at(deployed, side))  # type: ignore[misc]


def keys_at(deployed: Deployed, side: str) -> set[str]:
    pages = (
        deployed.client(side, "s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=deployed.of(side, "bucket"), Prefix="live/")
    )
    return {one["Key"] for page in pages for one in page.get("Contents", ())}
