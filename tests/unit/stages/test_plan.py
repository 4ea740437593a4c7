import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import ServiceError
from docferry.domain.estimate import Assumptions
from docferry.domain.hazard import Hazard
from docferry.domain.record import Item, KeySchema
from docferry.ports import ListingPage, Written
from docferry.prices import load_prices
from docferry.progress import Progress
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.records import MemoryRecords
from docferry.simulation.survey import MemorySurvey
from docferry.spool import KeySpool
from docferry.stages.plan import Options, Plan, Stores, plan
from docferry.survey_port import BucketFacts, Head, TableFacts

SOURCE = BucketFacts("documents-source", "eu-west-1", "Enabled")
TARGET = BucketFacts("documents-target", "eu-central-1", "Enabled")
TABLE = TableFacts("records", 0, 0, "PAY_PER_REQUEST", "KEYS_ONLY")


class ReadOnlyDocuments(MemoryDocuments):
    """A bucket in which whatever docferry itself would write is a failure."""

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        raise AssertionError("a plan must not copy")

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        raise AssertionError("a plan must not tag")

    async def remove(self, key: str, expected: Document) -> Written:
        raise AssertionError("a plan must not remove")


class ReadOnlyRecords(MemoryRecords):
    """A table that a plan may only read; `fill` is how the test itself writes."""

    async def fill(self, *items: Item) -> None:
        for item in items:
            await super().put(item, None)

    async def put(self, item: Item, expected: Item | None) -> None:
        raise AssertionError("a plan must not put")

    async def delete(self, key: Item, expected: Item) -> None:
        raise AssertionError("a plan must not delete")


@dataclass
class World:
    spool: KeySpool
    documents: MemoryDocuments = field(default_factory=lambda: ReadOnlyDocuments(page_rows=7))
    records: ReadOnlyRecords = field(default_factory=lambda: ReadOnlyRecords(KeySchema("id"), page_items=3))
    heads: dict[str, Head] = field(default_factory=dict)
    source_bucket: BucketFacts = SOURCE
    source_table: TableFacts = TABLE
    target_bucket: BucketFacts = TARGET
    target_table: TableFacts = TABLE
    progress: Progress = field(default_factory=Progress)

    def write(self, *keys: str, size: int = 10) -> None:
        for key in keys:
            self.documents.write(key, b"x" * size, metadata={}, tags={})

    async def record(self, name: str, document: str | None) -> None:
        named: Item = {} if document is None else {"document_key": {"S": document}}
        await self.records.fill({"id": {"S": name}, **named})

    async def plan(self, options: Options | None = None) -> Plan:
        source = MemorySurvey(self.documents, self.source_bucket, self.source_table, heads=self.heads, page_rows=4)
        target = MemorySurvey(ReadOnlyDocuments(), self.target_bucket, self.target_table)
        stores = Stores(self.documents, self.records, source, target)
        return await plan(
            stores, options or Options(), load_prices(), self.spool, self.progress, made_at=1_700_000_000.0
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with KeySpool(tmp_path) as spool:
        yield World(spool)


def hazard(made: Plan, rule_id: str) -> Hazard:
    (found,) = [one for one in made.hazards if one.rule.id == rule_id]
    return found


def ids(made: Plan) -> set[str]:
    return {one.rule.id for one in made.hazards}


async def filled(world: World, count: int = 25) -> None:
    for n in range(count):
        world.write(f"k{n:02}", size=n)
        await world.record(f"r{n:02}", f"k{n:02}")


async def test_everything_is_counted_over_all_pages_and_segments(world: World) -> None:
    await filled(world)
    await world.record("lone", None)
    world.write("k00", size=3)
    world.documents.erase("k01")
    made = await world.plan()
    shown = made.as_json()
    assert (shown["documents"]["count"], shown["documents"]["bytes"]) == (24, sum(range(2, 25)) + 3)
    assert (shown["records"]["count"], shown["records"]["naming_none"]) == (26, 1)
    assert shown["versions"] == {"noncurrent": {"count": 2, "bytes": 1}, "delete_markers": 1}
    assert (world.progress.documents_seen, world.progress.records_seen) == (24, 26)


async def test_a_sound_store_has_no_hazards(world: World) -> None:
    await filled(world)
    assert (await world.plan()).hazards == ()


async def test_nothing_is_written_whatever_is_found(world: World) -> None:
    await filled(world, 3)
    world.write("odd//", "nobody's")
    await world.record("r-lost", "gone")
    world.heads = {"k01": Head("customer"), "k02": Head("AES256", locked=True)}
    before = deepcopy((world.documents._versions, world.records._items))
    assert len(ids(await world.plan())) == 5
    assert (world.documents._versions, world.records._items) == before


async def test_records_and_documents_that_miss_each_other_are_found(world: World) -> None:
    await filled(world, 3)
    await world.record("r-lost", "gone")
    world.write("nobody's")
    made = await world.plan()
    assert hazard(made, "dangling-record").samples == ('{"id":{"S":"r-lost"}} names gone',)
    assert hazard(made, "orphan-document").samples == ("nobody's",)


async def test_a_document_written_after_its_page_was_listed_leaves_no_record_dangling(world: World) -> None:
    class Late(ReadOnlyDocuments):
        async def page(self, after: str, prefix: str = "") -> ListingPage:
            listed = await super().page(after, prefix)
            self.write("a-late", b"", metadata={}, tags={})
            return listed

    world.documents = Late()
    world.write("k")
    await world.record("r1", "k")
    await world.record("r2", "a-late")
    await world.record("r3", "never")
    assert hazard(await world.plan(), "dangling-record").count == 1


async def test_what_no_listing_shows_comes_from_a_sample_that_says_so(world: World) -> None:
    await filled(world, 30)
    world.heads = {
        **{f"k{n:02}": Head("aws:kms", "key") for n in range(30)},
        "k07": Head("customer"),
        "k08": Head("AES256", locked=True),
        "k09": Head("AES256", archived=True),
    }
    every = await world.plan(Options(heads=100))
    assert {one.rule.id: one.count for one in every.hazards} == {
        "archived-tier": 1, "sse-c": 1, "sse-kms": 27, "locked-document": 1,
    }  # fmt: skip
    assert hazard(every, "sse-c").samples == ("k07",)
    assert hazard(every, "sse-c").bytes == 7


async def test_the_sample_is_bounded(world: World) -> None:
    await filled(world, 30)
    world.heads = {f"k{n:02}": Head("aws:kms") for n in range(30)}
    made = await world.plan(Options(heads=4))
    assert (made.looked_at, hazard(made, "sse-kms").count) == (4, 4)
    assert hazard(made, "sse-kms").basis == "a sample of 4 of 30 documents"
    assert (await world.plan(Options(heads=0))).looked_at == 0


async def test_how_both_sides_are_set_up_is_judged(world: World) -> None:
    world.source_bucket = replace(SOURCE, versioning="Suspended", requester_pays=True)
    world.target_bucket = replace(TARGET, versioning="", object_lock=True, encryption="aws:kms")
    world.target_table = replace(TABLE, stream="")
    made = await world.plan()
    assert ids(made) == {
        "source-not-versioned", "target-not-versioned", "no-stream", "requester-pays", "object-lock",
        "kms-by-default",
    }  # fmt: skip
    assert hazard(made, "object-lock").samples == ("documents-target",)
    assert hazard(made, "no-stream").samples == ("records",)


async def test_a_setting_that_the_store_does_not_tell_is_no_hazard_but_is_shown(world: World) -> None:
    world.source_bucket = replace(SOURCE, requester_pays=None)
    made = await world.plan()
    assert made.hazards == ()
    assert made.as_json()["source"]["bucket"]["requester_pays"] is None


async def test_a_bucket_that_never_had_versions_is_not_asked_for_them(world: World) -> None:
    await filled(world, 3)
    world.write("k00")
    world.source_bucket = replace(SOURCE, versioning="")
    assert (await world.plan()).versions.noncurrent.count == 0
    world.source_bucket = replace(SOURCE, versioning="Suspended")
    assert (await world.plan()).versions.noncurrent.count == 1


async def test_a_prefix_bounds_documents_versions_and_the_records_that_name_them(world: World) -> None:
    world.write("in/a", "in/a", "out/b", "out/b")
    await world.record("r1", "in/a")
    await world.record("r2", "out/b")
    await world.record("r3", None)
    made = await world.plan(Options(prefix="in/"))
    counts = (made.documents.total.count, made.records.total.count, made.versions.noncurrent.count)
    assert counts == (1, 1, 1)
    assert made.hazards == ()


async def test_within_one_region_no_transfer_is_charged_for(world: World) -> None:
    await filled(world)
    between = await world.plan()
    world.target_bucket = replace(TARGET, region=SOURCE.region)
    within = await world.plan()
    assert [one.price for one in between.estimate.costs].count("s3_transfer") == 2
    assert [one.price for one in within.estimate.costs].count("s3_transfer") == 0


async def test_the_file_is_plain_json_with_sorted_names_and_says_what_it_assumed(world: World) -> None:
    await filled(world)
    shown = (await world.plan(Options(assumptions=Assumptions(measured_documents_per_s=123.0)))).as_json()
    text = json.dumps(shown)
    assert json.loads(text) == shown
    assert text == json.dumps(shown, sort_keys=True)
    assert (shown["format"], shown["made_at"]) == (1, "2023-11-14T22:13:20+00:00")
    assert shown["estimate"]["assumptions"]["measured_documents_per_s"]["value"] == 123.0
    assert isinstance(shown["estimate"]["usd"], str)
    assert shown["prices"]["as_of"]


async def test_two_plans_of_the_same_store_are_equal(world: World, tmp_path: Path) -> None:
    await filled(world)
    first = (await world.plan()).as_json()
    with KeySpool(tmp_path) as spool:
        world.spool = spool
        assert (await world.plan()).as_json() == first


async def test_a_walk_that_fails_ends_the_plan_with_its_own_error(world: World) -> None:
    class Denied(MemoryRecords):
        async def scan(self, segment: int, segments: int, position: Item | None) -> Any:
            raise ServiceError("AccessDenied")

    await filled(world)
    stores_records: Any = Denied(KeySchema("id"))
    world.records = stores_records
    with pytest.raises(ServiceError, match="AccessDenied"):
        await world.plan()


async def test_versions_are_added_up_over_all_pages(world: World) -> None:
    for _ in range(11):
        world.write("k", size=3)
    world.documents.erase("k")
    assert (await world.plan()).as_json()["versions"] == {
        "noncurrent": {"count": 11, "bytes": 33},
        "delete_markers": 1,
    }


async def test_the_very_first_key_is_counted_and_so_is_every_record_behind_one_that_is_not_wanted(
    world: World,
) -> None:
    world.records = ReadOnlyRecords(KeySchema("id"))
    for n in range(20):
        world.write(f"!{n:02}")
        await world.record(f"in{n}", f"!{n:02}")
        await world.record(f"out{n}", f"elsewhere/{n}")
    made = await world.plan(Options(prefix="!", scan_segments=1))
    assert (made.documents.total.count, made.records.total.count, made.hazards) == (20, 20, ())
    assert made.as_json()["prefix"] == "!"


async def test_a_document_of_the_sample_that_was_deleted_meanwhile_is_not_judged(world: World) -> None:
    await filled(world, 3)
    listed = world.documents.page

    async def page(after: str, prefix: str = "") -> ListingPage:
        rows = await listed(after, prefix)
        world.documents.erase("k01")
        return rows

    world.documents.page = page  # type: ignore[method-assign]
    world.heads = {f"k{n:02}": Head("customer") for n in range(3)}
    made = await world.plan()
    assert (made.looked_at, hazard(made, "sse-c").samples) == (2, ("k00", "k02"))
    assert made.as_json()["documents"]["looked_at"] == 2


async def test_each_hazard_says_what_was_looked_at_for_it(world: World) -> None:
    world.source_bucket = replace(SOURCE, versioning="", requester_pays=True, object_lock=True)
    world.target_bucket = replace(TARGET, encryption="aws:kms:dsse")
    world.source_table = replace(TABLE, stream="")
    world.write("orphan")
    await world.record("dangling", "nothing")
    made = await world.plan()
    assert {one.rule.id: one.basis for one in made.hazards} == {
        "source-not-versioned": "the bucket",
        "requester-pays": "both buckets",
        "object-lock": "both buckets",
        "kms-by-default": "both buckets",
        "no-stream": "both tables",
        "dangling-record": "every record scanned, against every document listed",
        "orphan-document": "every record scanned, against every document listed",
    }
    assert hazard(made, "kms-by-default").kinds == {"aws:kms:dsse": 1}
    shown = made.as_json()
    assert [one["id"] for one in shown["hazards"]] == [one.rule.id for one in made.hazards]
    assert shown["target"]["bucket"]["encryption"] == "aws:kms:dsse"


async def test_a_dangling_record_is_named_by_its_whole_key_as_it_is_written(world: World) -> None:
    world.records = ReadOnlyRecords(KeySchema("pk", "at"))
    await world.records.fill({"pk": {"S": "ü"}, "at": {"N": "7"}, "document_key": {"S": "gone"}})
    (named,) = hazard(await world.plan(), "dangling-record").samples
    assert named == '{"at":{"N":"7"},"pk":{"S":"ü"}} names gone'
