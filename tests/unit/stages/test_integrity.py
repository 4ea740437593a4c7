from pathlib import Path

import pytest

from docferry.domain.errors import NeedsOperator
from docferry.domain.record import Item, KeySchema
from docferry.ports import RecordPage
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.records import MemoryRecords
from docferry.stages.integrity import SAMPLES, Integrity, check_integrity, label


async def stores(
    documents: int, records: int, schema: KeySchema | None = None
) -> tuple[MemoryDocuments, MemoryRecords]:
    """Documents from k000 on, and records from r000 on that name those of the same number."""
    bucket, table = MemoryDocuments(page_rows=10), MemoryRecords(schema or KeySchema("id"), page_items=10)
    for n in range(documents):
        bucket.write(f"k{n:03}", b"", metadata={}, tags={})
    for n in range(records):
        await table.put({"id": {"S": f"r{n:03}"}, "at": {"N": str(n)}, "names": {"S": f"k{n:03}"}}, None)
    return bucket, table


async def checked(bucket: MemoryDocuments, table: MemoryRecords, directory: Path) -> Integrity:
    return await check_integrity(bucket, table, "names", directory, segments=3)


async def test_where_each_names_the_other_nothing_is_found(tmp_path: Path) -> None:
    assert await checked(*await stores(25, 25), tmp_path) == Integrity(0, 0, (), ())


async def test_a_document_behind_any_number_of_pages_is_not_missing(tmp_path: Path) -> None:
    bucket, table = await stores(45, 44)
    assert await checked(bucket, table, tmp_path) == Integrity(0, 1, (), ("k044",))


async def test_the_very_first_key_counts_and_the_keys_are_sorted_in_the_directory_that_was_given(
    tmp_path: Path,
) -> None:
    bucket, table = await stores(0, 0)
    assert await checked(bucket, table, tmp_path) == Integrity(0, 0, (), ())
    bucket.write("!", b"", metadata={}, tags={})
    assert (await checked(bucket, table, tmp_path)).orphan_samples == ("!",)
    with pytest.raises(NeedsOperator, match="absent"):
        await checked(bucket, table, tmp_path / "absent")


async def test_a_record_that_points_at_nothing_is_named_with_what_it_points_at(tmp_path: Path) -> None:
    bucket, table = await stores(3, 5, KeySchema("id", "at"))
    found = await checked(bucket, table, tmp_path)
    assert (found.dangling_records, found.orphan_documents) == (2, 0)
    assert found.dangling_samples == (("r003/3", "k003"), ("r004/4", "k004"))


async def test_a_record_that_names_no_document_points_nowhere_and_makes_no_document_known(tmp_path: Path) -> None:
    bucket, table = await stores(1, 0)
    await table.put({"id": {"S": "none"}}, None)
    await table.put({"id": {"S": "other"}, "elsewhere": {"S": "k000"}}, None)
    assert await checked(bucket, table, tmp_path) == Integrity(0, 1, (), ("k000",))


async def test_all_are_counted_and_the_first_of_them_named(tmp_path: Path) -> None:
    bucket, table = await stores(0, SAMPLES + 7)
    for n in range(SAMPLES + 3):
        bucket.write(f"z{n:03}", b"", metadata={}, tags={})
    found = await checked(bucket, table, tmp_path)
    assert (found.dangling_records, found.orphan_documents) == (SAMPLES + 7, SAMPLES + 3)
    assert found.dangling_samples == tuple((f"r{n:03}", f"k{n:03}") for n in range(SAMPLES))
    assert found.orphan_samples == tuple(f"z{n:03}" for n in range(SAMPLES))


async def test_a_table_that_goes_on_behind_an_empty_page_is_read_to_its_end(tmp_path: Path) -> None:
    bucket, table = await stores(2, 2)

    class Gaps(MemoryRecords):
        async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
            if position is None:
                return RecordPage((), {"id": {"S": ""}})
            return await table.scan(segment, segments, None)

    assert await checked(bucket, Gaps(KeySchema("id")), tmp_path) == Integrity(0, 0, (), ())


def test_a_record_s_label_is_its_key_as_a_person_reads_it() -> None:
    item: Item = {"at": {"N": "7"}, "id": {"S": "a b"}, "v": {"S": "x"}}
    assert label(KeySchema("id", "at"), item) == "a b/7"
    assert label(KeySchema("id"), item) == "a b"
