import asyncio

import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import NeedsOperator, Retryable
from docferry.migration import Sync
from docferry.ports import Written
from docferry.resume import begin, seed_of
from docferry.simulation.documents import MemoryDocuments
from docferry.workers.backfill import Filled, begin_backfill, fill_range, fill_segment, finish_backfill
from docferry.workers.ranges import divided
from docferry.workflow import sync
from tests.unit.workers.parting import LONG_S, begun, fill, worker
from tests.unit.world import World, filled, record


async def test_parts_together_bring_everything_and_count_as_the_backfill() -> None:
    world = await begun()
    await fill(world)
    assert await world.differing() == set()
    copied = world.progress.documents_copied
    await sync(world.directions(), Sync(once=True), asyncio.Event())
    assert (world.progress.documents_copied, world.progress.backfill_done) == (copied, True)


async def test_a_part_that_was_done_is_not_done_again() -> None:
    world = await begun()
    await fill(world)
    copied, looks = world.progress.documents_copied, world.target.looks
    await fill(world)
    assert (world.progress.documents_copied, world.target.looks) == (copied, looks)


async def test_only_the_range_is_brought() -> None:
    world = await begun(keys=10)
    await fill_range(worker(world).forward, 1, LONG_S)
    there = [row.key for row in (await world.target.page("")).rows]
    assert there == [f"k{n:02}" for n in range(10, 20)]


async def test_a_document_written_behind_the_last_key_belongs_to_the_last_range() -> None:
    world = await begun()
    world.source.write("zzz", b"late", metadata={}, tags={})
    await fill(world)
    assert await world.target.look("zzz")


async def test_ends_are_counted_and_a_missing_part_refuses_the_end() -> None:
    world = await begun()
    count = (await divided(world.ledger))["count"]
    for number in range(count - 1):
        await fill_range(worker(world).forward, number, LONG_S)
    with pytest.raises(NeedsOperator, match=f"range/{count - 1} is not done"):
        await finish_backfill(worker(world).forward)
    await fill_range(worker(world).forward, count - 1, LONG_S)
    with pytest.raises(NeedsOperator, match="segment/0 is not done"):
        await finish_backfill(worker(world).forward)
    for number in range(4):
        await fill_segment(worker(world).forward, number, LONG_S)
    assert await finish_backfill(worker(world).forward) == Filled(documents=40, records=40)


class Slow(MemoryDocuments):
    """A target to which a copy takes ten seconds, one at a time."""

    def __init__(self, world: World) -> None:
        super().__init__(world.source, page_rows=10)
        self.clock, self.one = world.clock, asyncio.Lock()

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        async with self.one:
            await self.clock.sleep(10.0)
            return await super().copy(source, expected)


async def test_a_part_that_runs_out_of_time_is_gone_on_with_and_gives_its_lease_back() -> None:
    world = await begun(keys=10)
    world.target = Slow(world)  # type: ignore[assignment]
    world.documents = type(world.documents)(world.source, world.target, world.provenance, world.documents.permit)
    attempts = 1
    while not await fill_range(worker(world).forward, 0, 15.0):
        attempts += 1
        assert attempts < 20
    assert attempts > 2
    assert len((await world.target.page("")).rows) == 10
    began = world.clock.time
    assert await fill_range(worker(world).forward, 0, 15.0)
    assert world.clock.time == began


async def test_what_only_the_target_has_and_the_source_lost_goes_when_the_migration_is_begun_anew() -> None:
    world = await begun()
    await fill(world)
    held = await world.source_records.get({"id": {"S": "r1"}})
    assert held
    await world.source_records.delete({"id": {"S": "r1"}}, held)
    runner = world.directions("sync").forward
    await runner.lease.acquire()
    await begin(runner, Sync(reseed=True))
    await fill(world)
    assert await world.differing() == set()


async def test_nothing_is_filled_before_it_is_begun() -> None:
    world = await filled()
    with pytest.raises(NeedsOperator, match="nobody has begun"):
        await fill_segment(worker(world).forward, 0, LONG_S)


async def test_beginning_twice_is_one_seed() -> None:
    world = await filled()
    first = await begin_backfill(world.directions("sync").forward)
    world.clock.time += 100
    assert await begin_backfill(world.directions("sync").forward) == first


async def test_a_runner_that_is_about_to_begin_is_waited_for() -> None:
    world = await filled()
    runner = world.directions("sync", "runner").forward
    await begin_backfill(world.directions("sync").forward)
    world.ledger = type(world.ledger)()
    await runner.target_gate.read()
    other = world.directions("sync", "other").forward
    await other.lease.acquire()
    keeping = asyncio.ensure_future(other.lease.keep())
    with pytest.raises(Retryable, match="about to begin"):
        await begin_backfill(world.directions("sync", "third").forward)
    keeping.cancel()
    await other.lease.release()
    assert await begin_backfill(world.directions("sync", "third").forward) == await seed_of(world.ledger)


async def test_records_of_a_part_never_point_at_a_document_that_is_not_there() -> None:
    world = await begun()
    await world.source_records.put(record("late", "1", "zzz"), None)
    world.source.write("zzz", b"late", metadata={}, tags={})
    for number in range(4):
        await fill_segment(worker(world).forward, number, LONG_S)
    assert await world.target_records.get({"id": {"S": "late"}})
