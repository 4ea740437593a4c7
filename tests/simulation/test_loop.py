import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from docferry.simulation.loop import Loop, Stuck, run


def ran(work: Callable[[], Coroutine[Any, Any, Any]], seed: int = 0) -> Any:
    return run(Loop(random.Random(seed)), work())


def test_time_is_virtual_and_goes_straight_to_the_next_timer() -> None:
    async def work() -> list[float]:
        loop, seen = asyncio.get_running_loop(), []
        for seconds in (0.5, 3600.0, 86_400.0):
            await asyncio.sleep(seconds)
            seen.append(loop.time())
        return seen

    assert ran(work) == [0.5, 3600.5, 90_000.5]


def test_a_timeout_ends_what_takes_longer_and_nothing_else() -> None:
    async def work() -> float:
        async with asyncio.timeout(2.0):
            await asyncio.sleep(1.9)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.0):
                await asyncio.sleep(100.0)
        done, pending = await asyncio.wait([asyncio.ensure_future(asyncio.sleep(n)) for n in (1, 5)], timeout=2.0)
        assert (len(done), len(pending)) == (1, 1)
        return asyncio.get_running_loop().time()

    assert ran(work) == pytest.approx(5.9)


def order_of(seed: int) -> list[int]:
    async def work() -> list[int]:
        order: list[int] = []

        async def one(number: int) -> None:
            for _ in range(3):
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*map(one, range(5)))
        return order

    found: list[int] = ran(work, seed)
    return found


def test_the_order_of_tasks_is_the_seeds_and_differs_between_seeds() -> None:
    assert order_of(1) == order_of(1)
    assert len({tuple(order_of(seed)) for seed in range(20)}) > 10


def test_plain_callbacks_keep_the_order_that_asyncio_promises() -> None:
    async def work() -> list[int]:
        order: list[int] = []
        loop = asyncio.get_running_loop()
        for number in range(50):
            loop.call_soon(order.append, number)
        await asyncio.sleep(1.0)
        return order

    assert ran(work) == list(range(50))


def test_sets_of_tasks_are_gone_through_in_the_same_order_in_every_run() -> None:
    async def work() -> list[str]:
        async def one() -> None:
            await asyncio.sleep(1.0)

        tasks = {asyncio.create_task(one(), name=f"t{number}") for number in range(30)}
        done, _ = await asyncio.wait(tasks)
        return [one.get_name() for one in (*tasks, *done)]

    junk = [object() for _ in range(1000)]
    first = ran(work)
    del junk[::3]
    assert ran(work) == first


def test_a_run_in_which_everybody_waits_is_found_out() -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="nothing is left to run"):
        ran(work)


def test_a_run_that_never_lets_time_move_is_found_out() -> None:
    async def work() -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="time stands still"):
        ran(work)


def test_what_is_given_to_a_thread_is_done_at_once() -> None:
    async def work() -> list[int]:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return [await asyncio.to_thread(sum, (1, 2)), int(asyncio.get_running_loop().time())]

    assert ran(work) == [3, 0]


def test_tasks_that_have_not_ended_are_dropped_without_a_word(recwarn: pytest.WarningsRecorder) -> None:
    said: list[str] = []

    async def left() -> None:
        try:
            await asyncio.sleep(100.0)
        finally:
            asyncio.get_running_loop().create_task(asyncio.sleep(1.0))
            await asyncio.sleep(1.0)
            said.append("cleaned up")

    async def work() -> None:
        asyncio.create_task(left())  # noqa: RUF006
        await asyncio.sleep(1.0)

    ran(work)
    assert (said, list(recwarn)) == ([], [])
