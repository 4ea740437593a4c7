import random
from typing import Any

import pytest

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document
from docferry.domain.errors import ServiceError, StaleEpoch
from docferry.ports import Delivery
from docferry.stages.follow import Follow
from tests.unit.fakes import Never
from tests.unit.world import World, key_of, record


async def test_whatever_happens_at_the_source_is_carried() -> None:
    world = World()
    world.put("kept", "1")
    world.put("gone", "1")
    await world.put_record("r", "1", "kept")
    assert await world.follow().round(0)
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
    assert not await follow.round(0)


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
    assert [one.mark.state for one in world.provenance.kept] == [theirs.version]


async def test_somebody_s_tags_on_our_own_version_are_looked_at() -> None:
    world = World()
    world.put("k", "1", {"t": "1"})
    await world.follow().round(0)
    held = await world.target.look("k")
    assert held
    await world.target.put_tags("k", held.version, {"t": "theirs"})
    world.target_feed.document(DocumentChange("k", held.version, tags_only=True))
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
    while await world.follow().round(0):
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


async def test_what_cannot_be_carried_stays_on_the_feed_and_stops_nothing_else() -> None:
    world = World()
    for name in ("bad", "good"):
        world.put(name, "1")

    class Failing(type(world.source)):  # type: ignore[misc]
        async def look(self, key: str) -> Document | None:
            if key == "bad":
                raise ServiceError("access denied")
            return await world.source.look(key)

    documents = world.documents
    broken = Failing()
    broken._versions = world.source._versions
    follow = Follow(
        world.feeds,
        type(documents)(broken, documents.target, documents.provenance, documents.permit),
        world.records,
        world.progress,
        world.clock,
    )
    await follow.round(0)
    assert await world.differing() == {"bad"}
    assert (world.progress.failures, world.progress.last_failure) == (1, "document 'bad': access denied")
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
