"""An in-memory hard fence whose changes spread unevenly: one server knows them at once, the other later."""

import math
from itertools import cycle

from docferry.ports import Clock


class MemoryFence:
    """The `HardFence` port over a clock. `spread_s` is what the slower of its two servers takes."""

    def __init__(self, clock: Clock, spread_s: float = 2.0) -> None:
        self._clock = clock
        self._spread_s = spread_s
        self._changes: list[tuple[float, float, float]] = [(-math.inf, math.inf, math.inf)]
        self._servers = cycle((0.0, spread_s))
        self.why_not = ""

    async def refusal(self) -> str:
        """Return what the test says."""
        return self.why_not

    async def close_between(self, begin: float, end: float) -> None:
        """Deny from one moment to another."""
        self._changes.append((self._clock.now(), begin, end))

    async def close(self) -> None:
        """Deny until it is lifted."""
        await self.close_between(-math.inf, math.inf)

    async def lift(self) -> bool:
        """Deny nothing."""
        if self._changes[-1][1:] == (math.inf, math.inf):
            return False
        await self.close_between(math.inf, math.inf)
        return True

    async def denials(self) -> tuple[bool, ...]:
        """Ask one server and then the other."""
        return (self.refuses(),)

    def refuses(self) -> bool:
        """Tell whether a write that comes now is denied by the server it comes to."""
        late_s, now = next(self._servers), self._clock.now()
        _, begin, end = next(one for one in reversed(self._changes) if one[0] + late_s <= now)
        return begin < now < end
