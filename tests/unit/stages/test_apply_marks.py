"""Whose a state is, and when an apply is over: what decides over keeping, removing and starting over."""

from dataclasses import replace

import pytest

from docferry.domain.change import Kind
from docferry.domain.document import Document
from docferry.domain.errors import Retryable
from docferry.domain.record import Item, digest
from docferry.ports import Kept, Mark, intended
from docferry.simulation.provenance import MemoryProvenance
from docferry.stages.apply import Action, apply_document, apply_record, copied_from, wrote_document
from tests.unit.stages.beating import counted_looks
from tests.unit.stages.test_apply import KEY, World

FIRST: Item = {**KEY, "v": {"N": "1"}}
SECOND: Item = {**KEY, "v": {"N": "2"}}


@pytest.mark.parametrize(
    ("mark", "ours"),
    [
        (Mark("k", "v1"), True),
        (intended("k", "e"), True),
        (Mark("other", "v1"), False),
        (intended("other", "e"), False),
        (Mark("k", "v2"), False),
        (intended("k", "f"), False),
    ],
)
async def test_a_document_is_ours_by_its_own_key_and_its_version_or_its_intended_etag(
    mark: Mark, ours: bool
) -> None:
    provenance = MemoryProvenance()
    await provenance.note(Kind.DOCUMENT, [mark])
    assert await wrote_document(provenance, Document("k", "e", 1, version="v1")) is ours


async def test_a_copy_vouches_for_its_own_key_only() -> None:
    """Versions are told apart within a key, not among keys."""
    world = World()
    world.put("k", b"1")
    await apply_document(world.documents, "k")
    source, target = await world.source.look("k"), await world.target.look("k")
    assert source and target
    assert await copied_from(world.provenance, source, target)
    assert not await copied_from(world.provenance, replace(source, key="n"), replace(target, key="n"))
    assert not await copied_from(world.provenance, replace(source, version="v0"), target)


async def test_a_target_without_versions_is_not_taken_for_the_one_whose_bytes_were_read() -> None:
    world = World()
    world.put("k", b"1")
    await apply_document(world.documents, "k")
    held = world.target.now("k")
    assert held
    world.target._versions["k"] = [replace(held, version="")]
    assert await apply_document(world.documents, "k", unlike="") is Action.NOTHING
    assert len(world.target._versions["k"]) == 1


async def test_a_record_that_somebody_else_wrote_is_kept_under_its_key_and_state() -> None:
    world = World()
    await world.source_records.put(FIRST, None)
    await world.target_records.put(SECOND, None)
    assert await apply_record(world.records, world.documents, KEY) is Action.WRITTEN
    assert world.provenance.conflicts == [Kept(Kind.RECORD, Mark(digest(KEY), digest(SECOND)), SECOND)]


async def test_nothing_done_to_a_record_is_said_to_be_nothing() -> None:
    world = World()
    assert await apply_record(world.records, world.documents, KEY) is Action.NOTHING


async def test_a_record_whose_target_changes_before_the_write_is_looked_at_again() -> None:
    world = World()
    await world.source_records.put(FIRST, None)
    put = world.target_records.put

    async def overtaken(item: Item, expected: Item | None) -> None:
        world.target_records.put = put  # type: ignore[method-assign]
        await put(SECOND, None)
        await put(item, expected)

    world.target_records.put = overtaken  # type: ignore[method-assign]
    assert await apply_record(world.records, world.documents, KEY) is Action.WRITTEN
    assert await world.target_records.get(KEY) == FIRST
    assert [one.item for one in world.provenance.conflicts] == [SECOND]


async def test_a_record_that_comes_back_while_its_deletion_is_carried_is_carried_as_well() -> None:
    world = World()
    await world.target_records.put(FIRST, None)
    delete = world.target_records.delete

    async def deleting(key: Item, expected: Item) -> None:
        await delete(key, expected)
        await world.source_records.put(SECOND, None)

    world.target_records.delete = deleting  # type: ignore[method-assign]
    assert await apply_record(world.records, world.documents, KEY) is Action.WRITTEN
    assert await world.target_records.get(KEY) == SECOND


async def test_what_changes_faster_than_it_can_be_carried_is_left_to_its_feed_by_name() -> None:
    world = World()
    get, count = world.source_records.get, 0

    async def restless(key: Item) -> Item | None:
        nonlocal count
        count += 1
        world.source_records.write({**KEY, "v": {"N": str(count)}})
        return await get(key)

    world.source_records.get = restless  # type: ignore[method-assign]
    with pytest.raises(Retryable, match=r"record .*'r'.* stays on the feed"):
        await apply_record(world.records, world.documents, KEY)
    look = world.source.look

    async def rewritten(key: str) -> Document | None:
        nonlocal count
        count += 1
        world.put(key, str(count).encode())
        return await look(key)

    world.source.look = rewritten  # type: ignore[method-assign]
    with pytest.raises(Retryable, match=r"document 'k' .* stays on the feed"):
        await apply_document(world.documents, "k")


async def test_a_document_that_is_there_is_not_brought_again_for_its_record() -> None:
    world = World()
    world.put("k", b"1")
    await world.source_records.put({**KEY, "document_key": {"S": "k"}}, None)
    brought: list[str] = []

    async def bring(key: str) -> None:
        brought.append(key)
        await apply_document(world.documents, key)

    await apply_record(world.records, world.documents, KEY, bring)
    assert brought == ["k"]
    await world.target_records.delete(KEY, {**KEY, "document_key": {"S": "k"}})
    await apply_record(world.records, world.documents, KEY, bring)
    assert brought == ["k"]


async def test_one_look_after_the_copy_is_enough_where_nothing_moved() -> None:
    world = World()
    world.put("k", b"1")
    looks = counted_looks(world.source)
    assert await apply_document(world.documents, "k") is Action.WRITTEN
    assert looks == ["k", "k"]
