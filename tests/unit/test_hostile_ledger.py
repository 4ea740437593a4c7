"""A ledger that somebody edited, cut short, or another version wrote: one clear error, and it is left as it is."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from docferry.aws.ledger import DynamoLedger
from docferry.domain.errors import NeedsOperator
from docferry.domain.record import Item, KeySchema
from docferry.domain.switch import Switch, Turn, from_entry
from docferry.simulation.records import MemoryRecords

SCHEMA = KeySchema("id")
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


async def held(body: Any, name: str = "follow") -> tuple[DynamoLedger, MemoryRecords]:
    """A ledger whose one entry has this attribute for its body."""
    table = MemoryRecords(SCHEMA)
    key: Item = {SCHEMA.hash: {"S": f"ledger#{name}"}}
    await table.put({**key, **({"body": body} if body is not None else {})}, None)
    return DynamoLedger(table), table


@pytest.mark.parametrize(
    "body",
    [None, {"N": "5"}, {"S": ""}, {"S": '{"seed": 1, "beg'}, {"S": "[]"}, {"S": "null"}, {"S": "5"}],
    ids=["none", "number", "empty", "truncated", "list", "null", "bare"],
)
async def test_an_entry_that_cannot_be_read_stops_for_the_operator_and_is_left_as_it_is(body: Any) -> None:
    ledger, table = await held(body)
    before = await table.scan(0, 1, None)
    with pytest.raises(NeedsOperator, match=r"'follow'.*left as it is") as raised:
        await ledger.read("follow")
    assert "restore" in raised.value.hint
    assert await table.scan(0, 1, None) == before


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("follow", {"began_at": 1.0}),
        ("follow", {"seed": "one", "began_at": 1.0}),
        ("lease/sync", {"owner": "me"}),
        ("phase", {}),
        ("history", {"events": {}}),
        ("switches", {"switches": 5}),
    ],
)
async def test_an_entry_of_another_version_stops_for_the_operator(name: str, entry: dict[str, Any]) -> None:
    ledger, _ = await held({"S": orjson.dumps(entry).decode()}, name)
    with pytest.raises(NeedsOperator, match=name):
        await ledger.read(name)


@FEW
@given(st.text(max_size=40))
@example('{"seed": 0, "began_at": 1.5, "more": []}')
async def test_any_text_is_an_entry_or_one_clear_error(text: str) -> None:
    ledger, _ = await held({"S": text}, "backfill/0/documents/")
    try:
        assert isinstance(await ledger.read("backfill/0/documents/"), dict)
    except NeedsOperator as error:
        assert "backfill/0/documents/" in str(error)


WHOLE = Switch(1, Turn.CUTOVER, "a", "us-east-1", "eu-west-1", 1.0).as_entry()


@FEW
@given(
    st.sets(st.sampled_from(sorted(WHOLE))),
    st.dictionaries(st.sampled_from(("step", "turn", "state", "later")), st.text(max_size=5) | st.integers()),
)
@example(set(), {})
@example(set(), {"later": 1})
@example({"attempt"}, {})
def test_a_switch_of_another_version_is_read_or_one_clear_error(gone: set[str], put: dict[str, Any]) -> None:
    entry = {name: value for name, value in WHOLE.items() if name not in gone} | put
    try:
        assert isinstance(from_entry(entry), Switch)
    except NeedsOperator as error:
        assert "switch" in str(error)
    else:
        assert "later" not in put
