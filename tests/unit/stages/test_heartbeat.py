import asyncio
import math
from dataclasses import replace

import pytest

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Conflict, DocferryError, Retryable, ServiceError, StaleEpoch
from docferry.domain.reserved import CANARY, HEARTBEAT
from docferry.ports import Delivery, Written
from docferry.stages import heartbeat as module
from docferry.stages.follow import Round
from tests.unit.fakes import Never
from tests.unit.stages.beating import Beating, Loud, looked


async def test_the_lag_is_from_the_answer_to_the_put_to_the_copy() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await world.clock.sleep(2.5)
    await world.follow().round(0)
    assert (world.heartbeat.lag_s, world.heartbeat.seen_at) == (2.5, world.clock.now())
    assert (await looked(world.source, HEARTBEAT)).metadata == (await looked(world.target, HEARTBEAT)).metadata


async def test_a_canary_proves_the_way_back() -> None:
    world = Beating()
    assert (world.heartbeat.reverse_proved_at, world.heartbeat.reverse_lag_s) == (0.0, None)
    await world.heartbeat.beat()
    await world.clock.sleep(1.5)
    await world.follow().round(0)
    assert (world.heartbeat.reverse_lag_s, world.heartbeat.reverse_proved_at) == (1.5, world.clock.now())
    assert (await looked(world.source, CANARY)).metadata == (await looked(world.target, CANARY)).metadata


async def test_one_direction_s_events_prove_nothing_about_the_other() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await world.target_feed.take_off(await world.target_feed.receive(0))
    await world.follow().round(0)
    assert world.heartbeat.lag_s is not None
    assert world.heartbeat.reverse_lag_s is None


async def test_beats_come_when_due_and_faster_or_not_at_all_when_told() -> None:
    world = Beating()
    written = []
    for every_s, waited_s in ((15.0, 0.0), (15.0, 14.0), (15.0, 1.0), (1.0, 1.0), (math.inf, 100.0)):
        await world.clock.sleep(waited_s)
        world.heartbeat.every_s = every_s
        await world.heartbeat.beat()
        written.append(len(world.source._versions[HEARTBEAT]))
    assert written == [1, 1, 2, 3, 3]


async def test_our_copies_come_back_and_cause_nothing() -> None:
    world = Beating()
    follow = world.follow()
    for _ in range(5):
        await world.heartbeat.beat()
        for _ in range(4):
            assert await follow.round(0) is Round.EMPTY
        await world.clock.sleep(15.0)
    assert (world.there.copies, world.here.copies) == ([HEARTBEAT] * 5, [CANARY] * 5)
    assert (await world.feeds.pending()).empty


async def test_the_same_event_twice_is_one_copy() -> None:
    world = Beating()
    await world.heartbeat.beat()
    again = await world.source_feed.receive(0)
    for one in again:
        world.source_feed.deliver(one)
    await world.follow().round(0)
    for one in again:
        world.source_feed.deliver(one)
    await world.follow().round(0)
    assert world.there.copies == [HEARTBEAT]


async def test_versions_that_nobody_remembers_measure_nothing_and_are_taken_off() -> None:
    world = Beating()
    await world.beats(world.here, world.there).beat()
    world.source_feed.document(DocumentChange(HEARTBEAT))
    world.source_feed.document(DocumentChange(CANARY, "v1"))
    await world.follow().round(0)
    assert (world.here.copies, world.there.copies, world.heartbeat.lag_s) == ([], [], None)
    assert (await world.feeds.pending()).empty


async def test_a_lost_heartbeat_leaves_what_was_measured_and_the_next_measures_anew() -> None:
    world = Beating()
    follow = world.follow()
    await world.heartbeat.beat()
    await world.clock.sleep(1.0)
    await follow.round(0)
    seen_at = world.heartbeat.seen_at
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.lose()
    await follow.round(0)
    assert (world.heartbeat.lag_s, world.heartbeat.seen_at) == (1.0, seen_at)
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.clock.sleep(2.0)
    await follow.round(0)
    assert (world.heartbeat.lag_s, world.heartbeat.seen_at) == (2.0, seen_at + 32.0)


async def test_heartbeats_that_come_together_are_one_copy_and_the_oldest_one_s_lag() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.clock.sleep(1.0)
    await world.follow().round(0)
    assert (world.there.copies, world.heartbeat.lag_s) == ([HEARTBEAT], 16.0)


async def test_what_never_comes_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    world = Beating()
    await world.heartbeat.beat()
    (first,) = await world.source_feed.receive(0)
    await world.lose()
    for _ in range(2):
        await world.clock.sleep(15.0)
        await world.heartbeat.beat()
        await world.lose()
    world.source_feed.deliver(first)
    await world.follow().round(0)
    assert world.heartbeat.lag_s is None


@pytest.mark.parametrize("error", [Retryable("slow down"), ServiceError("denied", status=403)])
async def test_a_put_that_fails_is_remembered_and_tried_at_the_next_beat(error: DocferryError) -> None:
    world = Beating()
    world.here.error = error
    await world.heartbeat.beat()
    assert world.heartbeat.last_failure == f"{HEARTBEAT}: {error}"
    await world.follow().round(0)
    assert world.heartbeat.lag_s is None
    world.here.error = None
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.follow().round(0)
    assert world.heartbeat.lag_s == 0.0


@pytest.mark.parametrize("error", [Retryable("slow"), Conflict("changed"), ServiceError("denied", status=403)])
async def test_a_copy_that_fails_holds_up_nothing(error: DocferryError) -> None:
    world = Beating()
    world.put("k", "1")
    follow = world.follow()
    await world.heartbeat.beat()
    world.there.error = error
    assert await follow.round(0) is Round.CARRIED
    assert (world.heartbeat.last_failure, world.heartbeat.lag_s) == (f"{HEARTBEAT}: {error}", None)
    assert "k" not in await world.differing()
    await follow.round(0)
    assert (await world.feeds.pending()).empty


async def test_a_store_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN_S", 0.01)

    class Silent:
        async def put(self, key: str, number: str) -> str:
            await asyncio.Event().wait()
            return ""

    world = Beating()
    heartbeat = world.beats(Silent(), world.there)
    await heartbeat.beat()
    assert heartbeat.last_failure.startswith(f"{HEARTBEAT}: not done within")
    await heartbeat.heard([], [DocumentChange(CANARY, "v1")])
    assert heartbeat.reverse_lag_s == 0.0


async def test_without_a_lease_no_heartbeat_is_copied() -> None:
    world = Beating()
    world.documents = replace(world.documents, permit=Never())
    world.heartbeat = world.beats(world.here, world.there)
    await world.heartbeat.beat()
    with pytest.raises(StaleEpoch):
        await world.follow().round(0)
    assert (world.here.copies, world.there.copies) == ([], [])


@pytest.mark.parametrize("honest", [True, False])
async def test_whether_the_target_honours_conditions_is_tried_once(honest: bool) -> None:
    world = Beating()
    world.there.honest = honest
    assert world.heartbeat.conditional_copies is None
    for _ in range(3):
        await world.heartbeat.beat()
        await world.follow().round(0)
        await world.clock.sleep(15.0)
    assert world.heartbeat.conditional_copies is honest
    assert len(world.there.copies) == (3 if honest else 4)


async def test_a_conflict_at_the_source_says_nothing_about_the_target_s_conditions() -> None:
    world = Beating()

    class Overtaken(Loud):
        """The next beat comes right after each copy."""

        async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
            written = await super().copy(source, expected)
            await world.here.put(HEARTBEAT, f"after {written.version}")
            return written

    world.there = Overtaken(world.target, world.source, world.target_feed)
    world.there.honest = False
    world.heartbeat = world.beats(world.here, world.there)
    await world.heartbeat.beat()
    await world.follow().round(0)
    assert (world.heartbeat.lag_s, world.heartbeat.conditional_copies) == (0.0, None)


async def test_a_heartbeat_counts_neither_as_change_nor_as_echo_nor_as_lag() -> None:
    world = Beating()
    await world.heartbeat.beat()
    for _ in range(3):
        assert await world.follow().round(0) is Round.EMPTY
    progress = world.progress
    assert (progress.changes, progress.echoes, progress.lags_s, progress.documents_applied) == (0, 0, [], 0)
    assert progress.failures == 0


async def test_a_round_with_a_heartbeat_among_other_changes_carries_those() -> None:
    world = Beating()
    world.source.write("k", b"1", metadata={}, tags={})
    await world.heartbeat.beat()
    (own,) = await world.source_feed.receive(0)
    await world.source_feed.take_off([own])
    world.source_feed.deliver(Delivery("", documents=(*own.documents, DocumentChange("k", "v1"))))
    assert await world.follow().round(0) is Round.CARRIED
    assert (world.progress.changes, world.heartbeat.lag_s) == (1, 0.0)
    assert await world.target.look("k")
    assert world.provenance.conflicts == []


async def test_what_was_measured_is_plain_values() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await world.follow().round(0)
    assert world.heartbeat.as_entry() == {
        "lag_s": 0.0,
        "seen_at": 1000.0,
        "reverse_lag_s": 0.0,
        "reverse_proved_at": 1000.0,
        "conditional_copies": True,
        "last_failure": "",
    }
