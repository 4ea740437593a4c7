"""One walk over a table, segment by segment side by side, that can be left and taken up again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from docferry.bounded import each
from docferry.domain.record import Item
from docferry.ports import RecordStore

READ_AT_ONCE = 100
"""What one BatchGetItem takes
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)."""
BATCHES_AT_ONCE = 8
"""Of a page: one that waits for a difference to go away by itself is not to hold up the others."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Segments:
    """Which segments of how many."""

    numbers: tuple[int, ...]
    of: int


def chosen(of: int, only: int | None = None) -> Segments:
    """Return all segments, or the one that is asked for."""
    return Segments(tuple(range(of)) if only is None else (only,), of)


async def scan_all(
    store: RecordStore,
    segments: Segments,
    state: dict[str, Any],
    work: Callable[[Sequence[Item]], Awaitable[T]],
    save: Callable[[list[T]], Awaitable[None]],
) -> None:
    """Call `work` with up to 100 items at a time, for all items of these segments.

    After each page `state`, which says where each segment stands, is brought up to date and `save` is called with
    what the work on that page returned; one page at a time, so that what is saved belongs together. Segments of a
    scan mean something only with their number: go on with the number that was begun with.
    """
    saving = asyncio.Lock()

    async def one(number: int) -> None:
        name = str(number)
        while not state.get(name, {}).get("done"):
            page = await store.scan(number, segments.of, state.get(name, {}).get("position"))
            done = await _in_batches(page.items, work)
            async with saving:
                state[name] = {"position": page.position, "done": page.position is None}
                await save(done)

    await each(segments.numbers, one, asyncio.Semaphore(len(segments.numbers)))


async def _in_batches(items: Sequence[Item], work: Callable[[Sequence[Item]], Awaitable[T]]) -> list[T]:
    slots = asyncio.Semaphore(BATCHES_AT_ONCE)
    starts = range(0, len(items), READ_AT_ONCE)
    done: dict[int, T] = {}

    async def one(start: int) -> None:
        done[start] = await work(items[start : start + READ_AT_ONCE])

    await each(starts, one, slots)
    return [done[start] for start in starts]
