"""What a validation keeps of where it stands, what it tells, and which part of the keys it walks."""

from dataclasses import replace
from typing import Any

import pytest

from docferry.domain.diff import Diff
from docferry.domain.key_range import KeyRange
from docferry.ports import Entry
from docferry.stages.validate.walk import Part, Scope, chunk_of, differences
from tests.unit.fakes import Killed
from tests.unit.stages.validate.test_walk import Dying, equal, validate, validation
from tests.unit.world import record

WHOLE = Scope()


async def test_the_entry_says_when_it_began_and_ended_and_what_it_was_told_to_say() -> None:
    world = await equal(3)
    began = world.clock.now()
    world.target.erase("k01")
    made = replace(await validation(world, WHOLE), about={"epoch": 7})
    entry = await made.run(lambda _: None)
    assert (entry["started_at"], entry["finished_at"], entry["epoch"]) == (began, began + 1.0, 7)
    assert (entry["resumed"], entry["segments"]) == (0, 2)


async def test_one_that_was_killed_is_gone_on_with_and_says_how_often() -> None:
    world = await equal(60)
    for looks in (25, 12):
        with pytest.raises(Killed):
            await (await validation(world, WHOLE, Dying(world.target, looks))).run(lambda _: None)
    began = world.clock.now()
    await world.clock.sleep(100.0)
    held = await world.ledger.read(WHOLE.name)
    assert held and held["documents"] > 0
    world.target.looks = 0
    entry, _ = await validate(world)
    assert (entry["resumed"], entry["documents"], entry["started_at"]) == (2, 60, began)
    assert world.target.looks == 60 - held["documents"]
    again, _ = await validate(world)
    assert (again["resumed"], again["started_at"]) == (0, began + 100.0)


async def test_each_new_difference_is_told_and_each_is_kept() -> None:
    world = await equal(30)
    for n in range(0, 30, 2):
        world.target.erase(f"k{n:02}")
    world.target_records.write(record("r07", "8", "k07"))
    told: list[Diff] = []
    entry = await (await validation(world, WHOLE)).run(told.append)
    assert [str(one.id) for one in told[:-1]] == [f"k{n:02}" for n in range(0, 30, 2)]
    assert len(told) == entry["differences"] == world.progress.differences == 16
    kept = [name for name in world.ledger._entries if name.startswith(f"{WHOLE.name}/differences/")]
    assert len(kept) == entry["chunks"]


async def test_what_one_that_was_killed_kept_last_may_be_another_difference_by_now() -> None:
    """It kept them and died before its checkpoint counted them; then that key was repaired, another spoiled."""
    world = await equal(5)
    await world.ledger.write(chunk_of(WHOLE, 0), {"diffs": [{"key": "repaired since"}]}, None)
    world.target.erase("k03")
    _, found = await validate(world)
    assert [one["key"] for one in found] == ["k03"]


async def test_an_entry_that_counts_no_differences_has_none_whatever_else_is_kept() -> None:
    world = await equal(1)
    await world.ledger.write(chunk_of(WHOLE, 0), {"diffs": [{"key": "of another run"}]}, None)

    async def given(entry: Entry) -> list[Entry]:
        return [one async for one in differences(world.ledger, WHOLE, entry)]

    assert await given({}) == []
    assert await given({"chunks": 1}) == [{"key": "of another run"}]
    await world.ledger.write(chunk_of(WHOLE, 1), {}, None)
    assert await given({"chunks": 3}) == [{"key": "of another run"}]


async def test_parts_walk_their_own_keys_and_together_walk_everything_once() -> None:
    world = await equal(30)
    world.target.erase("k03")
    world.target.erase("k25")
    world.target_records.write(record("r07", "8", "k07"))
    parts = (
        Part("one", keys=KeyRange("", "k09")),
        Part("two", keys=KeyRange("k09", "k19")),
        Part("three", keys=KeyRange("k19", "")),
        Part("first", segment=0),
        Part("second", segment=1),
    )
    entries, found = [], []
    for part in parts:
        entry, differing = await validate(world, Scope(part=part))
        entries.append(entry)
        found.append([str(one["key"]) for one in differing])
    assert [one["documents"] for one in entries] == [10, 10, 10, 0, 0]
    assert [one["records"] for one in entries][:3] == [0, 0, 0]
    assert sum(one["records"] for one in entries) == 30
    assert min(one["records"] for one in entries[3:]) > 0
    assert found[:3] == [["k03"], [], ["k25"]]
    assert sorted(map(len, found[3:])) == [0, 1]
    assert len({Scope(part=part).name for part in parts}) == len(parts)


async def test_a_part_of_the_records_finds_what_only_the_target_has() -> None:
    world = await equal(0)
    for n in range(8):
        world.target_records.write(record(f"theirs{n}", "1"))
    found = [await validate(world, Scope(part=Part(f"p{n}", segment=n))) for n in range(2)]
    assert [entry["differences"] > 0 for entry, _ in found] == [True, True]
    assert sum(entry["differences"] for entry, _ in found) == 8


@pytest.mark.parametrize("side", ["source", "target"])
async def test_what_only_one_side_has_is_sampled_by_its_key_too(side: str) -> None:
    world = await equal(0)
    for n in range(200):
        getattr(world, side).write(f"alone{n}", b"1", metadata={}, tags={})
    entry, _ = await validate(world, Scope(sample=0.2))
    assert 20 < entry["documents"] < 60
    assert entry["differences"] == entry["documents"]


async def test_progress_counts_what_was_compared_and_names_what_is_being_walked() -> None:
    world = await equal(30)
    for n in range(3):
        world.source_records.write(record(f"naming none {n}", "1"))
        world.target_records.write(record(f"naming none {n}", "1"))
    phases: list[str] = []
    scan, page = world.source_records.scan, world.source.page

    async def scanning(*asked: Any) -> Any:
        phases.append(world.progress.phase)
        return await scan(*asked)

    async def paging(*asked: Any) -> Any:
        phases.append(world.progress.phase)
        return await page(*asked)

    world.source_records.scan = scanning  # type: ignore[assignment, method-assign]
    world.source.page = paging  # type: ignore[assignment, method-assign]
    await validate(world)
    assert list(dict.fromkeys(phases)) == ["documents", "records"]
    assert (world.progress.documents_seen, world.progress.records_seen) == (30, 33)
    world.target_records.write(record("r00", "5", "k00"))
    world.target.erase("k00")
    await validate(world)
    assert (world.progress.documents_seen, world.progress.records_seen, world.progress.differences) == (60, 66, 2)
