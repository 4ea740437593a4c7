from dataclasses import replace

import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import (
    Conflict,
    Retryable,
)
from docferry.ports import Written
from tests.unit.world import ONCE, filled, run


async def test_a_copy_whose_answer_was_lost_is_known_for_our_own() -> None:
    world = await filled(3)
    copy = world.target.copy

    async def lost(source: Document | Listed, expected: Document | Listed | None) -> Written:
        await copy(source, expected)
        raise Conflict("412: our own success, asked for again")

    world.target.copy = lost  # type: ignore[method-assign]
    await run(world)
    world.target.copy = copy  # type: ignore[method-assign]
    world.source.erase("k01")
    world.clock.time += 4 * 24 * 3600.0
    await run(world, replace(ONCE, reseed=True))
    assert await world.differing() == set()
    assert (world.provenance.conflicts, world.progress.foreign_documents) == ([], 0)


async def test_what_may_pass_is_tried_again_from_the_checkpoint() -> None:
    world = await filled()
    copy, left = world.target.copy, 5

    async def throttled(source: Document | Listed, expected: Document | Listed | None) -> Written:
        nonlocal left
        if left and source.key == "k25":
            left -= 1
            raise Retryable("slow down")
        return await copy(source, expected)

    world.target.copy = throttled  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()
    assert (world.progress.failures, world.progress.last_failure) == (5, "slow down")


async def test_what_never_passes_ends_the_run_with_everything_kept() -> None:
    world = await filled()

    async def throttled(source: Document | Listed, expected: Document | Listed | None) -> Written:
        raise Retryable("slow down")

    world.target.copy = throttled  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        await run(world)
    del world.target.copy
    await run(world)
    assert await world.differing() == set()
