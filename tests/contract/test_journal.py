import pytest

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.journal import KEPT_S, DynamoJournal
from docferry.clock import SystemClock
from docferry.domain.change import Kind
from docferry.domain.errors import NeedsOperator
from docferry.domain.journal import Presence, Touched
from docferry.domain.record import Item
from docferry.ports import Journal
from docferry.simulation.journal import MemoryJournal
from tests.contract.conftest import dynamo_table

KEY: Item = {"id": {"S": "ü"}, "n": {"N": "1.50"}}
HERE = Presence("host:1:a", "source", 7, False, 1.0, 60.0, 1_700_000_000.25)


@pytest.fixture
async def table(client: AwsClient) -> DynamoRecords:
    return await dynamo_table(client)


@pytest.fixture(params=["memory", "embedded"])
def journal(request: pytest.FixtureRequest) -> Journal:
    if request.param == "memory":
        return MemoryJournal()
    return DynamoJournal(request.getfixturevalue("table"), SystemClock())


async def noted(journal: Journal, epoch: int) -> list[Touched]:
    return sorted([one async for one in journal.touched(epoch)], key=lambda one: one.name)


async def test_what_was_noted_is_given_once_and_whole_under_its_own_epoch(journal: Journal) -> None:
    longest = Touched(Kind.DOCUMENT, "ü" * 512)
    odd = Touched(Kind.DOCUMENT, "a//b c/../\n?&#")
    record = Touched(Kind.RECORD, KEY)
    await journal.note(3, [longest, odd, longest, record])
    await journal.note(3, [odd])
    await journal.note(4, [Touched(Kind.DOCUMENT, "k")])
    assert await noted(journal, 3) == sorted([longest, odd, record], key=lambda one: one.name)
    assert await noted(journal, 4) == [Touched(Kind.DOCUMENT, "k")]
    assert await noted(journal, 5) == []


async def test_a_document_and_a_record_of_the_same_name_are_two(journal: Journal) -> None:
    await journal.note(1, [Touched(Kind.DOCUMENT, "k"), Touched(Kind.RECORD, {"id": {"S": "k"}})])
    assert {one.kind for one in await noted(journal, 1)} == {Kind.DOCUMENT, Kind.RECORD}


async def test_more_keys_than_one_request_carries(journal: Journal) -> None:
    keys = [Touched(Kind.DOCUMENT, f"documents/{n}") for n in range(120)]
    await journal.note(1, keys)
    assert {one.name for one in await noted(journal, 1)} == {one.name for one in keys}


async def test_nothing_is_noted_where_there_is_nothing(journal: Journal) -> None:
    await journal.note(1, [])
    assert await noted(journal, 1) == []


async def test_a_client_is_known_by_what_it_said_last(journal: Journal) -> None:
    other = Presence("host:2:b", "source", 7, True, 0.5, 10.0, 1_700_000_001.0)
    later = Presence("host:1:a", "source", 8, True, 1.0, 60.0, 1_700_000_002.5)
    for one in (HERE, other, later):
        await journal.present(one)
    assert sorted(await journal.clients(), key=lambda one: one.client) == [later, other]


async def test_clients_are_no_keys_and_keys_no_clients(journal: Journal) -> None:
    await journal.present(HERE)
    assert await noted(journal, HERE.epoch) == []
    await journal.note(1, [Touched(Kind.DOCUMENT, "clients")])
    assert await journal.clients() == (HERE,)


async def test_every_item_expires_and_keys_are_spread_over_shards(table: DynamoRecords) -> None:
    journal, now = DynamoJournal(table, SystemClock()), SystemClock().now()
    await journal.note(1, [Touched(Kind.DOCUMENT, f"k{n}") for n in range(40)])
    await journal.present(HERE)
    items = (await table.scan(0, 1, None)).items
    assert len(items) == 41
    assert all(abs(int(item["expires_at"]["N"]) - now - KEPT_S) < 60 for item in items)
    assert len({item["owner"]["S"] for item in items}) > 8


async def test_an_item_that_somebody_else_wrote_is_not_passed_over(table: DynamoRecords) -> None:
    await table.put({"owner": {"S": "1/03"}, "name": {"S": "x"}, "key": {"S": "k"}}, None)
    with pytest.raises(NeedsOperator, match="nothing was changed"):
        await noted(DynamoJournal(table, SystemClock()), 1)
