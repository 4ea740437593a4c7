import pytest

from docferry.domain.errors import NeedsOperator
from docferry.stages.validate.walk import Scope
from docferry.switch.checks import validation as checked
from docferry.workers.validation import begin_validation, sum_up, validate_range, validate_segment
from docferry.workflow import validate
from tests.unit.workers.parting import LONG_S, begun, fill, validated
from tests.unit.world import World, record


async def carried(count: int = 40) -> World:
    world = await begun(count)
    await fill(world)
    return world


async def test_the_sum_of_all_parts_is_what_one_walk_finds() -> None:
    world = await carried()
    world.source.write("k07", b"changed", metadata={}, tags={})
    world.target.write("only-here", b"", metadata={}, tags={})
    await world.source_records.put(record("r3", "9"), await world.source_records.get({"id": {"S": "r3"}}))
    await world.target_records.put(record("rx", "9"), None)
    total = await validated(world)
    listed = [one["key"] async for one in _differences(world)]
    found: list[object] = []
    whole = await validate(world.migration(), Scope(), lambda diff: found.append(diff.as_entry()["key"]))
    counted = {name: whole.checkpoint.entry[name] for name in ("documents", "records", "differences")}
    assert {name: total[name] for name in counted} == counted
    assert counted["differences"] == 4
    assert sorted(map(str, listed)) == sorted(map(str, found))


async def _differences(world: World):  # type: ignore[no-untyped-def]
    from docferry.stages.validate.walk import differences  # noqa: PLC0415

    async for one in differences(world.ledger, Scope(), await world.ledger.read(Scope().name) or {}):
        yield one


async def test_a_clean_sum_counts_for_a_switch() -> None:
    world = await carried()
    assert not (await checked(world.migration(), 3600.0)).ok
    await validated(world)
    assert (await checked(world.migration(), 3600.0)).ok


async def test_a_part_that_is_missing_refuses_the_sum() -> None:
    world = await carried()
    begun = await begin_validation(world.migration())
    for number in range(begun["ranges"]):
        await validate_range(world.migration(), number, LONG_S)
    with pytest.raises(NeedsOperator, match="records/0 is not finished"):
        await sum_up(world.migration())


async def test_parts_of_the_validation_before_do_not_count() -> None:
    world = await carried()
    await validated(world)
    await begin_validation(world.migration())
    with pytest.raises(NeedsOperator, match="documents/0 is not finished"):
        await sum_up(world.migration())


async def test_a_finished_part_is_not_walked_again() -> None:
    world = await carried()
    await begin_validation(world.migration())
    await validate_range(world.migration(), 0, LONG_S)
    looks = world.target.looks
    assert (await validate_range(world.migration(), 0, LONG_S)).done
    assert world.target.looks == looks


async def test_a_part_without_time_is_not_done_and_goes_on_later() -> None:
    world = await carried()
    world.source.write("k01", b"changed", metadata={}, tags={})
    await begin_validation(world.migration())
    # A difference is looked at again after the settling time, for which there is none.
    assert not (await validate_range(world.migration(), 0, 0.5)).done
    later = await validate_range(world.migration(), 0, LONG_S)
    assert (later.done, later.differences) == (True, 1)


async def test_nobody_validates_a_part_of_nothing() -> None:
    world = await carried()
    with pytest.raises(NeedsOperator, match="no validation was begun"):
        await validate_segment(world.migration(), 0, LONG_S)


async def test_a_validation_that_was_begun_the_other_way_round_is_refused() -> None:
    world = await carried()
    await begin_validation(world.migration())
    with pytest.raises(NeedsOperator, match="in this direction"):
        await validate_segment(world.directions().reverse, 0, LONG_S)


async def test_a_validation_begins_a_new_page_for_what_runners_write_from_then_on() -> None:
    world = await carried()
    begun = await begin_validation(world.migration())
    gate = await world.target_gate.read()
    assert gate
    assert gate.epoch == begun["dirty_epoch"] + 1
