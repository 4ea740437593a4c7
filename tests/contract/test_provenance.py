import pytest

from docferry.aws.http import AwsClient
from docferry.aws.provenance import DynamoProvenance
from docferry.clock import SystemClock
from docferry.domain.change import Kind
from docferry.domain.record import Item, Value
from docferry.ports import Mark, Provenance
from docferry.simulation.provenance import MemoryProvenance
from tests.contract.conftest import dynamo_table

OURS = Mark("k", "v1")


@pytest.fixture(params=["memory", "embedded"])
async def provenance(request: pytest.FixtureRequest, client: AwsClient) -> Provenance:
    if request.param == "memory":
        return MemoryProvenance()
    return DynamoProvenance(await dynamo_table(client), await dynamo_table(client), SystemClock(), "eu-west-1")


async def test_only_noted_states_are_ours(provenance: Provenance) -> None:
    await provenance.note(Kind.DOCUMENT, [OURS, OURS])
    asked = [OURS, Mark("k", "v2"), Mark("j", "v1")]
    assert await provenance.wrote(Kind.DOCUMENT, asked) == {OURS}
    assert await provenance.wrote(Kind.RECORD, asked) == frozenset()


async def test_more_states_than_one_request_carries(provenance: Provenance) -> None:
    marks = [Mark(f"k{n}", "v") for n in range(130)]
    await provenance.note(Kind.RECORD, marks)
    assert await provenance.wrote(Kind.RECORD, [*marks, OURS]) == frozenset(marks)


async def test_what_was_kept_is_given_back_once_however_often_it_was_kept(provenance: Provenance) -> None:
    item: Item = {"id": {"S": "1"}, "n": {"N": "1.50"}}
    await provenance.keep(Kind.DOCUMENT, OURS, None)
    await provenance.keep(Kind.RECORD, OURS, item)
    await provenance.keep(Kind.DOCUMENT, OURS, None)
    found = {one.kind: (one.mark, one.item) async for one in provenance.kept()}
    assert found == {Kind.DOCUMENT: (OURS, None), Kind.RECORD: (OURS, item)}


@pytest.mark.parametrize("characters", [10, 399_000])
async def test_a_kept_record_is_given_back_whole_however_large_or_deep_it_is(
    provenance: Provenance, characters: int
) -> None:
    deep: Value = {"S": "bottom"}
    for _ in range(31):
        deep = {"L": [deep]}
    item: Item = {"id": {"S": "ü" * 3}, "text": {"S": "x" * characters}, "deep": deep}
    await provenance.keep(Kind.RECORD, OURS, item)
    assert [one.item async for one in provenance.kept()] == [item]
