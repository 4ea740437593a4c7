import orjson
import pytest
from aiohttp import web

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.http import AwsClient
from docferry.domain.errors import StaleEpoch
from docferry.domain.record import Item
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
