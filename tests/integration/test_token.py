"""The fencing token on an embedded AWS that does what policies say, those of sessions included."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents
from docferry.aws.signing import Credentials
from docferry.aws.token import RoleToken, WorkerRole
from docferry.aws.write_probe import WriteProbe
from docferry.clock import SystemClock
from docferry.domain.errors import ServiceError
from docferry.domain.reserved import HEARTBEAT
from docferry.ports import Clock
from docferry.sandbox.emulator import running
from tests.integration.test_fence import BUCKET, REGION, TABLE, client, role


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    with running(permissions=True) as url:
        s3 = client(url, "s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=BUCKET, Key=HEARTBEAT, Body=b"beat")
        s3.put_object(Bucket=BUCKET, Key="documents/old", Body=b"to be removed")
        client(url, "dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        for name in ("worker", "idle"):
            role(url, name, allowed=name == "worker")
        yield url


class Behind:
    """The clock of a machine that is five minutes late."""

    def __init__(self) -> None:
        self._clock = SystemClock()

    def now(self) -> float:
        return self._clock.now() - 300.0

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def nothing() -> None:
    return


@asynccontextmanager
async def token(
    url: str, name: str = "worker", clock: Clock | None = None
) -> AsyncIterator[tuple[RoleToken, AwsClient, WorkerRole]]:
    held_clock = clock or SystemClock()
    async with aiohttp.ClientSession() as session:

        def aws(guarded: Any = None) -> AwsClient:
            keys = lambda: Credentials("test", "test")  # noqa: E731
            return AwsClient(session, keys, SystemClock(), region=REGION, endpoint_url=url, guarded=guarded)

        own, arn = aws(), f"arn:aws:iam::000000000000:role/{name}"
        worker, trial = WorkerRole(own, arn, held_clock), WorkerRole(own, arn, held_clock)
        trying = AwsClient(session, trial, SystemClock(), region=REGION, endpoint_url=url)
        yield RoleToken(worker, trial, WriteProbe(own, trying, BUCKET, TABLE)), aws(worker), worker


async def test_what_is_written_with_a_token_that_is_over_no_store_takes(strict: str) -> None:
    async with token(strict) as (held, writer, _):
        records = DynamoRecords(writer, TABLE, guard=nothing)
        documents = S3Documents(writer, BUCKET, guard=nothing)
        await held.take("epoch-3.sync", 3.0)
        await records.put({"id": {"S": "in-time"}}, None)
        present = await documents.look("documents/old")
        assert present is not None
        await SystemClock().sleep(4.2)
        with pytest.raises(ServiceError) as refused:
            await records.put({"id": {"S": "late"}}, None)
        assert refused.value.code == "AccessDeniedException"
        with pytest.raises(ServiceError) as refused:
            await documents.remove("documents/old", present)
        assert refused.value.code == "AccessDenied"
        # Reading goes on with the process's own credentials.
        assert await documents.look("documents/old") == present
        assert await records.get({"id": {"S": "late"}}) is None
        await held.take("epoch-3.sync", 3.0)
        await records.put({"id": {"S": "late"}}, None)


async def test_the_session_is_named_for_the_log_of_the_account(strict: str) -> None:
    async with token(strict) as (held, _, worker):
        await held.take("epoch-3.worker-1", 60.0)
        keys = worker()
        session = {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}
        arn = client(strict, "sts", session).get_caller_identity()["Arn"]
    assert arn.endswith("assumed-role/worker/epoch-3.worker-1")


async def test_its_end_is_by_the_clock_of_the_service_and_not_of_this_machine(strict: str) -> None:
    async with token(strict, clock=Behind()) as (held, writer, _):
        records = DynamoRecords(writer, TABLE, guard=nothing)
        await held.take("epoch-3.sync", 30.0)
        await records.put({"id": {"S": "behind"}}, None)


@pytest.mark.parametrize(
    ("name", "why"),
    [("worker", ""), ("idle", "may not write where the engine writes"), ("nobody", "may not be assumed")],
)
async def test_it_is_proved_or_said_why_not(strict: str, name: str, why: str) -> None:
    async with token(strict, name) as (held, _, _):
        said = await held.refusal()
    assert bool(said) == bool(why)
    assert why in said
    items = client(strict, "dynamodb").scan(TableName=TABLE)["Items"]
    assert {"S": "docferry-probe"} not in [one["id"] for one in items]


async def test_a_token_that_does_not_end_is_found_out(strict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docferry.aws.token.ending", lambda at: "")
    async with token(strict) as (held, _, _):
        assert "was not denied" in await held.refusal()
