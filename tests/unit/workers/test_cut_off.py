"""Workers that are cut off, and workers that do the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from docferry.domain.change import DocumentChange, Kind
from docferry.domain.errors import InvalidInput, NeedsOperator, ServiceError, StaleEpoch
from docferry.domain.record import Item
from docferry.migration import Directions, Migration
from docferry.ports import Delivery, DocumentStore, ListingPage, RecordStore
from docferry.simulation.ledger import MemoryLedger
from docferry.stuck import Stuck
from docferry.workers.backfill import begin_backfill, fill_range, fill_segment, finish_backfill
from docferry.workers.changes import HandedOver, carry_batch
from docferry.workers.ranges import all_ranges, divide, divided
from docferry.workers.validation import begin_validation, sum_up
from docferry.workflow import turn_page
from tests.unit.workers.parting import LONG_S, begun, fill, validated, worker
from tests.unit.world import World, filled


class Instead:
    """A store of which one method is another."""

    def __init__(self, inner: Any, name: str, work: Callable[..., Awaitable[Any]]) -> None:
        self._inner, self._name, self._work = inner, name, work

    def __getattr__(self, name: str) -> Any:
        return self._work if name == self._name else getattr(self._inner, name)


def with_documents(directions: Directions, target: Any) -> Directions:
    forward = directions.forward
    store: DocumentStore = target
    return replace(directions, forward=replace(forward, documents=replace(forward.documents, target=store)))


def with_records(directions: Directions, target: Any) -> Directions:
    forward = directions.forward
    store: RecordStore = target
    return replace(directions, forward=replace(forward, records=replace(forward.records, target=store)))


def changed(world: World, *keys: str) -> HandedOver:
    for key in keys:
        world.source.write(key, b"new", metadata={}, tags={})
    return HandedOver([Delivery(key, documents=(DocumentChange(key, "v"),)) for key in keys])


async def ready(count: int = 10) -> World:
    world = await begun(count)
    await fill(world)
    return world


async def test_what_was_written_before_the_time_was_over_is_noted_for_the_next_switch() -> None:
    world = await ready()
    epoch = await turn_page(world.migration()) + 1
    handed = changed(world, "k01", "k02")

    async def copy(source: Any, expected: Any) -> Any:
        if source.key == "k02":
            await world.clock.sleep(1e5)
        return await world.target.copy(source, expected)

    slow = with_documents(worker(world), Instead(world.target, "copy", copy))
    await carry_batch(slow, handed, HandedOver(), from_source=True, seconds=30.0)
    assert len(handed.left) == 2
    await carry_batch(worker(world), handed, HandedOver(), from_source=True, seconds=30.0)
    assert not handed.left
    noted = {one.key for page in range(epoch, epoch + 2) async for one in world.target_journal.touched(page)}
    assert noted == {"k01", "k02"}


async def test_a_worker_whose_time_is_over_waits_for_its_requests_and_notes_what_it_did_not_confirm() -> None:
    world = await ready()
    handed, tasks = changed(world, "k01"), set()
    directions = worker(world)

    async def copy(source: Any, expected: Any) -> Any:
        async def send() -> Any:
            await world.clock.sleep(2.0)
            return await world.target.copy(source, expected)

        task = asyncio.ensure_future(send())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return await asyncio.shield(task)

    async def landed() -> None:
        while tasks:
            await asyncio.wait(set(tasks))

    directions.forward.lease._landed = landed
    sent = with_documents(directions, Instead(world.target, "copy", copy))
    await carry_batch(sent, handed, HandedOver(), from_source=True, seconds=1.0)
    assert not tasks
    gate = await world.source_gate.read()
    assert gate
    assert {one.key async for one in world.source_journal.touched(gate.epoch)} == {"k01"}


async def test_a_record_deleted_between_put_and_confirm_of_a_worker_out_of_time_does_not_stay() -> None:
    world = await begun(40)
    for number in range((await divided(world.ledger))["count"]):
        assert await fill_range(worker(world).forward, number, LONG_S)
    deleted: list[str] = []

    async def put(item: Item, expected: Item | None) -> None:
        if deleted:
            await world.clock.sleep(1e5)
        deleted.append(item["id"]["S"])
        # Its event finds the record absent on both sides, and does nothing.
        await world.erase_record(item["id"]["S"])
        await world.follow().round(0)
        await world.target_records.put(item, expected)

    cut = with_records(worker(world), Instead(world.target_records, "put", put)).forward
    assert not await fill_segment(cut, 0, 30.0)
    for number in range(4):
        assert await fill_segment(worker(world).forward, number, LONG_S)
    await finish_backfill(worker(world).forward)
    await world.follow().round(0)
    assert await world.differing() == set()


async def test_two_that_divide_at_once_leave_no_key_out() -> None:
    world = await filled(40)
    await begin_backfill(world.directions("sync").forward)
    goes_on, pages = asyncio.Event(), 0

    async def page(after: str, prefix: str = "") -> ListingPage:
        nonlocal pages
        found, pages = await world.source.page(after, prefix), pages + 1
        if pages == 2:
            await goes_on.wait()
        return found

    slow: Any = Instead(world.source, "page", page)
    first = asyncio.ensure_future(divide(slow, world.ledger, 4, 20))
    await asyncio.sleep(0.01)
    for number in range(10, 16):
        world.erase(f"k{number:02}")
    await divide(world.source, world.ledger, 4, 20)
    goes_on.set()
    with pytest.raises(StaleEpoch):
        await first
    await fill(world)
    assert await world.differing() == set()
    assert (await validated(world))["differences"] == 0


async def test_ranges_that_leave_keys_out_prove_nothing() -> None:
    world = await ready(40)
    await begin_validation(world.migration())
    held = await world.ledger.read("ranges/1")
    assert held
    await world.ledger.write("ranges/1", {**held, "after": held["after"] + "5"}, held)
    with pytest.raises(NeedsOperator, match="do not cover all keys"):
        await all_ranges(world.ledger)
    for end in (finish_backfill, sum_up):
        with pytest.raises(NeedsOperator, match="do not cover all keys"):
            await end(worker(world).forward)


async def test_the_number_of_segments_stays_as_it_was_planned() -> None:
    world = await begun()

    def more() -> Migration:
        migration = worker(world).forward
        return replace(migration, tuning=replace(migration.tuning, scan_segments=8))

    with pytest.raises(InvalidInput, match="no segment 4 of 4"):
        await fill_segment(more(), 4, LONG_S)
    for number in range((await divided(world.ledger))["count"]):
        await fill_range(worker(world).forward, number, LONG_S)
    for number in range(4):
        await fill_segment(more(), number, LONG_S)
    await finish_backfill(more())
    assert await world.differing() == set()
    assert (await begin_validation(more()))["segments"] == 4


async def test_a_sum_that_is_made_again_is_no_younger() -> None:
    world = await ready()
    first = await validated(world)
    await world.clock.sleep(10 * 24 * 3600.0)
    assert (await sum_up(world.migration()))["finished_at"] == first["finished_at"]


async def refused() -> None:
    raise ServiceError("archived", code="InvalidObjectState", status=403)


async def test_runner_and_workers_note_retry_and_forget_each_other_s_stuck_keys() -> None:
    ledger = MemoryLedger()
    runner, other = Stuck(ledger), Stuck(ledger)
    await runner.load()
    await other.carry(Kind.DOCUMENT, "theirs", refused())
    await runner.carry(Kind.DOCUMENT, "own", refused())
    tried = []

    async def carry(kind: Kind, key: object) -> None:
        tried.append(key)

    await runner.retry(carry)
    assert tried == ["theirs", "own"]
    assert await Stuck(ledger).load() == ()


async def test_a_key_that_is_refused_anew_for_another_reason_is_not_forgotten() -> None:
    ledger = MemoryLedger()
    runner, other = Stuck(ledger), Stuck(ledger)
    await runner.carry(Kind.DOCUMENT, "k", refused())

    async def again() -> None:
        raise ServiceError("another reason", code="X", status=403)

    async def carry(kind: Kind, key: object) -> None:
        await other.carry(Kind.DOCUMENT, "k", again())

    await runner.retry(carry)
    assert [one["reason"] for one in await Stuck(ledger).load()] == ["another reason"]
