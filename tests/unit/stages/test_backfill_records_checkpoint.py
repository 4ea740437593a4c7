"""What a backfill of records keeps of where it stands, and what it does with that when it is run again."""

from typing import Any

import pytest

from docferry.checkpoint import Checkpoint
from docferry.domain.change import Kind
from docferry.domain.errors import ServiceError
from docferry.domain.record import Item
from docferry.progress import Progress
from docferry.stages.backfill_records import RecordBackfill
from tests.unit.fakes import Killed, unthrottled
from tests.unit.stages.test_backfill_records import Counting, filled
from tests.unit.world import World, key_of, record

NAME = "backfill/records"


async def backfill(world: World, **asked: Any) -> dict[str, Any]:
    """Run one and return what its checkpoint says then."""
    world.progress = Progress()
    checkpoint = await Checkpoint.load(world.ledger, NAME)
    made = RecordBackfill(
        world.records,
        world.documents,
        checkpoint,
        world.progress,
        unthrottled,
        world.stuck,
        **{"segments": 3, **asked},
    )
    await made.run()
    return checkpoint.entry


def target_of(world: World) -> Counting:
    assert isinstance(world.target_records, Counting)
    return world.target_records


async def counted_gets(world: World) -> list[str]:
    """Return a list that every single read of the target goes to."""
    asked: list[str] = []
    get = world.target_records.get

    async def counting(key: Item) -> Item | None:
        asked.append(key["id"]["S"])
        return await get(key)

    world.target_records.get = counting  # type: ignore[method-assign]
    return asked


async def test_what_is_done_is_said_with_the_passes_and_the_records_of_the_last_one() -> None:
    world = await filled(35)
    entry = await backfill(world)
    assert (entry["done"], entry["passes"], entry["records"], entry["segments"]) == (True, 1, 35, 3)
    await world.target_records.put(record("theirs", "1"), None)
    entry = await backfill(world)
    assert (entry["done"], entry["passes"], entry["records"]) == (True, 2, 35)
    assert world.progress.foreign_records == 1


async def test_one_that_was_killed_is_gone_on_with_in_the_segments_it_was_begun_with() -> None:
    world = await filled(95)
    target_of(world).dies_after = 40
    with pytest.raises(Killed):
        await backfill(world)
    held = await world.ledger.read(NAME)
    assert held
    assert (held["done"], held["passes"], held["segments"]) == (False, 0, 3)
    target_of(world).dies_after = 10**9
    entry = await backfill(world, segments=7)
    assert (entry["segments"], entry["records"], entry["done"]) == (3, 95, True)
    assert await world.differing() == set()


async def test_a_record_that_was_put_and_deleted_while_nobody_ran_does_not_stay() -> None:
    """Its deletion may have been looked at before the put landed, and the confirm was cut off."""
    world = await filled(1)
    put = world.target_records.put

    async def dying(item: Item, expected: Item | None) -> None:
        await put(item, expected)
        raise Killed

    world.target_records.put = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await backfill(world)
    world.target_records.put = put  # type: ignore[method-assign]
    world.source_records.erase(key_of("r0"))
    await backfill(world)
    assert world.target_records.items() == ()
    assert world.provenance.conflicts == []


async def test_a_worker_takes_its_own_segment_and_all_of_them_take_everything() -> None:
    world = await filled(60)
    taken = []
    for number in range(3):
        world.ledger._entries.clear()
        taken.append((await backfill(world, only=number))["records"])
    assert sum(taken) == 60
    assert max(taken) < 60
    assert await world.differing() == set()
    assert target_of(world).puts == 60


async def test_everything_that_was_seen_is_counted_once_whatever_came_of_it() -> None:
    world = await filled(25)
    await backfill(world)
    progress = world.progress
    assert (progress.records_seen, progress.records_copied, progress.records_same) == (25, 25, 0)
    for name in ("r3", "r14"):
        held = await world.source_records.get(key_of(name))
        await world.source_records.put(record(name, "99"), held)
    for name in ("theirs", "theirs too"):
        await world.target_records.put(record(name, "1"), None)
    await backfill(world)
    progress = world.progress
    assert (progress.records_seen, progress.records_copied, progress.records_applied) == (25, 0, 2)
    assert (progress.records_same, progress.foreign_records) == (23, 2)


async def test_what_is_the_same_is_read_in_batches_and_never_one_by_one() -> None:
    world = await filled(35)
    asked = await counted_gets(world)
    await backfill(world)
    await backfill(world)
    assert asked == []


async def test_a_first_pass_may_be_told_to_look_at_what_only_the_target_has() -> None:
    world = await filled(1)
    await world.target_records.put(record("theirs", "1"), None)
    await backfill(world)
    assert world.progress.foreign_records == 0
    world.ledger._entries.clear()
    await backfill(world, left_over=True)
    assert world.progress.foreign_records == 1


async def test_a_prefix_bounds_what_is_looked_at_in_a_later_pass_too() -> None:
    world = await filled(0)
    for name in ("a/1", "b/1"):
        await world.source_records.put(record(name, "1", name), None)
    await backfill(world)
    for name in ("a/1", "b/1"):
        world.source_records.erase(key_of(name))
    await world.target_records.put(record("a/theirs", "1", "a/theirs"), None)
    await backfill(world, prefix="a/")
    assert {one["id"]["S"] for one in world.target_records.items()} == {"a/theirs", "b/1"}
    assert world.progress.foreign_records == 1


async def test_what_somebody_put_to_the_target_between_read_and_write_is_kept_and_written_over() -> None:
    world = await filled(3)
    put = world.target_records.put

    async def overtaken(item: Item, expected: Item | None) -> None:
        if item["id"]["S"] == "r1" and expected is None:
            world.target_records.write(record("r1", "77"))
        await put(item, expected)

    world.target_records.put = overtaken  # type: ignore[method-assign]
    await backfill(world)
    assert await world.differing() == set()
    assert [one.item for one in world.provenance.conflicts] == [record("r1", "77")]


async def test_a_record_never_points_at_a_document_that_could_not_be_brought() -> None:
    world = await filled(0)
    world.source.write("bad", b"1", metadata={}, tags={})
    await world.source_records.put(record("r0", "1", "bad"), None)
    await world.source_records.put(record("r1", "1"), None)

    async def refused(*_: Any) -> Any:
        raise ServiceError("archived", status=403)

    world.target.copy = refused  # type: ignore[assignment, method-assign]
    await world.stuck.carry(Kind.DOCUMENT, "bad", refused())
    asked = await counted_gets(world)
    await backfill(world)
    assert {one["id"]["S"] for one in world.target_records.items()} == {"r1"}
    assert asked == ["r0"]


async def test_a_record_that_is_refused_when_it_is_applied_anew_is_noted_by_its_key() -> None:
    world = await filled(3)
    await backfill(world)
    held = await world.source_records.get(key_of("r1"))
    await world.source_records.put(record("r1", "99"), held)

    async def refused(item: Item, expected: Item | None) -> None:
        raise ServiceError("too large", status=400)

    world.target_records.put = refused  # type: ignore[method-assign]
    await backfill(world)
    assert await world.stuck.load() == ({"kind": "record", "key": key_of("r1"), "reason": "too large"},)


async def test_a_record_whose_document_is_there_is_put_without_being_read() -> None:
    world = await filled(0)
    world.source.write("k", b"1", metadata={}, tags={})
    await world.source_records.put(record("r0", "1", "k"), None)
    asked = await counted_gets(world)
    await backfill(world)
    assert (asked, world.progress.records_copied) == ([], 1)
