"""What a round leaves on each of its four feeds, and what it says of what it did."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from docferry.domain.change import DocumentChange, Kind
from docferry.domain.errors import NeedsOperator, Retryable, ServiceError
from docferry.domain.journal import Touched
from docferry.domain.record import Item
from docferry.ports import Delivery
from docferry.scan import READ_AT_ONCE
from docferry.simulation.feed import MemoryFeed
from docferry.stages.follow import Feeds, Follow, Round, unheard
from tests.unit.world import World, key_of, record


class Named(MemoryFeed):
    """A feed that remembers how long it was waited at, and keeps a change for so long."""

    def __init__(self, keeps_s: float = 0.0) -> None:
        super().__init__()
        self.keeps_s, self.waited = keeps_s, list[float]()

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        self.waited.append(wait_s)
        return await super().receive(wait_s)

    async def retention_s(self) -> float:
        return self.keeps_s


async def test_a_change_is_kept_as_long_as_the_shortest_of_the_feeds_keeps_it() -> None:
    for documents, records in (((3.0, 5.0), (9.0, 9.0)), ((5.0, 3.0), (9.0, 9.0)), ((5.0, 5.0), (9.0, 1.0))):
        feeds = Feeds(*(Named(one) for one in (*documents, *records)))
        assert await feeds.documents_retention_s() == min(documents)
        assert await feeds.retention_s() == min(*documents, *records)


async def test_a_round_waits_at_the_queues_and_never_at_the_streams() -> None:
    world = World()
    feeds = [Named() for _ in range(4)]
    world.feeds = Feeds(*feeds)
    await world.follow().round(7.0)
    assert [one.waited for one in feeds] == [[7.0], [7.0], [0], [0]]


@dataclass
class Failing:
    """A follower whose writes to the target fail for some keys; `left` names what stays on each feed."""

    world: World = field(default_factory=World)
    error: Exception = field(default_factory=lambda: Retryable("slow down"))

    def follow(self, *keys: str) -> Follow:
        put, copy = self.world.target_records.put, self.world.target.copy

        async def putting(item: Item, expected: Item | None) -> None:
            if item["id"]["S"] in keys:
                raise self.error
            await put(item, expected)

        async def copying(source: Any, expected: Any) -> Any:
            if source.key in keys:
                raise self.error
            return await copy(source, expected)

        self.world.target_records.put = putting  # type: ignore[method-assign]
        self.world.target.copy = copying  # type: ignore[method-assign]
        return self.world.follow()

    async def left(self) -> list[list[str]]:
        feeds = self.world.feeds
        held = []
        for feed in (feeds.source_documents, feeds.target_documents, feeds.source_records, feeds.target_records):
            deliveries = await feed.receive(0)
            held.append([c.key for one in deliveries for c in one.documents])
            held[-1] += [key["id"]["S"] for one in deliveries for key in one.records]
        return held


async def test_only_the_record_that_failed_stays_on_its_stream_and_is_named() -> None:
    failing = Failing()
    for name in ("bad", "good"):
        await failing.world.put_record(name, "1")
    assert await failing.follow("bad").round(0) is Round.FAILED
    assert await failing.left() == [[], [], ["bad"], []]
    assert failing.world.progress.last_failure == f"record {key_of('bad')!r}: slow down"
    assert await failing.world.differing() == {"record bad"}


async def test_a_failure_on_either_side_s_stream_fails_the_round() -> None:
    for feed in ("source_records", "target_records"):
        failing = Failing()
        await failing.world.source_records.put(record("bad", "1"), None)
        await failing.world.source_records.put(record("good", "1"), None)
        stream = getattr(failing.world.feeds, feed)
        other = {"source_records": "target_records", "target_records": "source_records"}[feed]
        stream.record(key_of("bad"))
        getattr(failing.world.feeds, other).record(key_of("good"))
        assert await failing.follow("bad").round(0) is Round.FAILED
        assert [one for feed in await failing.left() for one in feed] == ["bad"]


async def test_a_document_that_failed_stays_on_the_feed_that_told_of_it() -> None:
    failing = Failing()
    for name in ("bad", "good"):
        failing.world.source.write(name, b"1", metadata={}, tags={})
        failing.world.target_feed.document(DocumentChange(name))
    assert await failing.follow("bad").round(0) is Round.FAILED
    told = [change for one in await failing.world.target_feed.receive(0) for change in one.documents]
    assert [one.key for one in told if not one.version] == ["bad"]


async def test_what_is_refused_for_good_is_told_by_name() -> None:
    failing = Failing(error=ServiceError("archived", status=403))
    failing.world.put("bad", "1")
    assert await failing.follow("bad").round(0) is Round.CARRIED
    assert failing.world.progress.last_failure == "document 'bad' is refused for good"
    await failing.world.put_record("worse", "1")
    assert await failing.follow("worse").round(0) is Round.CARRIED
    assert failing.world.progress.last_failure == f"record {key_of('worse')!r} is refused for good"
    assert failing.world.progress.failures == 2


async def test_a_record_that_is_carried_is_told_to_nobody_as_refused() -> None:
    world = World()
    await world.put_record("r", "1")
    await world.follow().round(0)
    assert (world.progress.failures, world.progress.last_failure) == (0, "")


async def test_what_nobody_could_read_is_told_in_its_own_words() -> None:
    world = World()
    world.source_feed.deliver(Delivery("", unreadable="no event of S3's"))
    await world.follow().round(0)
    assert world.progress.last_failure == "no event of S3's"


async def test_each_change_and_each_echo_and_each_write_is_counted_once() -> None:
    world = World()
    for name in ("a", "b"):
        world.put(name, "1")
        await world.put_record(name, "1")
    follow = world.follow()
    await follow.round(0)
    progress = world.progress
    assert (progress.changes, progress.documents_applied, progress.records_applied) == (4, 2, 2)
    await follow.round(0)
    assert (progress.changes, progress.echoes) == (6, 2)
    world.put("a", "2")
    await follow.round(0)
    await follow.round(0)
    assert (progress.echoes, progress.documents_applied) == (3, 3)


async def test_an_echo_among_changes_of_others_is_the_only_one_not_looked_at() -> None:
    world = World()
    for name in ("a", "b"):
        world.put(name, "1")
    follow = world.follow()
    await follow.round(0)
    world.target_feed.document(DocumentChange("c", "somebody's"))
    world.target.looks = 0
    await follow.round(0)
    assert (world.progress.echoes, world.target.looks) == (2, 1)


async def test_the_lag_is_from_the_event_to_the_apply_of_documents_and_of_records() -> None:
    world = World()
    world.clock.time = 1_000.0
    world.source_feed.document(DocumentChange("k"), at=990.0)
    world.record_feed.record(key_of("r"), at=995.0)
    world.source_feed.deliver(Delivery("", at=900.0))
    await world.follow().round(0)
    assert sorted(world.progress.lags_s) == [5.0, 10.0]


async def test_a_change_expires_unread_only_beyond_the_time_it_is_kept_and_since_it_is_listened_for() -> None:
    world = World()
    world.clock.time = 10_000.0
    follow = replace(world.follow(), expiry_s=3_600.0)
    world.source_feed.document(DocumentChange("k"), at=6_400.0)
    await follow.round(0)
    world.target_feed.document(DocumentChange("k"), at=1_000.0)
    await replace(follow, listening_since=1_000.0).round(0)
    world.target_feed.document(DocumentChange("k"), at=2_800.0)
    with pytest.raises(NeedsOperator, match="for 2 hours") as raised:
        await follow.round(0)
    assert raised.value.hint == unheard("").hint == "docferry sync --reseed compares everything again"


async def test_a_key_that_was_read_to_be_wrong_is_carried_with_the_version_that_was_read() -> None:
    world = World()
    world.put("k", "1")
    follow = world.follow()
    await follow.round(0)
    assert world.target.spoil("k", unseen=True)
    wrong = world.target.now("k")
    assert wrong
    await follow.carry(Kind.DOCUMENT, "k")
    assert world.target.now("k") == wrong
    await follow.carry(Kind.DOCUMENT, "k", unlike=wrong.version)
    mended, source = world.target.now("k"), world.source.now("k")
    assert mended and source
    assert world.target.bytes_of(mended) == world.source.bytes_of(source)


async def test_what_was_written_is_noted_before_its_change_is_taken_off() -> None:
    world = World()
    world.put("k", "1")
    await world.put_record("r", "1", "brought")
    world.source.write("brought", b"1", metadata={}, tags={})
    noted: list[set[Touched]] = []
    pending: list[bool] = []

    async def dirty(touched: Sequence[Touched]) -> None:
        noted.append({replace(one, key=str(one.key)) for one in touched})
        pending.append((await world.feeds.pending()).empty)

    follow = replace(world.follow(), dirty=dirty)
    await follow.round(0)
    record_key = Touched(Kind.RECORD, str(key_of("r")))
    assert noted == [{record_key, Touched(Kind.DOCUMENT, "brought")}, {Touched(Kind.DOCUMENT, "k")}]
    assert pending == [False, False]
    assert (follow.written, follow.unfinished, world.progress.documents_applied) == ({}, {}, 2)
    await follow.round(0)
    assert len(noted) == 2


async def test_an_apply_that_did_not_end_well_is_remembered_as_unfinished() -> None:
    failing = Failing()
    failing.world.put("bad", "1")
    failing.world.put("good", "1")
    follow = failing.follow("bad")
    await follow.round(0)
    assert list(follow.unfinished.values()) == [Touched(Kind.DOCUMENT, "bad")]


async def test_many_records_are_compared_in_as_few_reads_as_the_table_allows() -> None:
    world = World()
    count = READ_AT_ONCE + 20
    for n in range(count):
        await world.put_record(f"r{n}", "1")
    asked: list[int] = []
    get_many = world.source_records.get_many

    async def counting(keys: Sequence[Item]) -> tuple[Item, ...]:
        asked.append(len(keys))
        return await get_many(keys)

    world.source_records.get_many = counting  # type: ignore[method-assign]
    await world.follow().round(0)
    assert (asked, world.progress.records_applied) == ([READ_AT_ONCE, 20], count)
    assert await world.differing() == set()
