"""The machine's own clock."""

import asyncio
import time


class SystemClock:
    """The `Clock` port. Durations come from CLOCK_BOOTTIME, where there is one, which goes on in suspend."""

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
