import orjson
import pytest
from aiohttp import web

from docferry.aws.http import AwsClient
from docferry.clock import SystemClock
from docferry.connection import Connection
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Refused, StaleEpoch
from docferry.domain.record import Item
from docferry.progress import Progress
from docferry.settings import Aws, Replication, Settings, Side
from docferry.wiring import build
from tests.unit.aws.conftest import FakeAws

ITEM: Item = {"id": {"S": "a"}}
DESCRIBED = {"Table": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}}


def side(name: str, region: str) -> Side:
    rest = {
        "queue": f"{name}-queue",
        "control_table": f"{name}-control",
        "conflicts_table": f"{name}-conflicts",
        "journal_table": "j",
    }
    return Side(region=region, bucket=name, table=name, **rest)


async def test_a_runner_that_holds_no_lease_sends_no_write_to_the_target(aws: FakeAws, client: AwsClient) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=orjson.dumps(DESCRIBED))

    aws.answer = answer
    settings = Settings(
        aws=Aws(endpoint_url=aws.url), source=side("a", "us-east-1"), target=side("b", "eu-west-1")
    )
    directions = await build(Connection(settings, client, client, SystemClock()), Progress())
    migration = directions.forward
    for write in (
        migration.documents.target.copy(Listed("k", "0" * 32, 1, 0), None),
        migration.documents.target.put_tags("k", "", {}),
        migration.documents.target.remove("k", Document("k", "0" * 32, 1)),
        migration.records.target.put(ITEM, None),
        migration.records.target.delete(ITEM, ITEM),
    ):
        with pytest.raises(StaleEpoch):
            await write
    targets = {one.headers["x-amz-target"].rpartition(".")[2] for one in aws.seen}
    assert targets <= {"DescribeTable", "GetItem"}


async def test_native_replication_is_refused_before_anything_is_asked(aws: FakeAws, client: AwsClient) -> None:
    settings = Settings(
        replication=Replication.NATIVE,
        aws=Aws(endpoint_url=aws.url),
        source=side("a", "us-east-1"),
        target=side("b", "eu-west-1"),
    )
    with pytest.raises(Refused, match="cannot be switched safely"):
        await build(Connection(settings, client, client, SystemClock()), Progress())
    assert not aws.seen
