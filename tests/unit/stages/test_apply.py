import asyncio
import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.change import Kind
from docferry.domain.document import Document, Listed, differing_fields
from docferry.domain.errors import StaleEpoch
from docferry.domain.record import Item, KeySchema
from docferry.ports import Kept, Mark, Written
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.records import MemoryRecords
from docferry.stages.apply import Action, DocumentSides, RecordSides, apply_document, apply_record, wrote_document
from tests.unit.fakes import Always, Killed, Never

KEY: Item = {"id": {"S": "r"}}


@dataclass
class World:
    source: MemoryDocuments = field(default_factory=MemoryDocuments)
    provenance: MemoryProvenance = field(default_factory=MemoryProvenance)
    permit: Always | Never = field(default_factory=Always)

    def __post_init__(self) -> None:
        self.target = MemoryDocuments(self.source)
        self.documents = DocumentSides(self.source, self.target, self.provenance, self.permit)
        self.source_records = MemoryRecords(KeySchema("id"))
        self.target_records = MemoryRecords(KeySchema("id"))
        self.records = RecordSides(
            self.source_records, self.target_records, self.provenance, self.permit, "document_key"
        )

    def put(self, key: str, body: bytes, *, tag: str = "") -> None:
        self.source.write(key, body, metadata={"m": body.decode()}, tags={"t": tag})


async def test_a_document_is_copied_then_left_alone() -> None:
    world = World()
    world.put("k", b"1")
    assert await apply_document(world.documents, "k") is Action.WRITTEN
    copied = await world.target.look("k")
    assert await apply_document(world.documents, "k") is Action.NOTHING
    assert await world.target.look("k") == copied


async def test_a_tag_only_change_is_carried_without_a_copy() -> None:
    world = World()
    world.put("k", b"1", tag="a")
    await apply_document(world.documents, "k")
    before = await world.target.look("k")
    source = await world.source.look("k")
    assert before is not None
    assert source is not None
    await world.source.put_tags("k", source.version, {"t": "b"})
    assert await apply_document(world.documents, "k") is Action.TAGGED
    after = await world.target.look("k")
    assert after is not None
    assert (after.tags, after.version) == ({"t": "b"}, before.version)


@pytest.mark.parametrize("gone", [False, True])
async def test_what_changes_between_look_and_write_is_carried_as_well(gone: bool) -> None:
    # Its event may have been looked at before, on the old state.
    world = World()
    world.put("k", b"1")
    await world.source_records.put({**KEY, "v": {"N": "1"}}, None)
    copy, put = world.target.copy, world.target_records.put

    async def copy_then_change(source: Document | Listed, expected: Document | Listed | None) -> Written:
        written = await copy(source, expected)
        if source.etag == first_etag:
            world.source.erase("k") if gone else world.put("k", b"2")
        return written

    async def put_then_change(item: Item, expected: Item | None) -> None:
        await put(item, expected)
        if item["v"] == {"N": "1"}:
            held = {**KEY, "v": {"N": "1"}}
            if gone:
                await world.source_records.delete(KEY, held)
            else:
                await world.source_records.put({**KEY, "v": {"N": "2"}}, held)

    first = await world.source.look("k")
    first_etag = first.etag if first else ""
    world.target.copy = copy_then_change  # type: ignore[method-assign]
    world.target_records.put = put_then_change  # type: ignore[method-assign]
    await apply_document(world.documents, "k")
    await apply_record(world.records, world.documents, KEY)
    held = await world.target.look("k")
    assert (held and held.metadata) == (None if gone else {"m": "2"})
    assert await world.target_records.get(KEY) == (None if gone else {**KEY, "v": {"N": "2"}})


async def test_a_deletion_is_carried_and_does_not_come_back() -> None:
    world = World()
    world.put("k", b"1")
    await apply_document(world.documents, "k")
    world.source.erase("k")
    assert await apply_document(world.documents, "k") is Action.REMOVED
    assert await apply_document(world.documents, "k") is Action.NOTHING
    assert await world.target.look("k") is None
    assert world.provenance.conflicts == []


async def test_what_docferry_did_not_write_is_kept_before_it_is_overwritten() -> None:
    world = World()
    world.target.write("k", b"somebody else's", metadata={}, tags={})
    foreign = await world.target.look("k")
    assert foreign is not None
    world.put("k", b"1")
    await apply_document(world.documents, "k")
    assert world.provenance.conflicts == [Kept(Kind.DOCUMENT, Mark("k", foreign.version), None)]


async def test_nothing_is_sent_without_leave() -> None:
    world = World(permit=Never())
    world.put("k", b"1")
    await world.source_records.put(KEY, None)
    with pytest.raises(StaleEpoch):
        await apply_document(world.documents, "k")
    with pytest.raises(StaleEpoch):
        await apply_record(world.records, world.documents, KEY)
    assert await world.target.look("k") is None
    assert await world.target_records.get(KEY) is None


async def test_a_record_brings_its_document_first() -> None:
    world = World()
    world.put("k", b"1")
    await world.source_records.put({**KEY, "document_key": {"S": "k"}}, None)
    assert await apply_record(world.records, world.documents, KEY) is Action.WRITTEN
    assert await world.target.look("k") is not None


async def test_a_foreign_record_is_kept_whole() -> None:
    world = World()
    foreign: Item = {**KEY, "v": {"S": "late upload"}}
    await world.target_records.put(foreign, None)
    assert await apply_record(world.records, world.documents, KEY) is Action.REMOVED
    assert [one.item for one in world.provenance.conflicts] == [foreign]


async def test_our_own_record_is_overwritten_and_removed_without_a_conflict() -> None:
    world = World()
    first: Item = {**KEY, "v": {"N": "1"}}
    second: Item = {**KEY, "v": {"N": "2"}}
    await world.source_records.put(first, None)
    await apply_record(world.records, world.documents, KEY)
    await world.source_records.put(second, first)
    assert await apply_record(world.records, world.documents, KEY) is Action.WRITTEN
    await world.source_records.delete(KEY, second)
    assert await apply_record(world.records, world.documents, KEY) is Action.REMOVED
    assert world.provenance.conflicts == []


class Interleaved(MemoryDocuments):
    """A bucket whose every call may let others run first, before and after it takes effect."""

    def __init__(self, seed: random.Random, source: MemoryDocuments | None = None) -> None:
        super().__init__(source)
        self._seed = seed

    async def look(self, key: str) -> Document | None:
        await self._others()
        found = await super().look(key)
        await self._others()
        return found

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        await self._others()
        written = await super().copy(source, expected)
        await self._others()
        return written

    async def _others(self) -> None:
        for _ in range(self._seed.randrange(3)):
            await asyncio.sleep(0)


@given(st.integers(0, 2**32))
def test_two_appliers_on_one_key_end_with_target_equal_to_source(seed: int) -> None:
    asyncio.run(race(random.Random(seed)))


async def race(seed: random.Random) -> None:
    source = Interleaved(seed)
    target = Interleaved(seed, source)
    sides = DocumentSides(source, target, MemoryProvenance(), Always())
    events: asyncio.Queue[str] = asyncio.Queue()

    async def writer() -> None:
        for number in range(8):
            if seed.random() < 0.3:
                source.erase("k")
            else:
                source.write("k", f"{number % 3}".encode(), metadata={"n": str(number % 2)}, tags={})
            events.put_nowait("k")
            for _ in range(seed.randrange(6)):
                await asyncio.sleep(0)

    async def applier() -> None:
        while True:
            await apply_document(sides, await events.get())
            events.task_done()

    appliers = [asyncio.create_task(applier()) for _ in range(2)]
    await writer()
    await asyncio.wait_for(events.join(), 10)
    for one in appliers:
        one.cancel()
    await asyncio.gather(*appliers, return_exceptions=True)
    held, copied = await source.look("k"), await target.look("k")
    assert (held is None) == (copied is None)
    assert held is None or copied is None or differing_fields(held, copied) == ()


async def test_where_bytes_cannot_be_told_a_source_that_moved_meanwhile_is_copied_again() -> None:
    world = World()
    world.put("k", b"1")
    held = world.source._versions["k"][-1]
    assert held
    first = replace(held, encryption="aws:kms", etag="1" * 32)
    world.source._versions["k"] = [first]

    class Moving(MemoryDocuments):
        """Re-encrypts what it copies, and lets the source be overwritten during the first copy."""

        async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
            written = await super().copy(source, expected)
            copy = self._versions["k"][-1]
            assert copy
            self._versions["k"][-1] = replace(copy, etag="f" * 32)
            if len(self._versions["k"]) == 1:
                world.source._versions["k"].append(replace(first, version="v9", etag="2" * 32))
            return written

    target = Moving(world.source)
    await apply_document(replace(world.documents, target=target), "k")
    assert len(target._versions["k"]) == 2


async def test_a_copy_is_intended_before_it_is_made() -> None:
    world = World()
    world.put("k", b"1")

    class Cut(MemoryDocuments):
        async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
            await super().copy(source, expected)
            raise Killed

    target = Cut(world.source)
    with pytest.raises(Killed):
        await apply_document(replace(world.documents, target=target), "k")
    copied = await target.look("k")
    assert copied
    assert await wrote_document(world.provenance, copied)
    assert not await wrote_document(world.provenance, replace(copied, version="v", etag="3" * 32))
