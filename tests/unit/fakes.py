"""Small stand-ins that several tests share."""

import asyncio

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


class ManualClock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


async def unthrottled() -> None:
    """Let everything through."""
