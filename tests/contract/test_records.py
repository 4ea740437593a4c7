import pytest

from docferry.domain.errors import Conflict
from docferry.domain.record import Item, KeySchema, same
from docferry.ports import RecordStore

SCHEMA = KeySchema("owner", "name")
FULL: Item = {
    "owner": {"S": "a"},
    "name": {"S": "n#1"},
    "exact": {"N": "12345678901234567890.123456789012345678"},
    "raw": {"B": "AAEC"},
    "nothing": {"NULL": True},
    "yes": {"BOOL": True},
    "nested": {"M": {"list": {"L": [{"N": "1"}, {"S": ""}]}}},
    "set": {"SS": ["b", "a"]},
    "numbers": {"NS": ["3", "1"]},
    "expression": {"S": "reserved names are aliased"},
}


def numbered(n: int) -> Item:
    return {"owner": {"S": f"o{n % 7}"}, "name": {"S": f"n{n:04}"}, "n": {"N": str(n)}}


async def test_the_key_schema_comes_from_the_table(records: RecordStore) -> None:
    assert await records.schema() == SCHEMA


async def test_an_item_comes_back_exactly(records: RecordStore) -> None:
    await records.put(FULL, None)
    assert same(await records.get(SCHEMA.key_of(FULL)), FULL)


async def test_a_write_on_a_stale_look_is_refused_and_changes_nothing(records: RecordStore) -> None:
    await records.put(FULL, None)
    with pytest.raises(Conflict):
        await records.put({**FULL, "yes": {"BOOL": False}}, None)
    stale = {**FULL, "nested": {"M": {}}}
    with pytest.raises(Conflict):
        await records.put({**FULL, "yes": {"BOOL": False}}, stale)
    with pytest.raises(Conflict):
        await records.delete(SCHEMA.key_of(FULL), stale)
    assert same(await records.get(SCHEMA.key_of(FULL)), FULL)


async def test_a_write_on_the_state_looked_at_takes_effect(records: RecordStore) -> None:
    await records.put(FULL, None)
    changed = {**FULL, "yes": {"BOOL": False}}
    await records.put(changed, FULL)
    assert same(await records.get(SCHEMA.key_of(FULL)), changed)
    await records.delete(SCHEMA.key_of(FULL), changed)
    assert await records.get(SCHEMA.key_of(FULL)) is None


async def test_a_repeated_write_of_ours_is_no_conflict(records: RecordStore) -> None:
    await records.put(FULL, None)
    await records.put(FULL, None)
    await records.delete(SCHEMA.key_of(FULL), FULL)
    await records.delete(SCHEMA.key_of(FULL), FULL)


async def test_scan_segments_together_give_every_item_once(records: RecordStore) -> None:
    for n in range(250):
        await records.put(numbered(n), None)
    seen = []
    for segment in range(3):
        position = None
        while True:
            page = await records.scan(segment, 3, position)
            seen += [int(item["n"]["N"]) for item in page.items]
            position = page.position
            if position is None:
                break
    assert sorted(seen) == list(range(250))


async def test_a_batch_gives_those_that_exist(records: RecordStore) -> None:
    for n in range(3):
        await records.put(numbered(n), None)
    found = await records.get_many([SCHEMA.key_of(numbered(n)) for n in (0, 2, 9)])
    assert sorted(int(item["n"]["N"]) for item in found) == [0, 2]
    assert await records.get_many([]) == ()
