import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import (
    NeedsOperator,
    Retryable,
    ServiceError,
)
from docferry.following import ANSWERED, _answer
from docferry.migration import Sync
from docferry.ports import Delivery, Pending, Written
from tests.unit.world import filled, run


async def test_one_document_that_cannot_be_copied_is_told_at_the_end_and_holds_up_no_other() -> None:
    world = await filled()
    copy = world.target.copy

    async def refused(source: Document | Listed, expected: Document | Listed | None) -> Written:
        if source.key == "k05":
            raise ServiceError("CopyObject 'k05': InvalidObjectState", status=403)
        return await copy(source, expected)

    world.target.copy = refused  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(NeedsOperator, match=r"everything else was.*k05.*InvalidObjectState"):
            await run(world)
        assert await world.differing() == {"k05", "record r5"}
    world.target.copy = copy  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()
    assert await world.stuck.load() == ()


async def test_feeds_that_could_not_be_read_for_longer_than_they_keep_changes_stop_the_runner() -> None:
    world = await filled(3)
    feed, left = world.source_feed.receive, 3

    async def outage(wait_s: float) -> tuple[Delivery, ...]:
        nonlocal left
        if left:
            left -= 1
            raise Retryable("no answer")
        return await feed(wait_s)

    world.source_feed.receive = outage  # type: ignore[method-assign]
    # The lease is renewed all the while, so only the time of day goes by.
    world.clock.now = lambda: world.clock.time + (3 - left) * 2 * 24 * 3600.0  # type: ignore[method-assign]
    with pytest.raises(NeedsOperator, match="could not be read"):
        await run(world, Sync())


@pytest.mark.parametrize(
    ("left", "empty"), [(Pending(0, 0, 0), True), (Pending(0, 1, 0), False), (Pending(1, 0, 0), False)]
)
async def test_a_drain_is_not_answered_while_anything_is_in_flight(left: Pending, empty: bool) -> None:
    world = await filled(1)

    async def pending() -> Pending:
        return left

    world.target_feed.pending = pending  # type: ignore[method-assign]
    migration = world.migration()
    await _answer(migration, {"number": 4})
    answer = await migration.ledger.read(ANSWERED)
    assert answer
    assert (answer["number"], answer["empty"]) == (4, empty)


async def test_counts_that_cannot_be_had_for_a_moment_do_not_end_the_run() -> None:
    world = await filled(3)
    pending, left = world.source_feed.pending, 1

    async def throttled() -> Pending:
        nonlocal left
        if left:
            left -= 1
            raise Retryable("slow down")
        return await pending()

    world.source_feed.pending = throttled  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()
