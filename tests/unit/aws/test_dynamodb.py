from typing import Any

import orjson
import pytest
from aiohttp import web

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.http import AwsClient
from docferry.domain.errors import Conflict, StaleEpoch
from docferry.domain.record import Item, KeySchema
from tests.unit.aws.conftest import FakeAws

ITEM: Item = {"id": {"S": "a"}}


def over() -> None:
    raise StaleEpoch("the lease is over")


@pytest.fixture
def guarded(aws: FakeAws, client: AwsClient) -> DynamoRecords:
    described = {"Table": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}, "Responses": {}}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=orjson.dumps(described))

    aws.answer = answer
    return DynamoRecords(client, "t", guard=over)


async def test_no_record_is_written_or_deleted_without_leave(aws: FakeAws, guarded: DynamoRecords) -> None:
    with pytest.raises(StaleEpoch):
        await guarded.put(ITEM, None)
    with pytest.raises(StaleEpoch):
        await guarded.delete(ITEM, ITEM)
    assert [one.headers["x-amz-target"].rpartition(".")[2] for one in aws.seen] == ["DescribeTable"]


async def test_reads_and_unconditional_writes_need_no_leave(guarded: DynamoRecords) -> None:
    await guarded.scan(0, 1, None)
    await guarded.get(ITEM)
    await guarded.get_many([ITEM])
    await guarded.put_many([ITEM])


class Table:
    """A DynamoDB table that leaves half of each batch unprocessed, and may lose the answers to its writes."""

    def __init__(self, aws: FakeAws) -> None:
        self.items: dict[str, Item] = {}
        self.calls: list[str] = []
        self.lost_answers = 0
        aws.answer = self.answer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        self.calls.append(operation)
        asked = orjson.loads(await request.read())
        if operation == "DescribeTable":
            return web.json_response({"Table": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}})
        if operation == "PutItem":
            return self.put(asked)
        if operation == "GetItem":
            held = self.items.get(asked["Key"]["id"]["S"])
            return web.json_response({"Item": held} if held else {})
        return web.json_response(getattr(self, operation)(asked["RequestItems"]["t"]))

    def put(self, asked: dict[str, Any]) -> web.Response:
        name = asked["Item"]["id"]["S"]
        if name in self.items:
            return web.json_response({"__type": "x#ConditionalCheckFailedException"}, status=400)
        self.items[name] = asked["Item"]
        if self.lost_answers:
            self.lost_answers -= 1
            return web.json_response({"__type": "x#InternalServerError"}, status=500)
        return web.json_response({})

    def BatchWriteItem(self, asked: list[dict[str, Any]]) -> dict[str, Any]:
        done, left = asked[: (len(asked) + 1) // 2], asked[(len(asked) + 1) // 2 :]
        for one in done:
            item = one["PutRequest"]["Item"]
            self.items[item["id"]["S"]] = item
        return {"UnprocessedItems": {"t": left} if left else {}}

    def BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:
        keys = asked["Keys"]
        done, left = keys[: (len(keys) + 1) // 2], keys[(len(keys) + 1) // 2 :]
        found = [self.items[key["id"]["S"]] for key in done if key["id"]["S"] in self.items]
        return {"Responses": {"t": found}, "UnprocessedKeys": {"t": {**asked, "Keys": left}} if left else {}}


async def test_what_a_batch_leaves_unprocessed_is_asked_for_again(aws: FakeAws, client: AwsClient) -> None:
    table, items = Table(aws), [{"id": {"S": f"{n}"}, "n": {"N": f"{n}"}} for n in range(6)]
    records = DynamoRecords(client, "t")
    await records.put_many(items)
    assert sorted(table.items) == [f"{n}" for n in range(6)]
    found = await records.get_many([{"id": {"S": f"{n}"}} for n in range(7)])
    assert sorted(one["id"]["S"] for one in found) == [f"{n}" for n in range(6)]
    assert (table.calls.count("BatchWriteItem"), table.calls.count("BatchGetItem")) == (3, 3)


async def test_a_conditional_write_whose_answer_was_lost_is_read_back_before_it_counts_as_a_conflict(
    aws: FakeAws, client: AwsClient
) -> None:
    table, records = Table(aws), DynamoRecords(client, "t")
    table.lost_answers = 1
    await records.put(ITEM, None)
    assert table.calls.count("PutItem") == 2
    with pytest.raises(Conflict):
        await records.put({**ITEM, "other": {"S": "x"}}, None)
    assert await records.schema() == KeySchema("id")
