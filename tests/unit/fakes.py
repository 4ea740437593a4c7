"""Small stand-ins that several tests share."""

import asyncio
import heapq
import itertools
from collections.abc import Sized

from docferry.domain.errors import StaleEpoch


class Always:
    """A permit that never ends."""

    def check(self) -> None:
        return


class Never:
    """A permit that is over."""

    def check(self) -> None:
        raise StaleEpoch("the lease is over")


class Killed(Exception):
    """Stands for SIGKILL: nothing in the engine knows it."""


PATIENCE = 200
"""A test that polls always has something to do: after so many looks time moves all the same."""


class ManualClock:
    """A clock that only moves when nobody has anything to do but sleep: then to where the first sleeper wakes."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._driving: asyncio.AbstractEventLoop | None = None
        self._looks = 0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._numbers), woken))
        if self._driving is not loop:
            self._driving, self._looks = loop, 0
            loop.call_soon(self._drive, loop)
        await woken

    def _drive(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looks += 1
        others: Sized = loop._ready  # type: ignore[attr-defined]
        if not others or self._looks > PATIENCE:
            self._looks = 0
            self._wake_first()
        if self._sleepers:
            loop.call_soon(self._drive, loop)
        else:
            self._driving = None

    def _wake_first(self) -> None:
        while self._sleepers:
            until, _, woken = heapq.heappop(self._sleepers)
            if not woken.done() and not woken.get_loop().is_closed():
                self.time = max(self.time, until)
                woken.set_result(None)
                return


async def unthrottled() -> None:
    """Let everything through."""
