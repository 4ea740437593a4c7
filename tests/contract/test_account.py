"""One side of an account, and its canaries, as the checks of an account ask for them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from docferry.account.canaries import replicated_to
from docferry.account.permissions import needed
from docferry.account.port import Account, CanaryBucket, EventQueue, Names
from docferry.account.tree import text
from docferry.aws.account import AwsAccount
from docferry.aws.account_canaries import S3Canaries, SqsEvents
from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.clock import SystemClock
from docferry.domain.change import DocumentChange
from docferry.domain.errors import Conflict, InvalidInput
from docferry.domain.reserved import PREFLIGHT
from docferry.simulation.account import MemoryAccount, MemoryCanaries, MemoryEvents, named
from tests.contract.conftest import versioned_bucket

KEY, OTHER = PREFLIGHT[0], PREFLIGHT[1]


@dataclass(frozen=True)
class Side:
    account: Account
    names: Names
    canaries: CanaryBucket
    events: EventQueue
    at_other: CanaryBucket


async def embedded_side(source_client: AwsClient, client: AwsClient) -> Side:
    source, bucket = await versioned_bucket(source_client, "us-east-1"), await versioned_bucket(client)
    name = uuid.uuid4().hex
    names = Names("target", "eu-west-1", bucket, f"r-{name}", f"c-{name}", f"k-{name}", f"j-{name}", f"q-{name}")
    await tables(client, names)
    await queues(client, names)
    await notify(client, names)
    return Side(
        AwsAccount(client, names, SystemClock()),
        names,
        S3Canaries(client, bucket, source),
        SqsEvents(client, names.queue),
        S3Canaries(source_client, source, bucket),
    )


async def tables(client: AwsClient, names: Names) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    for table in (names.table, names.control_table, names.conflicts_table, names.journal_table):
        fields = {
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            **({"StreamSpecification": stream} if table == names.table else {}),
        }
        await client.json("dynamodb", API + "CreateTable", fields)


async def queues(client: AwsClient, names: Names) -> None:
    await client.json("sqs", "AmazonSQS.CreateQueue", {"QueueName": f"{names.queue}-dead"})
    dead = f"arn:aws:sqs:eu-west-1:000000000000:{names.queue}-dead"
    redrive = f'{{"deadLetterTargetArn": "{dead}", "maxReceiveCount": 5}}'
    await client.json(
        "sqs", "AmazonSQS.CreateQueue", {"QueueName": names.queue, "Attributes": {"RedrivePolicy": redrive}}
    )


async def notify(client: AwsClient, names: Names) -> None:
    arn = f"arn:aws:sqs:eu-west-1:000000000000:{names.queue}"
    kinds = ("ObjectCreated", "ObjectRemoved", "ObjectTagging", "LifecycleExpiration")
    events = "".join(f"<Event>s3:{one}:*</Event>" for one in kinds)
    queue = f"<QueueConfiguration><Id>q</Id><Queue>{arn}</Queue>{events}</QueueConfiguration>"
    body = f"<NotificationConfiguration>{queue}</NotificationConfiguration>".encode()
    await client.send("s3", "PUT", path_of(names.bucket), query={"notification": ""}, body=body)


def memory_side() -> Side:
    clock = SystemClock()
    canaries, other, events = MemoryCanaries(clock), MemoryCanaries(clock), MemoryEvents(clock)
    canaries.other, other.other, canaries.events = other, canaries, events.changes.append
    names = named("target")
    return Side(MemoryAccount(names), names, canaries, events, other)


@pytest.fixture(params=["memory", "embedded"])
async def side(request: pytest.FixtureRequest, source_client: AwsClient, client: AwsClient) -> Side:
    return memory_side() if request.param == "memory" else await embedded_side(source_client, client)


async def test_every_service_answers_at_a_time_near_ours(side: Side) -> None:
    for service in ("sts", "s3", "dynamodb", "streams.dynamodb", "sqs"):
        heard = await side.account.heard(service)
        assert heard.ahead_s is not None and abs(heard.ahead_s) < 5, service
        assert heard.who.startswith("arn:aws:") == (service == "sts")


async def test_settings_come_as_they_are_and_empty_where_they_were_never_set(side: Side) -> None:
    assert text(await side.account.bucket_setting("versioning"), "Status") == "Enabled"
    notification = await side.account.bucket_setting("notification")
    assert text(notification, "QueueConfiguration", "Queue").endswith(f":{side.names.queue}")
    for name in ("object-lock", "lifecycle", "publicAccessBlock", "replication"):
        assert text(await side.account.bucket_setting(name), "Rule", "ID") == "", name
    assert replicated_to(await side.account.bucket_setting("replication")) == frozenset()


async def test_a_table_is_described_with_its_stream_and_its_time_to_live(side: Side) -> None:
    table = await side.account.table(side.names.table)
    assert table.described["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert table.described["KeySchema"][0]["AttributeName"] == "id"
    assert table.ttl == ""


async def test_a_queue_tells_of_its_dead_letters(side: Side) -> None:
    assert f"{side.names.queue}-dead" in (await side.account.queue())["RedrivePolicy"]


@pytest.mark.parametrize("kind", ["bucket", "table", "queue"])
async def test_what_is_not_there_is_told(side: Side, kind: str, client: AwsClient) -> None:
    gone = replace(side.names, bucket="no-such-bucket-0", queue="no-such-queue")
    embedded = isinstance(side.account, AwsAccount)
    absent = {"no-such-bucket-0", "no-such-queue", "no-such-table"}
    account = AwsAccount(client, gone, SystemClock()) if embedded else MemoryAccount(gone, absent=absent)
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "bucket": lambda: account.bucket_setting("versioning"),
        "table": lambda: account.table("no-such-table"),
        "queue": account.queue,
    }
    with pytest.raises(InvalidInput):
        await asked[kind]()


async def test_who_may_do_everything_is_denied_nothing_and_leaves_nothing(side: Side, client: AwsClient) -> None:
    before = await side.events.waiting()
    for need in needed(side.names):
        await side.account.attempt(need)
    if isinstance(side.account, MemoryAccount):
        return
    versions = await client.send("s3", "GET", path_of(side.names.bucket), query={"versions": ""})
    uploads = await client.send("s3", "GET", path_of(side.names.bucket), query={"uploads": ""})
    assert b"<Key>" not in versions.body + uploads.body
    for table in (side.names.table, side.names.control_table, side.names.journal_table):
        scanned = await client.json("dynamodb", API + "Scan", {"TableName": table})
        assert scanned["Count"] == 0
    # Nothing was written, so nothing is told.
    assert await side.events.waiting() == before


async def test_functions_have_a_quota(side: Side) -> None:
    quota = await side.account.concurrency()
    assert quota.limit > quota.used >= 0


async def test_a_canary_comes_back_and_its_event_too(side: Side) -> None:
    assert await side.canaries.get(KEY) is None
    version = await side.canaries.put(KEY, b"1")
    held = await side.canaries.get(KEY)
    assert held is not None
    assert (held.body, held.replication) == (b"1", "")
    assert not await side.events.take(DocumentChange(KEY, "another"), 0.0)
    second = await side.canaries.put(KEY, b"2")
    assert version != second
    for _ in range(20):
        if await side.events.take(DocumentChange(KEY, second), 0.0):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the event did not come")


async def test_only_what_is_of_canaries_is_taken_off_the_queue(
    source_client: AwsClient, client: AwsClient
) -> None:
    side = await embedded_side(source_client, client)
    before = await side.events.waiting()
    await client.send("s3", "PUT", path_of(side.names.bucket, "documents/k"), body=b"1")
    version = await side.canaries.put(KEY, b"1")
    assert await side.events.take(DocumentChange(KEY, version), 1.0)
    await side.events.give_back()
    assert await side.events.waiting() == before + 1


async def test_a_condition_that_does_not_hold_is_a_conflict(side: Side) -> None:
    await side.canaries.put(KEY, b"1", if_absent=True)
    with pytest.raises(Conflict):
        await side.canaries.put(KEY, b"2", if_absent=True)
    with pytest.raises(Conflict):
        await side.canaries.remove_other(KEY)
    await side.at_other.put(OTHER, b"3")
    await side.canaries.copy(OTHER, if_absent=True)
    with pytest.raises(Conflict):
        await side.canaries.copy(OTHER, if_absent=True)
    held = await side.canaries.get(OTHER)
    assert held is not None
    assert held.body == b"3"


async def test_every_version_of_a_canary_is_listed_and_once_erased_nothing_is_left(side: Side) -> None:
    for body in (b"1", b"2"):
        await side.canaries.put(KEY, body)
    await side.at_other.put(OTHER, b"3")
    await side.canaries.copy(OTHER)
    found = await side.canaries.canaries()
    assert sorted(one.key for one in found) == sorted([KEY, KEY, OTHER])
    assert all(abs(one.at - SystemClock().now()) < 60 for one in found)
    for one in found:
        await side.canaries.erase(one.key, one.version)
    assert await side.canaries.canaries() == ()
    assert await side.canaries.get(KEY) is None


async def test_to_erase_what_is_not_there_is_fine(side: Side) -> None:
    await side.canaries.erase(KEY, "null")
    assert await side.canaries.canaries() == ()
