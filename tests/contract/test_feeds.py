import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
import pytest

from docferry.aws.dynamodb import API, DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.queue_feed import QueueFeed
from docferry.aws.stream_feed import StreamFeed
from docferry.checkpoint import Checkpoint
from docferry.clock import SystemClock
from docferry.domain.change import DocumentChange
from docferry.domain.errors import InvalidInput, NeedsOperator, ServiceError
from docferry.domain.record import Item
from docferry.ports import ChangeFeed, Delivery
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.ledger import MemoryLedger
from tests.contract.conftest import dynamo_table


@dataclass(frozen=True)
class Queue:
    feed: ChangeFeed
    send: Callable[[str], Awaitable[None]]


async def embedded_queue(client: AwsClient) -> Queue:
    name = f"q-{uuid.uuid4().hex}"
    created = await client.json("sqs", "AmazonSQS.CreateQueue", {"QueueName": name})
    url = created["QueueUrl"]

    async def send(body: str) -> None:
        await client.json("sqs", "AmazonSQS.SendMessage", {"QueueUrl": url, "MessageBody": body})

    return Queue(QueueFeed(client, name), send)


def event(key: str) -> str:
    held = {"key": key.replace("+", "%2B").replace(" ", "+"), "versionId": "v1"}
    return orjson.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": held}}]}).decode()


@pytest.fixture(params=["memory", "embedded"])
async def queue(request: pytest.FixtureRequest, client: AwsClient) -> Queue:
    if request.param == "embedded":
        return await embedded_queue(client)
    feed = MemoryFeed(visibility_s=30)

    async def send(body: str) -> None:
        key = orjson.loads(body)["Records"][0]["s3"]["object"]["key"]
        feed.document(DocumentChange(key.replace("+", " ").replace("%2B", "+"), "v1"), at=1.0)

    return Queue(feed, send)


async def drained(feed: ChangeFeed) -> list[Delivery]:
    found: list[Delivery] = []
    while got := await feed.receive(0):
        found += got
        await feed.take_off(got)
    return found


async def test_what_is_sent_comes_and_is_gone_once_taken_off(queue: Queue) -> None:
    for n in range(30):
        await queue.send(event(f"a +{n}"))
    found = await drained(queue.feed)
    assert {one.documents[0] for one in found} == {DocumentChange(f"a +{n}", "v1") for n in range(30)}
    assert all(one.at > 0 for one in found)
    assert (await queue.feed.pending()).empty


async def test_what_is_not_taken_off_is_still_pending(queue: Queue) -> None:
    await queue.send(event("k"))
    assert (await queue.feed.pending()).waiting == 1
    await queue.feed.receive(0)
    pending = await queue.feed.pending()
    assert (pending.waiting, pending.in_flight, pending.empty) == (0, 1, False)


async def test_what_is_given_back_comes_again_at_once(queue: Queue) -> None:
    await queue.send(event("k"))
    given = await queue.feed.receive(0)
    assert await queue.feed.receive(0) == ()
    await queue.feed.give_back(given)
    assert (await queue.feed.pending()).in_flight == 0
    (again,) = await queue.feed.receive(0)
    assert again.documents == given[0].documents
    await queue.feed.take_off([again])
    await queue.feed.give_back([again])
    assert (await queue.feed.pending()).empty


async def test_a_feed_says_how_long_it_keeps_changes(queue: Queue) -> None:
    assert await queue.feed.retention_s() == 4 * 24 * 3600.0


async def test_a_test_event_is_taken_off_and_what_nobody_understands_is_not(client: AwsClient) -> None:
    queue = await embedded_queue(client)
    await queue.send('{"Event": "s3:TestEvent"}')
    (test_event,) = await queue.feed.receive(0)
    assert (test_event.documents, test_event.unreadable) == ((), "")
    for body in ("[1]", "no json", "{}"):
        await queue.send(body)
        (strange,) = await queue.feed.receive(0)
        assert strange.unreadable


async def test_a_stream_gives_each_changed_key_and_goes_on_from_its_position(client: AwsClient) -> None:
    table = await dynamo_table(client, stream=True)
    ledger = MemoryLedger()
    await table.put(record("one"), None)
    feed = await stream(client, table, ledger)
    (first,) = await feed.receive(0)
    assert first.records == (key("one"),)
    assert first.at > 0
    (again,) = await feed.receive(0)
    assert again.records == first.records
    await feed.take_off([again])
    assert await feed.receive(0) == ()
    await table.put(record("two"), None)
    await table.delete(key("one"), record("one"))
    resumed = await stream(client, table, ledger)
    (rest,) = await resumed.receive(0)
    assert rest.records == (key("two"), key("one"))
    assert (await resumed.pending()).in_flight == 1


async def test_a_position_that_the_stream_no_longer_holds_stops_and_says_what_to_do(client: AwsClient) -> None:
    table = await dynamo_table(client, stream=True)
    ledger = MemoryLedger()
    await table.put(record("one"), None)
    feed = await stream(client, table, ledger)
    (first,) = await feed.receive(0)
    await feed.take_off([first])
    held = await ledger.read("feed")
    assert held
    trimmed = {**held, "positions": dict.fromkeys(held["positions"], "000000000000000000001")}
    await ledger.write("feed", trimmed, held)
    with pytest.raises(NeedsOperator) as raised:
        await (await stream(client, table, ledger)).receive(0)
    assert "--reseed" in raised.value.hint


async def test_a_shard_that_is_gone_before_it_was_read_to_its_end_counts_as_lost_changes(
    client: AwsClient,
) -> None:
    table = await dynamo_table(client, stream=True)
    ledger = MemoryLedger()
    await table.put(record("one"), None)
    feed = await stream(client, table, ledger)
    await feed.take_off(await feed.receive(0))
    held = await ledger.read("feed")
    assert held

    async def positions(gone: str) -> None:
        before = await ledger.read("feed")
        await ledger.write("feed", {**held, "positions": {**held["positions"], "shardId-gone": gone}}, before)

    await positions("closed")
    assert await (await stream(client, table, ledger)).receive(0) == ()
    await positions("000000000000000000001")
    with pytest.raises(NeedsOperator) as raised:
        await (await stream(client, table, ledger)).receive(0)
    assert "--reseed" in raised.value.hint


async def test_a_table_made_anew_under_the_same_name_counts_as_lost_changes(client: AwsClient) -> None:
    table = await dynamo_table(client, stream=True)
    ledger = MemoryLedger()
    await ledger.write("feed", {"arn": "another stream", "positions": {}}, None)
    with pytest.raises(NeedsOperator):
        await (await stream(client, table, ledger)).receive(0)


async def test_a_stream_made_anew_before_anything_was_read_counts_as_lost_changes(client: AwsClient) -> None:
    table = await dynamo_table(client, stream=True)
    ledger = MemoryLedger()
    assert await (await stream(client, table, ledger)).receive(0) == ()
    for enabled in (False, True):
        view = {"StreamViewType": "KEYS_ONLY"} if enabled else {}
        asked = {"TableName": table.table, "StreamSpecification": {"StreamEnabled": enabled, **view}}
        await client.json("dynamodb", API + "UpdateTable", asked)
        # A stream's name is the moment of its making.
        await asyncio.sleep(1.1)
    with pytest.raises(NeedsOperator):
        await (await stream(client, table, ledger)).receive(0)


async def test_a_stream_that_is_switched_off_while_it_is_read_counts_as_lost_changes(client: AwsClient) -> None:
    table = await dynamo_table(client, stream=True)
    feed = await stream(client, table, MemoryLedger())
    assert await feed.receive(0) == ()
    asked = {"TableName": table.table, "StreamSpecification": {"StreamEnabled": False}}
    await client.json("dynamodb", API + "UpdateTable", asked)
    feed._listed_at = float("-inf")
    with pytest.raises((NeedsOperator, ServiceError, InvalidInput)) as raised:
        await feed.receive(0)
    assert isinstance(raised.value, NeedsOperator), raised.value


async def test_a_table_without_a_stream_is_refused(client: AwsClient) -> None:
    table = await dynamo_table(client)
    with pytest.raises(InvalidInput, match="has no stream"):
        await (await stream(client, table, MemoryLedger())).receive(0)


async def stream(client: AwsClient, table: DynamoRecords, ledger: MemoryLedger) -> StreamFeed:
    return StreamFeed(client, table.table, await Checkpoint.load(ledger, "feed"), SystemClock())


def key(name: str) -> Item:
    return {"owner": {"S": "o"}, "name": {"S": name}}


def record(name: str) -> Item:
    return {**key(name), "v": {"N": "1"}}
