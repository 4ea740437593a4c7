"""Does many things at once, but never more than so many."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]], slots: asyncio.Semaphore) -> None:
    """Do the work for each item, as many at once as there are slots.

    Raises the first failure; what had begun by then is cancelled and waited for.
    """

    async def one(item: T) -> None:
        try:
            await work(item)
        finally:
            slots.release()

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                await slots.acquire()
                group.create_task(one(item))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def all_of(*work: Awaitable[T]) -> list[T]:
    """Do all of the work side by side, to its end even where some of it fails; then raise the first failure."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]


async def ended(*tasks: asyncio.Future[Any]) -> None:
    """Wait until all have ended, however often the caller is cancelled meanwhile; that is raised afterwards."""
    cancelled = False
    while not all(one.done() for one in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


async def in_order(
    items: AsyncIterator[T],
    work: Callable[[T], Coroutine[Any, Any, R]],
    complete: Callable[[T, R], Awaitable[None]],
    limit: int,
) -> None:
    """Do the work for up to `limit` items at once, and complete each in the order they came, whichever ends first.

    Raises the first failure in that order; what had begun by then is cancelled and waited for, and not completed.
    """
    in_flight: deque[tuple[T, asyncio.Task[R]]] = deque()

    async def complete_first() -> None:
        item, task = in_flight[0]
        result = await task
        in_flight.popleft()
        await complete(item, result)

    try:
        async for item in items:
            in_flight.append((item, asyncio.create_task(work(item))))
            while len(in_flight) >= limit:
                await complete_first()
        while in_flight:
            await complete_first()
    finally:
        for _, task in in_flight:
            task.cancel()
        await asyncio.gather(*(task for _, task in in_flight), return_exceptions=True)
