from collections.abc import Mapping
from typing import Any

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.journal import SHARDS, DynamoJournal
from docferry.aws.signing import Credentials
from docferry.domain.journal import Presence
from tests.unit.fakes import ManualClock

SCHEMA = [{"AttributeName": "shard", "KeyType": "HASH"}, {"AttributeName": "name", "KeyType": "RANGE"}]
PRESENCE = {
    "region": {"S": "source"},
    "epoch": {"N": "1"},
    "journal": {"BOOL": False},
    "lease_s": {"N": "1"},
    "deadline_s": {"N": "60"},
    "seen_at": {"N": "5"},
}


class Paged(AwsClient):
    """Answers every query with two pages of one item, the first of shard 00 with none."""

    def __init__(self) -> None:
        super().__init__(None, lambda: Credentials("a", "b"), ManualClock(), region="r")  # type: ignore[arg-type]
        self.asked: list[Mapping[str, Any]] = []

    async def json(self, service: str, target: str, payload: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        if target.endswith("DescribeTable"):
            return {"Table": {"KeySchema": SCHEMA}}
        self.asked.append(payload)
        hash_value = payload["ExpressionAttributeValues"][":h"]["S"]
        page = 2 if "ExclusiveStartKey" in payload else 1
        item = {"name": {"S": f"{page}"}, "document": {"S": f"{hash_value} {page}"}, **PRESENCE}
        answer: dict[str, Any] = {"Items": [] if (hash_value, page) == ("9/00", 1) else [item]}
        if page == 1:
            answer["LastEvaluatedKey"] = {"name": item["name"]}
        return answer


async def test_every_page_of_every_shard_is_read_consistently() -> None:
    client = Paged()
    journal = DynamoJournal(DynamoRecords(client, "journal"), ManualClock())
    found = [one.key async for one in journal.touched(9)]
    wanted = {f"9/{shard:02} {page}" for shard in range(SHARDS) for page in (1, 2)} - {"9/00 1"}
    assert sorted(map(str, found)) == sorted(wanted)
    assert all(one["ConsistentRead"] for one in client.asked)


async def test_every_page_of_the_clients_is_read() -> None:
    journal = DynamoJournal(DynamoRecords(Paged(), "journal"), ManualClock())
    assert await journal.clients() == tuple(
        Presence(str(page), "source", 1, False, 1.0, 60.0, 5.0) for page in (1, 2)
    )
