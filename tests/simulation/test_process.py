import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from docferry.simulation.loop import Loop, run
from docferry.simulation.process import EPOCH, Process


def within(work: Callable[[Loop], Coroutine[Any, Any, Any]], seed: int = 0) -> Any:
    loop = Loop(random.Random(seed))
    return run(loop, work(loop))


def test_what_is_killed_does_nothing_more_not_even_in_its_finally() -> None:
    async def work(loop: Loop) -> list[str]:
        said: list[str] = []

        async def child() -> None:
            while True:
                await asyncio.sleep(1.0)
                said.append("child")

        async def main() -> None:
            try:
                await asyncio.create_task(child())
            finally:
                said.append("finally")

        process = Process(loop, "p")
        process.start(main())
        await asyncio.sleep(2.5)
        process.kill()
        await process.gone.wait()
        await asyncio.sleep(100.0)
        return list(said)

    assert within(work) == ["child", "child"]


def test_what_is_stopped_wakes_up_later_and_finds_that_time_has_gone_on() -> None:
    async def work(loop: Loop) -> list[float]:
        process, seen = Process(loop, "p"), []

        async def main() -> None:
            for _ in range(3):
                await process.clock.sleep(1.0)
                seen.append(process.clock.monotonic())

        process.start(main())
        await asyncio.sleep(1.5)
        process.stop()
        await asyncio.sleep(10.0)
        assert len(seen) == 1
        process.wake()
        await asyncio.sleep(10.0)
        return seen

    assert within(work) == [1.0, 11.5, 12.5]


def test_a_process_killed_while_it_was_stopped_never_wakes() -> None:
    async def work(loop: Loop) -> list[int]:
        process, seen = Process(loop, "p"), []

        async def main() -> None:
            await asyncio.sleep(1.0)
            seen.append(1)

        process.start(main())
        await asyncio.sleep(0.5)
        process.stop()
        await asyncio.sleep(1.0)
        process.kill()
        process.wake()
        await asyncio.sleep(10.0)
        return seen

    assert within(work) == []


@pytest.mark.parametrize("rate", [0.95, 1.0, 1.04])
def test_a_drifting_clock_and_the_timeouts_of_asyncio_agree(rate: float) -> None:
    async def work(loop: Loop) -> tuple[float, float]:
        process = Process(loop, "p", rate=rate)

        async def main() -> float:
            before = process.clock.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10.0):
                    await process.clock.sleep(11.0)
            return process.clock.monotonic() - before

        return await process.start(main()), loop.us / 1e6

    inside, outside = within(work)
    assert inside == pytest.approx(10.0, abs=1e-5)
    assert outside == pytest.approx(10.0 / rate, abs=1e-5)


def test_a_sleep_is_never_shorter_than_asked_whatever_the_drift() -> None:
    async def work(loop: Loop) -> int:
        process, draw = Process(loop, "p", rate=0.987654321), random.Random(1)

        async def main() -> int:
            for _ in range(2000):
                until = process.clock.monotonic() + draw.random() / 100
                await process.clock.sleep(until - process.clock.monotonic())
                assert process.clock.monotonic() >= until - 1e-9
            return 1

        return await process.start(main())

    assert within(work) == 1


def test_the_time_of_day_may_jump_and_monotonic_time_does_not() -> None:
    async def work(loop: Loop) -> None:
        process = Process(loop, "p", skew_s=100.0)
        clock = process.clock
        assert clock.now() == EPOCH + 100.0
        await asyncio.sleep(5.0)
        before = clock.monotonic()
        process.skew_s = -3600.0
        assert (clock.monotonic(), clock.now()) == (before, EPOCH + 5.0 - 3600.0)

    within(work)
