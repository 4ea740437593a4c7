import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docferry.checkpoint import Checkpoint
from docferry.domain.document import Document, Listed, differing_fields
from docferry.ports import Written
from docferry.progress import Progress
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.provenance import MemoryProvenance
from docferry.stages.apply import DocumentSides
from docferry.stages.backfill import DocumentBackfill
from docferry.stuck import Stuck
from tests.unit.fakes import Always, Killed, unthrottled

NAME = "backfill/documents"


class Counting(MemoryDocuments):
    """A target that counts looks and copies, and dies after so many copies."""

    def __init__(self, source: MemoryDocuments, *, dies_after: int = 10**9) -> None:
        super().__init__(source, page_rows=10)
        self.looks = self.copies = 0
        self.dies_after = dies_after

    async def look(self, key: str) -> Document | None:
        self.looks += 1
        return await super().look(key)

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        await asyncio.sleep(0)
        if self.copies >= self.dies_after:
            raise Killed
        self.copies += 1
        return await super().copy(source, expected)


async def backfill(
    source: MemoryDocuments, target: MemoryDocuments, ledger: MemoryLedger, provenance: MemoryProvenance
) -> Progress:
    progress = Progress()
    sides = DocumentSides(source, target, provenance, Always())
    checkpoint = await Checkpoint.load(ledger, NAME)
    await DocumentBackfill(sides, checkpoint, progress, unthrottled, Stuck(ledger)).run()
    return progress


def filled(count: int) -> MemoryDocuments:
    source = MemoryDocuments(page_rows=10)
    for n in range(count):
        source.write(f"k{n:04}", f"body {n}".encode(), metadata={"n": str(n)}, tags={"t": "1"})
    return source


async def same(source: MemoryDocuments, target: MemoryDocuments, keys: list[str]) -> bool:
    for key in keys:
        one, other = await source.look(key), await target.look(key)
        if (one is None) != (other is None) or (one and other and differing_fields(one, other)):
            return False
    return True


async def test_a_first_pass_into_an_empty_target_copies_each_document_once_and_looks_at_none() -> None:
    source = filled(95)
    target = Counting(source)
    progress = await backfill(source, target, MemoryLedger(), MemoryProvenance())
    assert (target.copies, target.looks, progress.documents_copied) == (95, 0, 95)
    assert await same(source, target, [f"k{n:04}" for n in range(95)])


async def test_a_later_pass_decides_from_the_listings() -> None:
    source, ledger, provenance = filled(95), MemoryLedger(), MemoryProvenance()
    target = Counting(source)
    await backfill(source, target, ledger, provenance)
    source.write("k0007", b"changed", metadata={}, tags={})
    progress = await backfill(source, target, ledger, provenance)
    assert (progress.documents_same, progress.documents_applied, progress.documents_copied) == (94, 1, 0)


async def test_what_was_at_the_target_before_is_looked_at_and_what_is_not_ours_stays() -> None:
    source, provenance = filled(3), MemoryProvenance()
    target = Counting(source)
    target.write("k0001", b"body 1", metadata={"n": "another"}, tags={"t": "1"})
    target.write("unrelated", b"", metadata={}, tags={})
    progress = await backfill(source, target, MemoryLedger(), provenance)
    assert await same(source, target, ["k0000", "k0001", "k0002"])
    assert (progress.foreign_documents, len(provenance.conflicts)) == (1, 1)
    assert await target.look("unrelated") is not None


async def test_a_document_deleted_while_it_was_copied_does_not_stay() -> None:
    source = filled(5)

    class Deletes(Counting):
        async def copy(self, source_row: Document | Listed, expected: Document | Listed | None) -> Written:
            written = await super().copy(source_row, expected)
            if source_row.key == "k0002":
                source.erase("k0002")
            return written

    target = Deletes(source)
    await backfill(source, target, MemoryLedger(), MemoryProvenance())
    assert await target.look("k0002") is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_killed_anywhere_and_resumed_it_ends_as_if_nothing_had_happened(seed: int) -> None:
    async def run() -> None:
        draw = random.Random(seed)
        source, ledger, provenance = filled(95), MemoryLedger(), MemoryProvenance()
        target = Counting(source)
        for _ in range(3):
            target.dies_after = target.copies + draw.randrange(31)
            with pytest.raises(Killed):
                await backfill(source, target, ledger, provenance)
        target.dies_after = 10**9
        await backfill(source, target, ledger, provenance)
        assert await same(source, target, [f"k{n:04}" for n in range(95)])
        assert target.copies == 95
        assert provenance.conflicts == []

    asyncio.run(run())
