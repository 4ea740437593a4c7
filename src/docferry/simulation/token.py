"""An in-memory fencing token."""

import math

from docferry.domain.errors import ServiceError
from docferry.ports import Clock


class MemoryToken:
    """The `FencingToken` port over a clock. `why_not` is what keeps it from being given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sessions: list[str] = []
        self.why_not = ""
        self.over_at = -math.inf

    async def take(self, session: str, lasts_s: float) -> None:
        """Take one. Raises ServiceError if there is a reason why not."""
        if self.why_not:
            raise ServiceError(self.why_not)
        self.sessions.append(session)
        self.over_at = self._clock.now() + lasts_s

    async def refusal(self) -> str:
        """Return what the test says."""
        return self.why_not

    def refuses(self) -> bool:
        """Tell whether the store refuses a write that comes now."""
        return self._clock.now() >= self.over_at
