import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docferry.checkpoint import Checkpoint
from docferry.domain.record import Item
from docferry.simulation.records import MemoryRecords
from docferry.stages.backfill_records import RecordBackfill
from docferry.stuck import Stuck
from tests.unit.fakes import Killed, unthrottled
from tests.unit.world import World, key_of, record


class Counting(MemoryRecords):
    """A target that counts puts, dies after so many, and lets something happen after each."""

    puts = 0
    dies_after = 10**9

    async def put(self, item: Item, expected: Item | None) -> None:
        await asyncio.sleep(0)
        if self.puts >= self.dies_after:
            raise Killed
        self.puts += 1
        await super().put(item, expected)


async def filled(count: int) -> World:
    world = World()
    world.target_records = Counting(await world.source_records.schema(), page_items=10)
    world.records = type(world.records)(
        world.source_records, world.target_records, world.provenance, world.records.permit, "document_key"
    )
    for n in range(count):
        await world.source_records.put(record(f"r{n}", str(n)), None)
    return world


async def backfill(world: World, prefix: str = "") -> None:
    checkpoint = await Checkpoint.load(world.ledger, "backfill/records")
    backfill = RecordBackfill(
        world.records,
        world.documents,
        checkpoint,
        world.progress,
        unthrottled,
        Stuck(world.ledger),
        segments=3,
        prefix=prefix,
    )
    await backfill.run()


async def test_each_record_is_put_once_and_whole() -> None:
    world = await filled(95)
    await backfill(world)
    assert await world.differing() == set()
    assert isinstance(world.target_records, Counting)
    assert (world.target_records.puts, world.progress.records_copied) == (95, 95)


async def test_a_record_that_differs_at_the_target_is_kept_then_overwritten() -> None:
    world = await filled(5)
    await world.target_records.put(record("r3", "999"), None)
    await backfill(world)
    assert await world.differing() == set()
    assert [one.item for one in world.provenance.conflicts] == [record("r3", "999")]


async def test_a_record_that_changes_while_it_is_copied_ends_right() -> None:
    world = await filled(5)
    held = await world.source_records.get(key_of("r2"))
    assert held
    original = world.target_records.put

    async def put(item: Item, expected: Item | None) -> None:
        await original(item, expected)
        if item["id"]["S"] == "r2" and await world.source_records.get(key_of("r2")) == held:
            await world.source_records.delete(key_of("r2"), held)

    world.target_records.put = put  # type: ignore[method-assign]
    await backfill(world)
    assert await world.differing() == set()


async def test_a_later_pass_removes_what_was_ours_and_leaves_what_was_not() -> None:
    world = await filled(5)
    await backfill(world)
    await world.source_records.delete(key_of("r1"), record("r1", "1"))
    await world.target_records.put(record("theirs", "1"), None)
    await backfill(world)
    assert await world.differing() == {"record theirs"}
    assert world.progress.foreign_records == 1


async def test_a_prefix_takes_only_records_that_name_documents_under_it() -> None:
    world = await filled(1)
    for name in ("a/1", "b/1"):
        await world.source_records.put(record(name, "1", name), None)
    await backfill(world, prefix="a/")
    assert await world.differing() == {"record r0", "record b/1"}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_killed_anywhere_and_resumed_each_record_is_put_once(seed: int) -> None:
    async def run() -> None:
        draw = random.Random(seed)
        world = await filled(95)
        target = world.target_records
        assert isinstance(target, Counting)
        for _ in range(3):
            target.dies_after = target.puts + draw.randrange(31)
            with pytest.raises(Killed):
                await backfill(world)
        target.dies_after = 10**9
        await backfill(world)
        assert await world.differing() == set()
        assert target.puts == 95
        assert world.provenance.conflicts == []

    asyncio.run(run())
