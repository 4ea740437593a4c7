"""What a runner has received and not carried: tried again, or given back."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from docferry.domain.change import DocumentChange, Kind
from docferry.domain.document import Document
from docferry.domain.errors import Retryable
from docferry.domain.reserved import HEARTBEAT
from docferry.ports import Delivery, Mark, Pending, Written
from docferry.simulation.feed import MemoryFeed
from docferry.stages.follow import Round
from tests.unit.world import World


class Hiding(MemoryFeed):
    """A queue that hides what it gave out, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__(visibility_s=30)
        self.answers, self.asked = asyncio.Event(), asyncio.Event()
        self.answers.set()

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        given = await super().receive(wait_s)
        self.asked.set()
        await self.answers.wait()
        return given


def hidden_at_source() -> tuple[World, Hiding]:
    """A world whose queue at the source holds a change and hides what it gives out."""
    world, feed = World(), Hiding()
    world.feeds = replace(world.feeds, source_documents=feed)
    world.put("k", "1")
    return world, feed


async def cut_off(work: asyncio.Task[Any]) -> None:
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_what_an_unheard_answer_holds_is_given_back() -> None:
    world, feed = hidden_at_source()
    follow = world.follow()
    feed.answers.clear()
    work = asyncio.create_task(follow.round(0))
    await feed.asked.wait()
    await cut_off(work)
    assert await feed.pending() == Pending(waiting=0, in_flight=1, dead=0)
    feed.answers.set()
    await follow.give_back()
    assert await feed.pending() == Pending(waiting=1, in_flight=0, dead=0)


async def test_what_was_being_carried_is_given_back() -> None:
    world, feed = hidden_at_source()
    follow, begun = world.follow(), asyncio.Event()

    async def look(key: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    world.target.look = look  # type: ignore[method-assign]
    work = asyncio.create_task(follow.round(0))
    await begun.wait()
    await cut_off(work)
    await follow.give_back()
    assert await feed.pending() == Pending(waiting=1, in_flight=0, dead=0)


async def test_what_nobody_can_read_is_not_given_back_before_its_time() -> None:
    world, feed = hidden_at_source()
    await world.follow().round(0)
    feed.deliver(Delivery("", unreadable="no event"))
    follow = world.follow()
    assert await follow.round(0) is Round.FAILED
    await follow.give_back()
    assert await feed.pending() == Pending(waiting=0, in_flight=1, dead=0)


async def test_what_a_round_has_left_is_given_back_though_the_next_receive_failed() -> None:
    world, feed = hidden_at_source()
    follow, asked = world.follow(), asyncio.Event()

    async def copy(source: Document, expected: Document | None) -> Written:
        raise Retryable("slow down")

    async def receive(wait_s: float) -> tuple[Delivery, ...]:
        asked.set()
        await asyncio.sleep(0.01)
        raise Retryable("gone")

    world.target.copy = copy  # type: ignore[method-assign, assignment]
    assert await follow.round(0) is Round.FAILED
    feed.receive = receive  # type: ignore[method-assign]
    work = asyncio.create_task(follow.round(0))
    await asked.wait()
    await cut_off(work)
    await follow.give_back()
    assert await feed.pending() == Pending(waiting=1, in_flight=0, dead=0)


async def test_what_no_round_has_dealt_with_is_dealt_with_before_more_is_asked_for() -> None:
    world, feed = hidden_at_source()
    follow, wrote = world.follow(), world.provenance.wrote
    world.target_feed.document(DocumentChange("k", "v"))

    async def unreachable(kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        raise Retryable("no answer")

    world.provenance.wrote = unreachable  # type: ignore[method-assign]
    for _ in range(3):
        with pytest.raises(Retryable):
            await follow.round(0)
        world.put("k", "1")
    assert await feed.pending() == Pending(waiting=3, in_flight=1, dead=0)
    world.provenance.wrote = wrote  # type: ignore[method-assign]
    assert await follow.round(0) is Round.CARRIED
    assert await feed.pending() == Pending(waiting=3, in_flight=0, dead=0)
    assert await follow.round(0) is Round.CARRIED
    assert (await feed.pending()).empty


async def test_a_round_that_fails_at_one_queue_loses_nothing_of_what_the_other_gives() -> None:
    world, slow = hidden_at_source()
    follow, failing = world.follow(), world.target_feed

    async def receive(wait_s: float) -> tuple[Delivery, ...]:
        await slow.asked.wait()
        failing.receive = partial(MemoryFeed.receive, failing)  # type: ignore[method-assign]
        raise Retryable("throttled")

    slow.answers.clear()
    failing.receive = receive  # type: ignore[method-assign]
    work = asyncio.create_task(follow.round(0))
    await slow.asked.wait()
    await asyncio.sleep(0.01)
    slow.answers.set()
    with pytest.raises(Retryable):
        await work
    assert await follow.round(0) is Round.CARRIED
    assert (await slow.pending()).empty


async def test_a_round_that_only_deals_with_what_came_before_it_is_no_empty_one() -> None:
    """A drain is answered by a round that has asked the queues since the question."""
    world, feed = hidden_at_source()
    follow, receive = world.follow(), world.record_feed.receive
    while await follow.round(0) is not Round.EMPTY:
        pass

    async def unreadable(wait_s: float) -> tuple[Delivery, ...]:
        raise Retryable("no answer")

    feed.document(DocumentChange(HEARTBEAT, "v"))
    world.record_feed.receive = unreadable  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        await follow.round(0)
    world.record_feed.receive = receive  # type: ignore[method-assign]
    world.put("k", "2")
    assert await follow.round(0) is Round.CARRIED
    assert (await feed.pending()).waiting == 1
