"""Heartbeats that somebody else carried, or nobody: found at the other end, relayed, and forgotten."""

from dataclasses import replace

import pytest

from docferry.domain.change import DocumentChange
from docferry.domain.reserved import CANARY, HEARTBEAT
from docferry.stages import heartbeat as module
from docferry.stages.follow import Round
from tests.unit.stages.beating import Beating, counted_looks, looked


async def carried_by_a_worker(world: Beating, key: str = HEARTBEAT) -> None:
    """Have another process copy what is at the source, and take its event."""
    source = await looked(world.source, key)
    await world.target.paired_with(world.source).copy(source, await world.target.look(key))
    await world.lose()


async def test_a_heartbeat_that_a_worker_carried_is_found_at_the_other_end() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await carried_by_a_worker(world)
    await world.clock.sleep(module.LOOK_EVERY_S)
    await world.heartbeat.beat()
    assert (world.heartbeat.lag_s, world.heartbeat.seen_at) == (module.LOOK_EVERY_S, world.clock.now())
    assert (world.heartbeat.reverse_lag_s, world.there.copies, world.heartbeat.last_failure) == (None, [], "")


async def test_what_is_at_the_other_end_from_an_earlier_beat_measures_nothing() -> None:
    world = Beating()
    await world.heartbeat.beat()
    await carried_by_a_worker(world)
    await world.clock.sleep(15.0)
    world.heartbeat = world.beats(world.here, world.there)
    await world.heartbeat.beat()
    await world.clock.sleep(1.0)
    await world.heartbeat.beat()
    assert world.heartbeat.lag_s is None


async def test_it_is_looked_for_at_most_every_so_often_and_no_more_once_it_came_through() -> None:
    world = Beating()
    looks = counted_looks(world.there)
    await world.heartbeat.beat()
    for _ in range(4):
        await world.clock.sleep(module.LOOK_EVERY_S / 2)
        await world.heartbeat.beat()
    assert looks == [HEARTBEAT] * 2
    await carried_by_a_worker(world)
    for _ in range(3):
        await world.clock.sleep(module.LOOK_EVERY_S)
        await world.heartbeat.beat()
    assert looks == [HEARTBEAT] * 3


async def test_an_earlier_one_that_came_through_does_not_end_the_wait_for_the_last() -> None:
    world = Beating()
    await world.heartbeat.beat()
    (first,) = await world.source_feed.receive(0)
    await world.lose()
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.lose()
    await world.heartbeat.heard(first.documents, [])
    assert world.heartbeat.lag_s == 15.0
    await world.clock.sleep(1.0)
    await world.heartbeat.beat()
    assert world.heartbeat.lag_s == 1.0


async def test_the_late_event_of_one_that_was_found_already_measures_nothing() -> None:
    world = Beating()
    await world.heartbeat.beat()
    (late,) = await world.source_feed.receive(0)
    await carried_by_a_worker(world)
    await world.clock.sleep(1.0)
    await world.heartbeat.beat()
    await world.clock.sleep(5.0)
    await world.heartbeat.heard(late.documents, [])
    assert (world.heartbeat.lag_s, world.there.copies) == (1.0, [])


async def test_no_two_beats_look_the_same_not_even_at_one_moment() -> None:
    world = Beating()
    world.heartbeat.every_s = 0.0
    for _ in range(3):
        await world.heartbeat.beat()
    versions = world.source._versions[HEARTBEAT]
    assert len({one.etag for one in versions if one}) == len(versions) == 3


async def test_as_many_as_may_be_remembered_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    world = Beating()
    await world.heartbeat.beat()
    await world.clock.sleep(15.0)
    await world.heartbeat.beat()
    await world.follow().round(0)
    assert world.heartbeat.lag_s == 15.0


async def test_a_worker_relays_what_a_runner_put_both_ways_and_its_copies_cause_nothing() -> None:
    world = Beating()
    await world.heartbeat.beat()
    worker = world.beats(world.here, world.there)
    follow = replace(world.follow(), hear=worker.relay)
    assert await follow.round(0) is Round.EMPTY
    assert (world.there.copies, world.here.copies) == ([HEARTBEAT], [CANARY])
    await follow.round(0)
    assert (world.there.copies, world.here.copies) == ([HEARTBEAT], [CANARY])
    await world.clock.sleep(1.0)
    await world.heartbeat.beat()
    assert (world.heartbeat.lag_s, world.heartbeat.reverse_lag_s, worker.lag_s) == (1.0, 1.0, None)


async def test_other_reserved_documents_are_no_heartbeat_and_are_not_relayed() -> None:
    world = Beating()
    await world.heartbeat.relay(
        [DocumentChange(CANARY, "v1"), DocumentChange(HEARTBEAT)], [DocumentChange("k", "v1")]
    )
    assert (world.there.copies, world.here.copies, world.heartbeat.last_failure) == ([], [], "")


async def test_a_heartbeat_that_somebody_deleted_is_told_as_such() -> None:
    world = Beating()
    await world.heartbeat.relay([DocumentChange(HEARTBEAT, "v1")], [])
    assert world.heartbeat.last_failure == f"{HEARTBEAT}: somebody deleted it before it was copied"
