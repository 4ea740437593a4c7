import asyncio
import random
from dataclasses import replace

import pytest

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document
from docferry.domain.errors import (
    Refused,
)
from docferry.domain.gate import Gate, Writer
from docferry.history import events
from docferry.migration import Sync
from docferry.simulation.feed import MemoryFeed
from docferry.stages.validate.walk import Scope
from docferry.workflow import mend, sync, validate
from tests.unit.fakes import Killed
from tests.unit.world import ONCE, World, filled, run


async def test_once_copies_everything_and_ends_when_the_feeds_are_drained() -> None:
    world = await filled()
    world.put("k00", "changed before it began")
    await run(world)
    assert await world.differing() == set()
    assert (await world.feeds.pending()).empty
    said = [one["what"] for one in await events(world.ledger)]
    ran = "sync from source-region to target-region by test"
    assert said == [f"{ran}: started", "backfill done", f"{ran}: carried everything"]


async def test_the_first_sync_gives_each_region_its_gate() -> None:
    world = await filled(1)
    await run(world)
    assert await world.source_gate.read() == Gate(Writer.APPLICATION, 1)
    assert await world.target_gate.read() == Gate(Writer.REPLICATOR, 1)


async def test_a_gate_that_is_turned_the_other_way_is_refused_and_nothing_is_written() -> None:
    world = await filled(1)
    await world.target_gate.change(None, Gate(Writer.APPLICATION, 7))
    with pytest.raises(Refused, match="nothing was written"):
        await run(world)
    assert await world.differing() == {"k00", "record r0"}


async def test_a_second_run_goes_on_from_the_feed_and_does_not_begin_again() -> None:
    world = await filled()
    await run(world)
    world.put("new", "1")
    world.progress.documents_seen = 0
    await run(world)
    assert await world.differing() == set()
    assert world.progress.documents_seen == 0


async def test_a_prefix_bounds_the_copy_but_never_leaves_what_was_carried_stale() -> None:
    world = await filled()
    await run(world)
    world.put("k39", "changed")
    await run(world, replace(ONCE, prefix="k0"))
    assert await world.differing() == set()


async def test_a_stop_ends_it_and_another_run_goes_on() -> None:
    world = await filled(300)
    stop = asyncio.Event()
    running = asyncio.ensure_future(sync(world.directions(), Sync(), stop))
    await asyncio.sleep(0.005)
    stop.set()
    await asyncio.wait_for(running, 3)
    await run(world)
    assert await world.differing() == set()


@pytest.mark.parametrize("seed", range(15))
async def test_an_application_that_writes_all_the_while_loses_nothing(seed: int) -> None:
    world, draw = await filled(60), random.Random(seed)
    stop = asyncio.Event()
    running = asyncio.ensure_future(sync(world.directions(), Sync(), stop))
    for n in range(200):
        key = f"k{draw.randrange(80):02}"
        if draw.random() < 0.3:
            world.erase(key)
        else:
            world.put(key, f"new {n}")
            await world.put_record(key, str(n), key)
        await asyncio.sleep(0)
    while not (world.progress.backfill_done and world.progress.caught_up):
        await asyncio.sleep(0)
    stop.set()
    await running
    assert await world.differing() == set()


async def test_what_a_closed_gate_cuts_off_is_seen_by_whoever_receives_next_at_once() -> None:
    world, begun = World(), asyncio.Event()
    feed = MemoryFeed(now=world.clock.now, visibility_s=1000.0)
    world.feeds = replace(world.feeds, source_documents=feed)
    world.source_feed.document(DocumentChange("k", "v"))

    async def look(key: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    world.target.look = look  # type: ignore[method-assign]
    running = asyncio.ensure_future(sync(world.directions(), Sync(), asyncio.Event()))
    await begun.wait()
    gate, since = await world.target_gate.read(), world.clock.time
    assert gate
    await world.target_gate.change(gate, gate.turned(Writer.NOBODY, attempt="switch"))
    while (await feed.pending()).in_flight:
        await asyncio.sleep(0)
    assert world.clock.time - since < 60.0
    running.cancel()


async def test_validation_then_repair_leaves_no_difference() -> None:
    world = await filled()
    await run(world)
    world.target.erase("k01")
    world.source.write("k02", b"unheard of", metadata={}, tags={})
    migration = world.migration()
    validation = await validate(migration, Scope(), lambda _: None)
    assert await mend(migration, validation.differences(), asyncio.Event()) == 2
    assert await world.differing() == set()


async def test_a_repair_asks_whether_the_stores_are_ready() -> None:
    world = await filled(3)
    validation = await validate(world.migration(), Scope(), lambda _: None)

    async def unready() -> None:
        raise Refused("the target bucket has no versioning")

    with pytest.raises(Refused, match="versioning"):
        await mend(replace(world.migration(), ready=unready), validation.differences(), asyncio.Event())
    assert len(await world.differing()) == 6


async def test_a_validation_begins_again_where_it_is_told_to() -> None:
    world = await filled(3)
    await run(world)
    look = world.target.look

    async def dying(key: str) -> Document | None:
        raise Killed

    world.target.look = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await validate(world.migration(), Scope(), lambda _: None)
    world.target.look = look  # type: ignore[method-assign]
    for restart in (True, False):
        made = await validate(world.migration(), Scope(), lambda _: None, restart=restart)
        assert (made.checkpoint.entry["resumed"], made.checkpoint.entry["documents"]) == (0, 3)


async def test_a_lease_that_was_not_renewed_in_time_is_taken_again_if_nobody_else_has_it() -> None:
    world, stop = await filled(10), asyncio.Event()
    running = asyncio.ensure_future(sync(world.directions(), Sync(), stop))
    while not world.progress.caught_up:
        await world.clock.sleep(0.1)
    world.clock.time += 120.0
    world.put("late", "1")
    while await world.differing():
        await world.clock.sleep(0.1)
    assert world.progress.failures
    stop.set()
    await running


async def test_a_lease_that_another_runner_has_by_now_ends_this_one() -> None:
    world, stop = await filled(10), asyncio.Event()
    running = asyncio.ensure_future(sync(world.directions(), Sync(), stop))
    while not world.progress.caught_up:
        await world.clock.sleep(0.1)
    held = await world.ledger.read("lease/sync")
    assert held
    await world.ledger.write("lease/sync", {**held, "owner": "other", "beat": held["beat"] + 100}, held)
    other = asyncio.ensure_future(_beating(world))
    with pytest.raises(Refused, match="other"):
        await running
    other.cancel()


async def _beating(world: World) -> None:
    while True:
        held = await world.ledger.read("lease/sync")
        assert held
        await world.ledger.write("lease/sync", {**held, "beat": held["beat"] + 1}, held)
        await world.clock.sleep(1.0)


async def test_a_validation_gives_a_runner_that_is_behind_longer_to_follow() -> None:
    world = await filled(5)
    await run(world)
    world.put("behind", "1")

    async def follows_late() -> None:
        await world.clock.sleep(3.0)
        await world.follow().round(0)

    late = asyncio.ensure_future(follows_late())
    found = await validate(world.migration(), Scope(), lambda _: None)
    await late
    assert found.checkpoint.entry["differences"] == 0
