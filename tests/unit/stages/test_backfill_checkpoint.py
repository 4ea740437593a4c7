"""What a backfill of documents keeps of where it stands, and what it does with that when it is run again."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from docferry.checkpoint import Checkpoint
from docferry.domain.change import Kind
from docferry.domain.document import Document, Listed
from docferry.domain.errors import ServiceError
from docferry.domain.key_range import EVERYTHING, KeyRange
from docferry.ports import ListingPage, Mark, Written
from docferry.progress import Progress
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.provenance import MemoryProvenance
from docferry.stages.apply import DocumentSides
from docferry.stages.backfill import DocumentBackfill
from docferry.stuck import Stuck
from tests.unit.fakes import Always, Killed, unthrottled
from tests.unit.stages.test_backfill import NAME, Counting, filled


class Listing(MemoryDocuments):
    """A source that remembers what was asked of its listing."""

    asked: list[tuple[str, str]]

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        self.asked.append((after, prefix))
        return await super().page(after, prefix)


def listing(count: int) -> Listing:
    source = Listing(page_rows=10)
    source._versions, source.asked = filled(count)._versions, []
    return source


@dataclass
class World:
    source: MemoryDocuments
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    provenance: MemoryProvenance = field(default_factory=MemoryProvenance)
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.target = Counting(self.source)
        self.stuck = Stuck(self.ledger)

    async def backfill(self, *, keys: KeyRange = EVERYTHING, prefix: str = "", window: int = 64) -> dict[str, Any]:
        """Run one and return what its checkpoint says then."""
        self.progress = Progress()
        sides = DocumentSides(self.source, self.target, self.provenance, Always())
        checkpoint = await Checkpoint.load(self.ledger, NAME)
        await DocumentBackfill(
            sides, checkpoint, self.progress, unthrottled, self.stuck, window=window, prefix=prefix, keys=keys
        ).run()
        return checkpoint.entry

    def here(self) -> set[str]:
        return {key for key in self.target._versions if self.target.now(key)}


async def test_what_is_done_is_said_with_the_passes_and_the_documents_of_the_last_one() -> None:
    world = World(filled(25))
    assert await world.backfill() == {"after": "", "done": True, "passes": 1, "documents": 25}
    world.target.write("theirs", b"", metadata={}, tags={})
    assert await world.backfill() == {"after": "", "done": True, "passes": 2, "documents": 25}
    assert world.progress.foreign_documents == 1


async def test_one_that_was_killed_goes_on_behind_what_is_done() -> None:
    source = listing(95)
    world = World(source)
    world.target.dies_after = 42
    with pytest.raises(Killed):
        await world.backfill(window=1)
    held = await world.ledger.read(NAME)
    assert held
    assert (held["done"], held["passes"], held["documents"] > 0) == (False, 0, True)
    world.target.dies_after = 10**9
    source.asked.clear()
    entry = await world.backfill()
    assert min(after for after, _ in source.asked) == held["after"] > ""
    assert (entry["passes"], entry["documents"]) == (1, 95)


async def test_a_range_is_brought_whole_and_nothing_beside_it_however_often_it_is_run() -> None:
    source = listing(60)
    world = World(source)
    part = KeyRange("k0019", "k0039")
    wanted = {f"k{n:04}" for n in range(20, 40)}
    assert (await world.backfill(keys=part))["documents"] == 20
    assert world.here() == wanted
    source.asked.clear()
    source.write("k0021", b"changed", metadata={}, tags={})
    assert await world.backfill(keys=part) == {"after": "k0039", "done": True, "passes": 2, "documents": 20}
    assert world.here() == wanted
    assert (world.progress.documents_applied, min(source.asked)[0]) == (1, "k0019")


async def test_a_later_pass_that_was_killed_is_gone_on_with_as_a_later_pass() -> None:
    world = World(filled(30))
    await world.backfill()
    world.source.write("k0005", b"changed", metadata={}, tags={})
    world.target.dies_after = world.target.copies
    with pytest.raises(Killed):
        await world.backfill()
    held = await world.ledger.read(NAME)
    assert held == {"after": "", "done": False, "passes": 1}
    world.target.dies_after, world.target.looks = 10**9, 0
    assert (await world.backfill())["passes"] == 2
    assert world.target.looks < 5


async def test_a_prefix_bounds_what_is_brought_and_what_is_listed_to_confirm_it() -> None:
    source = listing(0)
    for n in range(25):
        source.write(f"in/{n:02}", b"1", metadata={}, tags={})
        source.write(f"on/{n:02}", b"1", metadata={}, tags={})
    world = World(source)
    await world.backfill(prefix="in/")
    assert world.here() == {f"in/{n:02}" for n in range(25)}
    assert {prefix for _, prefix in source.asked} == {"in/"}


async def test_everything_that_was_seen_is_counted_once_whatever_came_of_it() -> None:
    world = World(filled(25))
    await world.backfill()
    progress = world.progress
    assert (progress.documents_seen, progress.documents_copied) == (25, 25)
    assert progress.bytes_copied == sum(len(f"body {n}") for n in range(25))
    for n in (3, 14):
        world.source.write(f"k{n:04}", b"changed", metadata={}, tags={})
    for name in ("theirs", "theirs too"):
        world.target.write(name, b"", metadata={}, tags={})
    await world.backfill()
    progress = world.progress
    assert (progress.documents_seen, progress.documents_same, progress.documents_applied) == (27, 23, 2)
    assert (progress.foreign_documents, progress.documents_copied) == (2, 0)


async def test_a_first_pass_looks_at_what_is_there_and_counts_what_is_the_same() -> None:
    world = World(filled(3))
    await world.backfill()
    world.ledger = MemoryLedger()
    await world.backfill()
    assert (world.progress.documents_same, world.progress.documents_seen, world.target.copies) == (3, 3, 3)
    assert world.target.looks >= 3


@pytest.mark.parametrize(
    "change",
    [
        lambda held: replace(held, storage_class="GLACIER_IR"),
        lambda held: replace(held, etag="f" * 32),
        lambda held: replace(held, etag="no digest"),
        lambda held: replace(held, size=held.size + 1),
    ],
)
async def test_a_later_pass_looks_at_whatever_its_listing_does_not_show_to_be_the_same(change: Any) -> None:
    world = World(filled(3))
    await world.backfill()
    held = world.target.now("k0001")
    assert held
    world.target._versions["k0001"][-1] = change(held)
    world.target.looks = 0
    await world.backfill()
    assert world.target.looks > 0
    assert world.progress.documents_same >= 2


async def test_what_moved_while_it_was_copied_is_applied_anew_in_its_own_stretch() -> None:
    world = World(filled(25))
    copy = world.target.copy

    async def copying(row: Document | Listed, expected: Document | Listed | None) -> Written:
        written = await copy(row, expected)
        if row.key == "k0012" and row.size == len(b"body 12"):
            world.source.write("k0012", b"moved", metadata={"m": "1"}, tags={})
        return written

    world.target.copy = copying  # type: ignore[assignment, method-assign]
    await world.backfill()
    held = world.target.now("k0012")
    assert held and held.metadata == {"m": "1"}
    assert world.progress.documents_applied == 1


async def test_a_document_that_is_refused_when_it_is_applied_anew_is_noted_by_its_name() -> None:
    world = World(filled(3))
    copy = world.target.copy

    async def refusing(row: Document | Listed, expected: Document | Listed | None) -> Written:
        if row.key == "k0001" and row.size != len(b"body 1"):
            raise ServiceError("archived", status=403)
        written = await copy(row, expected)
        if row.key == "k0001":
            world.source.write("k0001", b"archived now", metadata={}, tags={})
        return written

    world.target.copy = refusing  # type: ignore[assignment, method-assign]
    await world.backfill()
    assert await world.stuck.load() == ({"kind": "document", "key": "k0001", "reason": "archived"},)


async def test_what_somebody_put_to_the_target_between_listing_and_copy_is_kept_and_written_over() -> None:
    world = World(filled(3))
    copy = world.target.copy

    async def overtaken(row: Document | Listed, expected: Document | Listed | None) -> Written:
        if row.key == "k0001" and expected is None:
            world.target.write("k0001", b"theirs", metadata={}, tags={})
        return await copy(row, expected)

    world.target.copy = overtaken  # type: ignore[assignment, method-assign]
    await world.backfill()
    held = world.target.now("k0001")
    assert held and held.metadata == {"n": "1"}
    assert [one.mark.key for one in world.provenance.conflicts] == ["k0001"]


async def test_a_copy_is_known_for_ours_by_its_version_where_its_etag_is_another_than_the_listed_one() -> None:
    """KMS makes an ETag of its own at each side."""
    world = World(filled(1))
    copy = world.target.copy

    async def encrypting(row: Document | Listed, expected: Document | Listed | None) -> Written:
        written = await copy(row, expected)
        held = world.target.now(row.key)
        assert held
        world.target._versions[row.key][-1] = replace(held, etag="e" * 32, encryption="aws:kms")
        return written

    world.target.copy = encrypting  # type: ignore[assignment, method-assign]
    await world.backfill()
    held = world.target.now("k0000")
    assert held
    assert await world.provenance.wrote(Kind.DOCUMENT, [Mark("k0000", held.version)])


async def test_the_source_is_listed_twice_and_the_target_once() -> None:
    """To copy and to confirm: what a plan says that a backfill costs."""
    source = listing(100)
    world = World(source)
    asked: list[str] = []
    page = world.target.page

    async def paging(after: str, prefix: str = "") -> ListingPage:
        asked.append(after)
        return await page(after, prefix)

    world.target.page = paging  # type: ignore[method-assign]
    await world.backfill()
    assert (len(source.asked), len(asked)) == (2 * 10, 1)


async def test_what_was_looked_at_is_not_looked_at_again_because_its_neighbours_were_copied() -> None:
    world = World(filled(3))
    await world.backfill()
    world.ledger = MemoryLedger()
    world.target.erase("k0002")
    world.target.looks = 0
    await world.backfill()
    assert (world.target.looks, world.progress.documents_copied) == (2, 1)


async def test_documents_that_come_in_between_meanwhile_make_nothing_be_applied_anew() -> None:
    world = World(filled(10))
    copy = world.target.copy

    async def copying(row: Document | Listed, expected: Document | Listed | None) -> Written:
        for n in range(5):
            world.source.write(f"k0000-{n}", b"new", metadata={}, tags={})
        return await copy(row, expected)

    world.target.copy = copying  # type: ignore[assignment, method-assign]
    await world.backfill()
    progress = world.progress
    assert (progress.documents_copied, progress.documents_same, progress.documents_applied) == (10, 0, 0)


async def test_a_source_that_is_emptied_while_it_is_copied_leaves_nothing_behind() -> None:
    world = World(filled(1))
    copy = world.target.copy

    async def copying(row: Document | Listed, expected: Document | Listed | None) -> Written:
        written = await copy(row, expected)
        world.source.erase(row.key)
        return written

    world.target.copy = copying  # type: ignore[assignment, method-assign]
    await world.backfill()
    assert world.here() == set()
