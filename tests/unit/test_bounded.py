import asyncio
from collections.abc import AsyncIterator

import pytest

from docferry.bounded import each, ended, in_order


async def numbers(count: int) -> AsyncIterator[int]:
    for n in range(count):
        yield n


async def test_never_more_at_once_than_there_are_slots() -> None:
    running = most = 0

    async def work(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await each(range(20), work, asyncio.Semaphore(3))
    assert (running, most) == (0, 3)


async def test_completed_in_the_order_they_came_whichever_ends_first() -> None:
    running = most = 0
    completed: list[tuple[int, int]] = []

    async def work(n: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02 if n % 3 == 0 else 0)
        running -= 1
        return n * n

    async def complete(n: int, result: int) -> None:
        completed.append((n, result))

    await in_order(numbers(10), work, complete, 4)
    assert completed == [(n, n * n) for n in range(10)]
    assert most == 4


async def test_nothing_is_completed_past_a_failure_and_nothing_is_left_running() -> None:
    completed: list[int] = []
    ended: list[int] = []

    async def work(n: int) -> None:
        if n == 2:
            raise ValueError(n)
        try:
            await asyncio.sleep(60 if n > 2 else 0)
        finally:
            ended.append(n)

    async def complete(n: int, _: None) -> None:
        completed.append(n)

    with pytest.raises(ValueError, match="2"):
        await in_order(numbers(10), work, complete, 5)
    assert completed == [0, 1]
    assert set(ended) >= {0, 1, 3, 4}


async def test_what_has_to_end_is_waited_for_however_often_the_caller_is_cancelled() -> None:
    let_go, done = asyncio.Event(), list[str]()

    async def undo() -> None:
        await let_go.wait()
        done.append("undone")

    waiting = asyncio.ensure_future(ended(asyncio.ensure_future(undo())))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["undone"]
