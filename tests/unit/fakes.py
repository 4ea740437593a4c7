"""Small stand-ins that several tests share."""

import asyncio
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
        self._sleeping: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        self._sleeping.append(until)
        try:
            await asyncio.sleep(0)
            looks = 0
            while self.time < until:
                looks += 1
                idle = self._ready() < len(self._sleeping) or looks > PATIENCE
                if idle and until == min(self._sleeping):
                    self.time = until
                else:
                    await asyncio.sleep(0)
        finally:
            self._sleeping.remove(until)

    def _ready(self) -> int:
        # All sleepers are always ready, to look whether it is time; a task beyond them has something to do.
        ready: Sized = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        return len(ready)


async def unthrottled() -> None:
    """Let everything through."""
