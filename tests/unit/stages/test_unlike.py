"""Wrong bytes under the same ETag: only who has read them knows, and says so by the version that was read."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from docferry.domain.change import Kind
from docferry.domain.document import Document
from docferry.domain.errors import StaleEpoch
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.provenance import MemoryProvenance
from docferry.stages.apply import Action, DocumentSides, apply_document
from tests.unit.fakes import Always, Never


class Spoiled:
    """A document that was carried, and whose bytes then went wrong at the target without anything showing it."""

    def __init__(self) -> None:
        self.source = MemoryDocuments()
        self.target = MemoryDocuments(self.source)
        self.provenance = MemoryProvenance()
        self.sides = DocumentSides(self.source, self.target, self.provenance, Always())
        self.copies: list[str] = []

    async def begin(self) -> str:
        """Return the version whose bytes are wrong."""
        self.write(b"1")
        await apply_document(self.sides, "k")
        self.target.spoil("k", unseen=True)
        assert await apply_document(self.sides, "k") is Action.NOTHING
        assert not self.alike()
        return self.at(self.target).version

    def write(self, body: bytes, **metadata: str) -> None:
        self.source.write("k", body, metadata=metadata, tags={})

    def at(self, store: MemoryDocuments) -> Document:
        held = store.now("k")
        assert held
        return held

    def alike(self) -> bool:
        return self.source.bytes_of(self.at(self.source)) == self.target.bytes_of(self.at(self.target))

    def versions(self) -> int:
        return len(self.target._versions["k"])

    def before_the_copy(self, work: Callable[[], Awaitable[object]]) -> None:
        """Have something happen right before the first copy reaches the target."""
        copy = self.target.copy

        async def copying(source: Document, expected: Document | None) -> object:
            self.target.copy = copy  # type: ignore[method-assign]
            await work()
            return await copy(source, expected)

        self.target.copy = copying  # type: ignore[assignment, method-assign]


async def test_the_version_that_was_read_is_copied_over_exactly_once() -> None:
    world = Spoiled()
    wrong = await world.begin()
    before = world.versions()
    assert await apply_document(world.sides, "k", unlike=wrong) is Action.WRITTEN
    assert (world.alike(), world.versions()) == (True, before + 1)
    assert await apply_document(world.sides, "k", unlike=wrong) is Action.NOTHING
    assert world.versions() == before + 1
    assert world.provenance.conflicts == []


async def test_a_copy_that_once_vouched_for_the_bytes_does_not_keep_them_wrong() -> None:
    """Where an ETag is no digest, a copy of that very version vouches for the bytes, until somebody reads them."""
    world = Spoiled()
    wrong = await world.begin()
    for store in (world.source, world.target):
        store._versions["k"][-1] = replace(world.at(store), encryption="aws:kms")
    assert await apply_document(world.sides, "k") is Action.NOTHING
    assert await apply_document(world.sides, "k", unlike=wrong) is Action.WRITTEN
    assert world.alike()


async def test_a_version_that_is_no_longer_there_has_nothing_copied() -> None:
    world = Spoiled()
    wrong = await world.begin()
    world.write(b"2")
    await apply_document(world.sides, "k")
    before = world.versions()
    assert await apply_document(world.sides, "k", unlike=wrong) is Action.NOTHING
    assert world.versions() == before


@pytest.mark.parametrize("body", [b"2", b"1"])
async def test_a_writer_that_comes_in_between_is_never_written_over(body: bytes) -> None:
    """The runner has carried its write to the target by the time the repair's copy arrives there."""
    world = Spoiled()
    wrong = await world.begin()

    async def written_and_carried() -> None:
        world.write(body, by="writer")
        await apply_document(world.sides, "k")

    world.before_the_copy(written_and_carried)
    await apply_document(world.sides, "k", unlike=wrong)
    assert world.alike()
    assert world.at(world.target).metadata == {"by": "writer"}


async def test_a_writer_whose_write_nobody_has_carried_yet_is_carried_by_the_repair() -> None:
    world = Spoiled()
    wrong = await world.begin()

    async def written() -> None:
        world.write(b"2", by="writer")

    world.before_the_copy(written)
    assert await apply_document(world.sides, "k", unlike=wrong) is Action.WRITTEN
    assert world.alike()
    assert world.at(world.target).metadata == {"by": "writer"}


async def test_a_deletion_that_comes_in_between_does_not_come_back() -> None:
    world = Spoiled()
    wrong = await world.begin()

    async def deleted() -> None:
        world.source.erase("k")

    world.before_the_copy(deleted)
    await apply_document(world.sides, "k", unlike=wrong)
    assert (world.source.now("k"), world.target.now("k")) == (None, None)


async def test_what_somebody_else_wrote_is_kept_before_it_is_copied_over() -> None:
    world = Spoiled()
    world.write(b"1")
    world.target.write("k", b"1", metadata={}, tags={})
    world.target.spoil("k", unseen=True)
    foreign = world.at(world.target).version
    await apply_document(world.sides, "k", unlike=foreign)
    assert world.alike()
    assert [(one.kind, one.mark.state) for one in world.provenance.conflicts] == [(Kind.DOCUMENT, foreign)]


async def test_nothing_is_copied_without_leave() -> None:
    world = Spoiled()
    wrong = await world.begin()
    before = world.versions()
    closed = DocumentSides(world.source, world.target, world.provenance, Never())
    with pytest.raises(StaleEpoch):
        await apply_document(closed, "k", unlike=wrong)
    assert world.versions() == before


async def test_a_bucket_without_versions_is_not_copied_to_again_and_again() -> None:
    world = Spoiled()
    await world.begin()
    assert await apply_document(world.sides, "k", unlike="") is Action.NOTHING


async def test_the_other_way_round_the_flag_means_nothing() -> None:
    """After a switch the version that was read is the source's: it is never what is copied over."""
    world = Spoiled()
    wrong = await world.begin()
    back = DocumentSides(world.target, world.source.paired_with(world.target), world.provenance, Always())
    before = len(world.source._versions["k"])
    assert await apply_document(back, "k", unlike=wrong) is Action.NOTHING
    assert len(world.source._versions["k"]) == before
