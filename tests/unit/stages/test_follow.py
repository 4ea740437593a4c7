import random
from dataclasses import replace
from typing import Any

import pytest

from docferry.domain.change import DocumentChange, document_changes
from docferry.domain.document import Document, Listed
from docferry.domain.errors import DocferryError, NeedsOperator, Retryable, ServiceError, StaleEpoch
from docferry.domain.reserved import CANARY, HEARTBEAT, RESERVED
from docferry.ports import Delivery, Written
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.feed import MemoryFeed
from docferry.stages.follow import Follow, Round
from docferry.stuck import Stuck
from tests.unit.fakes import Never
from tests.unit.world import World, key_of, record


async def test_whatever_happens_at_the_source_is_carried() -> None:
    world = World()
    world.put("kept", "1")
    world.put("gone", "1")
    await world.put_record("r", "1", "kept")
    assert await world.follow().round(0) is Round.CARRIED
    world.put("kept", "2", {"t": "1"})
    world.erase("gone")
    await world.erase_record("r")
    await world.follow().round(0)
    assert await world.differing() == set()


async def test_an_echo_of_our_own_write_costs_no_look_and_makes_no_further_write() -> None:
    world = World()
    world.put("k", "1")
    follow = world.follow()
    await follow.round(0)
    looks = world.target.looks
    await follow.round(0)
    assert (world.target.looks, world.progress.echoes) == (looks, 1)
    assert await follow.round(0) is Round.EMPTY


async def test_what_somebody_wrote_to_the_target_is_kept_and_brought_to_the_source_s_state() -> None:
    world = World()
    world.put("k", "ours")
    await world.follow().round(0)
    world.target.write("k", b"late upload", metadata={}, tags={})
    theirs = await world.target.look("k")
    assert theirs
    world.target_feed.document(DocumentChange("k", theirs.version))
    await world.follow().round(0)
    assert await world.differing() == set()
    assert [one.mark.state for one in world.provenance.conflicts] == [theirs.version]


async def test_somebody_s_tags_on_our_own_version_are_looked_at() -> None:
    world = World()
    world.put("k", "1", {"t": "1"})
    await world.follow().round(0)
    held = await world.target.look("k")
    assert held
    await world.target.put_tags("k", held.version, {"t": "theirs"})
    world.target_feed.document(DocumentChange("k"))
    await world.follow().round(0)
    assert await world.differing() == set()


@pytest.mark.parametrize("seed", range(20))
async def test_duplicates_and_disorder_change_nothing(seed: int) -> None:
    world, draw = World(), random.Random(seed)
    changes: list[tuple[str, str]] = []
    for n in range(60):
        name = f"k{draw.randrange(6)}"
        held = await world.source_records.get(key_of(name))
        if draw.random() < 0.3 and held:
            await world.source_records.delete(key_of(name), held)
            world.source.erase(name)
        else:
            world.source.write(name, str(n).encode(), metadata={}, tags={})
            await world.source_records.put(record(name, str(n), name), held)
        changes += [("document", name), ("record", name)] * draw.randrange(1, 3)
    draw.shuffle(changes)
    for kind, name in changes:
        if kind == "document":
            world.source_feed.document(DocumentChange(name))
        else:
            world.record_feed.record(key_of(name))
        if draw.random() < 0.2:
            await world.follow().round(0)
    while await world.follow().round(0) is not Round.EMPTY:
        pass
    assert await world.differing() == set()


async def test_a_record_s_deletion_is_carried_before_its_document_s() -> None:
    world = World()
    world.put("k", "1")
    await world.put_record("r", "1", "k")
    await world.follow().round(0)
    await world.erase_record("r")
    world.erase("k")
    order: list[str] = []
    world.target.look = _noting(order, "document", world.target.look)  # type: ignore[method-assign]
    world.target_records.delete = _noting(order, "record", world.target_records.delete)  # type: ignore[method-assign]
    await world.follow().round(0)
    assert order[0] == "record"
    assert await world.differing() == set()


class Refusing(MemoryDocuments):
    """A source that answers looks at one key with an error."""

    error: DocferryError | None

    async def look(self, key: str) -> Document | None:
        if key == "bad" and self.error:
            raise self.error
        return await super().look(key)


def refusing(world: World, error: DocferryError) -> Follow:
    broken = Refusing()
    broken.error, broken._versions = error, world.source._versions
    return replace(world.follow(), documents=replace(world.documents, source=broken))


async def test_what_cannot_be_carried_now_stays_on_the_feed_and_stops_nothing_else() -> None:
    world = World()
    for name in ("bad", "good"):
        world.put(name, "1")
    await refusing(world, Retryable("slow down")).round(0)
    assert await world.differing() == {"bad"}
    assert (world.progress.failures, world.progress.last_failure) == (1, "document 'bad': slow down")
    await world.follow().round(0)
    assert await world.differing() == set()


async def test_what_aws_refuses_for_good_is_noted_as_stuck_and_does_not_block_its_feed() -> None:
    world = World()
    world.put("bad", "1")
    follow = refusing(world, ServiceError("archived", status=403))
    await follow.round(0)
    assert await Stuck(world.ledger).load() == ({"kind": "document", "key": "bad", "reason": "archived"},)
    assert (await world.feeds.pending()).empty
    await world.stuck.retry(follow.carry)
    assert len(await world.stuck.load()) == 1
    await world.stuck.retry(world.follow().carry)
    assert (await world.stuck.load(), await world.differing()) == ((), set())


async def test_a_refusal_of_the_caller_is_not_blamed_on_the_key() -> None:
    world = World()
    world.put("bad", "1")
    with pytest.raises(ServiceError, match="expired"):
        await refusing(world, ServiceError("the token expired", code="ExpiredToken", status=400)).round(0)
    assert await world.stuck.load() == ()
    assert not (await world.feeds.pending()).empty


async def test_a_record_whose_document_is_stuck_does_not_hold_up_its_shard() -> None:
    world = World()
    world.put("bad", "1")
    await world.put_record("r0", "1", "bad")
    await world.put_record("r1", "1")
    follow = refusing(world, ServiceError("archived", status=403))
    await follow.round(0)
    assert await world.differing() == {"bad", "record r0"}
    assert (await world.feeds.pending()).empty
    await world.stuck.retry(world.follow().carry)
    assert await world.differing() == set()


async def test_a_change_that_is_about_to_expire_on_its_queue_stops_it_because_others_may_have() -> None:
    world = World()
    world.clock.time = 100_000.0
    world.source_feed.document(DocumentChange("k"), at=1_000.0)
    late = replace(world.follow(), expiry_s=3600.0)
    with pytest.raises(NeedsOperator, match="28 hours"):
        await late.round(0)
    await replace(late, listening_since=50_000.0).round(0)
    assert (await world.feeds.pending()).empty


async def test_somebody_s_removal_of_our_version_at_the_target_is_no_echo() -> None:
    world = World()
    world.put("k", "1")
    await world.follow().round(0)
    world.target.erase("k")
    held = {"key": "k", "versionId": "the one that docferry wrote"}
    for change in document_changes({"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": held}}]}):
        world.target_feed.document(change)
    await world.follow().round(0)
    assert await world.differing() == set()


async def test_a_message_nobody_understands_stays_and_is_counted() -> None:
    world = World()
    world.source_feed.deliver(Delivery("", unreadable="no S3 event"))
    world.put("k", "1")
    await world.follow().round(0)
    assert await world.differing() == set()
    assert (await world.source_feed.pending()).in_flight == 1
    assert world.progress.failures == 1


async def test_reserved_documents_are_never_applied_even_where_there_are_no_heartbeats() -> None:
    world = World()
    world.put(HEARTBEAT, "1")
    world.target.write(CANARY, b"1", metadata={}, tags={})
    world.target_feed.document(DocumentChange(CANARY, "v1"), at=1.0)
    assert await world.follow().round(0) is Round.EMPTY
    assert (await world.target.look(HEARTBEAT), await world.source.look(CANARY)) == (None, None)
    assert (await world.feeds.pending()).empty
    assert (world.progress.changes, world.progress.failures, world.progress.lags_s) == (0, 0, [])


async def test_what_others_write_under_the_reserved_prefix_meanwhile_is_told() -> None:
    world = World()
    world.put(f"{RESERVED}mine", "1")
    assert await world.follow().round(0) is Round.EMPTY
    assert (world.progress.failures, await world.target.look(f"{RESERVED}mine")) == (1, None)
    assert f"{RESERVED}mine" in world.progress.last_failure


async def test_without_a_lease_nothing_is_written_and_nothing_taken_off() -> None:
    world = World()
    world.put("k", "1")
    world.documents = type(world.documents)(world.source, world.target, world.provenance, Never())
    with pytest.raises(StaleEpoch):
        await world.follow().round(0)
    assert await world.differing() == {"k"}
    assert not (await world.source_feed.pending()).empty


def _noting(order: list[str], name: str, method: Any) -> Any:
    async def noted(*args: Any) -> Any:
        order.append(name)
        return await method(*args)

    return noted


async def test_what_could_not_be_carried_is_tried_again_while_the_queue_still_hides_it() -> None:
    world = World()
    feed = MemoryFeed(visibility_s=30.0)
    world.feeds = replace(world.feeds, source_documents=feed)
    world.put("k", "1")
    copy, failures = world.target.copy, 2

    async def throttled(source: Document | Listed, expected: Document | Listed | None) -> Written:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise Retryable("slow down")
        return await copy(source, expected)

    world.target.copy = throttled  # type: ignore[method-assign]
    follow = world.follow()
    assert [await follow.round(0) for _ in range(3)] == [Round.FAILED, Round.FAILED, Round.CARRIED]
    assert await world.differing() == set()
    assert (await feed.pending()).empty


async def test_a_message_that_nobody_understands_is_not_tried_again_by_itself() -> None:
    world = World()
    feed = MemoryFeed(visibility_s=30.0)
    world.feeds = replace(world.feeds, source_documents=feed)
    feed.deliver(Delivery("", unreadable="no event of S3's"))
    follow = world.follow()
    assert [await follow.round(0) for _ in range(2)] == [Round.FAILED, Round.EMPTY]
    assert (await feed.pending()).in_flight == 1
