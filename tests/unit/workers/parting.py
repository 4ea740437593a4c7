"""A world whose work is done in parts by workers, and how each part is done to its end."""

import itertools

from docferry.migration import Directions
from docferry.ports import Entry
from docferry.workers.backfill import begin_backfill, fill_range, fill_segment, finish_backfill
from docferry.workers.ranges import divide, divided
from docferry.workers.validation import begin_validation, sum_up, validate_range, validate_segment
from tests.unit.world import World, filled

LONG_S = 1000.0
_NUMBERS = itertools.count(1)


def worker(world: World) -> Directions:
    """Return the migration as another worker has it."""
    return world.directions("worker", f"worker {next(_NUMBERS)}")


async def begun(count: int = 40, keys: int = 12) -> World:
    """Return a world that is begun and divided."""
    world = await filled(count)
    await begin_backfill(world.directions("sync").forward)
    await divide(world.source, world.ledger, 4, keys)
    return world


async def fill(world: World) -> None:
    """Do every part of the backfill, and end it."""
    for number in range((await divided(world.ledger))["count"]):
        assert await fill_range(worker(world).forward, number, LONG_S)
    for number in range(4):
        assert await fill_segment(worker(world).forward, number, LONG_S)
    await finish_backfill(worker(world).forward)


async def validated(world: World) -> Entry:
    """Do every part of a validation, and return its sum."""
    entry = await begin_validation(world.directions().forward)
    for number in range(entry["ranges"]):
        assert (await validate_range(world.directions().forward, number, LONG_S)).done
    for number in range(entry["segments"]):
        assert (await validate_segment(world.directions().forward, number, LONG_S)).done
    return await sum_up(world.directions().forward)
