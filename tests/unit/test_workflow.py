import asyncio
import random
from dataclasses import replace

import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import (
    Conflict,
    InvalidInput,
    NeedsOperator,
    Refused,
    Retryable,
    ServiceError,
    StaleEpoch,
)
from docferry.domain.gate import Gate, Writer
from docferry.history import events
from docferry.migration import Sync
from docferry.ports import Delivery, Entry, Pending, Written
from docferry.resume import FOLLOW
from docferry.simulation.ledger import MemoryLedger
from docferry.stages.validate.walk import Scope
from docferry.workflow import mend, sync, validate
from tests.unit.fakes import Killed
from tests.unit.world import World, key_of, record

ONCE = Sync(once=True)


async def filled(count: int = 40) -> World:
    world = World()
    for n in range(count):
        world.source.write(f"k{n:02}", str(n).encode(), metadata={"n": str(n)}, tags={})
        await world.source_records.put(record(f"r{n}", str(n), f"k{n:02}"), None)
    return world


async def run(world: World, asked: Sync = ONCE) -> None:
    await sync(world.migration(), asked, asyncio.Event())


async def test_once_copies_everything_and_ends_when_the_feeds_are_drained() -> None:
    world = await filled()
    world.put("k00", "changed before it began")
    await run(world)
    assert await world.differing() == set()
    assert (await world.feeds.pending()).empty
    said = [one["what"] for one in await events(world.ledger)]
    assert said == ["sync started by test", "backfill done", "sync carried everything"]


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


async def test_changes_that_may_have_expired_unread_stop_the_runner_until_it_is_told_to_reseed() -> None:
    world = await filled()
    await run(world)
    world.source.erase("k03")
    world.source.write("k04", b"4", metadata={"n": "changed, unheard of, same ETag"}, tags={})
    held = await world.source_records.get({"id": {"S": "r5"}})
    assert held
    await world.source_records.delete({"id": {"S": "r5"}}, held)
    world.clock.time += 4 * 24 * 3600.0
    with pytest.raises(NeedsOperator) as raised:
        await run(world)
    assert "--reseed" in raised.value.hint
    await run(world, replace(ONCE, reseed=True))
    assert await world.differing() == set()
    await run(world)


async def test_a_prefix_bounds_the_copy_but_never_leaves_what_was_carried_stale() -> None:
    world = await filled()
    await run(world)
    world.put("k39", "changed")
    await run(world, replace(ONCE, prefix="k0"))
    assert await world.differing() == set()


async def test_a_stop_ends_it_and_another_run_goes_on() -> None:
    world = await filled(300)
    stop = asyncio.Event()
    running = asyncio.ensure_future(sync(world.migration(), Sync(), stop))
    await asyncio.sleep(0.005)
    stop.set()
    await asyncio.wait_for(running, 3)
    await run(world)
    assert await world.differing() == set()


@pytest.mark.parametrize("seed", range(15))
async def test_an_application_that_writes_all_the_while_loses_nothing(seed: int) -> None:
    world, draw = await filled(60), random.Random(seed)
    stop = asyncio.Event()
    running = asyncio.ensure_future(sync(world.migration(), Sync(), stop))
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


async def test_validation_then_repair_leaves_no_difference() -> None:
    world = await filled()
    await run(world)
    world.target.erase("k01")
    world.source.write("k02", b"unheard of", metadata={}, tags={})
    migration = world.migration()
    validation = await validate(migration, Scope(), lambda _: None)
    assert await mend(migration, validation, asyncio.Event()) == 2
    assert await world.differing() == set()


async def unheard(world: World) -> None:
    """Change a record and delete another and a document, and let nobody listen until the feeds forget it."""
    world.source.erase("k03")
    for name, value in (("r5", None), ("r6", "666")):
        held = await world.source_records.get(key_of(name))
        assert held
        if value is None:
            await world.source_records.delete(key_of(name), held)
        else:
            await world.source_records.put(record(name, value, "k06"), held)
    world.clock.time += 4 * 24 * 3600.0


@pytest.mark.parametrize("looks", [0, 10, 39])
async def test_a_reseed_that_was_cut_off_is_gone_on_with_by_a_plain_sync(looks: int) -> None:
    world = await filled()
    await run(world)
    await unheard(world)
    left = looks

    look = world.target.look

    async def dying(key: str) -> Document | None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        return await look(key)

    world.target.look = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await run(world, replace(ONCE, reseed=True))
    world.target.look = look  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()


async def test_a_new_beginning_of_a_part_is_refused() -> None:
    world = await filled(1)
    with pytest.raises(InvalidInput, match="outside the prefix"):
        await run(world, replace(ONCE, reseed=True, prefix="k"))


async def test_a_first_sync_that_was_cut_off_for_longer_than_the_feeds_keep_is_refused_too() -> None:
    world = await filled()

    async def ended(source: Document | Listed, expected: Document | Listed | None) -> Written:
        raise StaleEpoch("the lease is over")

    world.target.copy = ended  # type: ignore[method-assign]
    with pytest.raises(StaleEpoch):
        await run(world)
    del world.target.copy
    world.clock.time += 5 * 24 * 3600.0
    with pytest.raises(NeedsOperator, match="nobody listened"):
        await run(world)


async def test_a_copy_whose_answer_was_lost_is_known_for_our_own() -> None:
    world = await filled(3)
    copy = world.target.copy

    async def lost(source: Document | Listed, expected: Document | Listed | None) -> Written:
        await copy(source, expected)
        raise Conflict("412: our own success, asked for again")

    world.target.copy = lost  # type: ignore[method-assign]
    await run(world)
    world.target.copy = copy  # type: ignore[method-assign]
    world.source.erase("k01")
    world.clock.time += 4 * 24 * 3600.0
    await run(world, replace(ONCE, reseed=True))
    assert await world.differing() == set()
    assert (world.provenance.conflicts, world.progress.foreign_documents) == ([], 0)


async def test_a_ledger_of_other_stores_is_refused() -> None:
    world = await filled(1)
    await run(world)
    world.identity = {**world.identity, "target": {"bucket": "another", "table": "target-t"}}
    with pytest.raises(Refused, match=r"target-b.*another"):
        await run(world)


async def test_what_may_pass_is_tried_again_from_the_checkpoint() -> None:
    world = await filled()
    copy, left = world.target.copy, 5

    async def throttled(source: Document | Listed, expected: Document | Listed | None) -> Written:
        nonlocal left
        if left and source.key == "k25":
            left -= 1
            raise Retryable("slow down")
        return await copy(source, expected)

    world.target.copy = throttled  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()
    assert (world.progress.failures, world.progress.last_failure) == (5, "slow down")


async def test_what_never_passes_ends_the_run_with_everything_kept() -> None:
    world = await filled()

    async def throttled(source: Document | Listed, expected: Document | Listed | None) -> Written:
        raise Retryable("slow down")

    world.target.copy = throttled  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        await run(world)
    del world.target.copy
    await run(world)
    assert await world.differing() == set()


async def test_one_document_that_cannot_be_copied_is_told_at_the_end_and_holds_up_no_other() -> None:
    world = await filled()
    copy = world.target.copy

    async def refused(source: Document | Listed, expected: Document | Listed | None) -> Written:
        if source.key == "k05":
            raise ServiceError("CopyObject 'k05': InvalidObjectState", status=403)
        return await copy(source, expected)

    world.target.copy = refused  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(NeedsOperator, match=r"everything else was.*k05.*InvalidObjectState"):
            await run(world)
        assert await world.differing() == {"k05", "record r5"}
    world.target.copy = copy  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()
    assert await world.stuck.load() == ()


async def test_a_reseed_killed_between_positions_and_seed_is_not_gone_on_from() -> None:
    world = await filled(3)
    world.clock.time = 1e9
    await run(world)

    class Dying(MemoryLedger):
        async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
            if name == FOLLOW and entry.get("seed") == 1:
                raise Killed
            await super().write(name, entry, expected)

    dying = Dying()
    dying._entries = world.ledger._entries
    world.ledger = dying
    with pytest.raises(Killed):
        await run(world, replace(ONCE, reseed=True))
    with pytest.raises(NeedsOperator, match="nobody listened"):
        await run(world)


async def test_feeds_that_could_not_be_read_for_longer_than_they_keep_changes_stop_the_runner() -> None:
    world = await filled(3)
    feed, left = world.source_feed.receive, 3

    async def outage(wait_s: float) -> tuple[Delivery, ...]:
        nonlocal left
        if left:
            left -= 1
            world.clock.time += 2 * 24 * 3600.0
            raise Retryable("no answer")
        return await feed(wait_s)

    world.source_feed.receive = outage  # type: ignore[method-assign]
    with pytest.raises(NeedsOperator, match="could not be read"):
        await run(world, Sync())


async def test_counts_that_cannot_be_had_for_a_moment_do_not_end_the_run() -> None:
    world = await filled(3)
    pending, left = world.source_feed.pending, 1

    async def throttled() -> Pending:
        nonlocal left
        if left:
            left -= 1
            raise Retryable("slow down")
        return await pending()

    world.source_feed.pending = throttled  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()


async def test_neither_validation_nor_repair_works_between_other_stores_than_the_ledger_s() -> None:
    world = await filled(3)
    await run(world)
    validation = await validate(world.migration(), Scope(), lambda _: None)
    world.identity = {**world.identity, "source": {"bucket": "another", "table": "source-t"}}
    with pytest.raises(Refused, match="another"):
        await validate(world.migration(), Scope(), lambda _: None)
    with pytest.raises(Refused, match="another"):
        await mend(world.migration(), validation, asyncio.Event())


async def test_a_repair_asks_whether_the_stores_are_ready() -> None:
    world = await filled(3)
    validation = await validate(world.migration(), Scope(), lambda _: None)

    async def unready() -> None:
        raise Refused("the target bucket has no versioning")

    with pytest.raises(Refused, match="versioning"):
        await mend(replace(world.migration(), ready=unready), validation, asyncio.Event())
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
