"""Tells switches that this client is there, beside the writes and never in their way."""

import asyncio
import os
import uuid

from docferry.client.leave import Leave
from docferry.domain.errors import DocferryError
from docferry.domain.journal import Presence
from docferry.ports import Clock, Journal

PRESENCE_S = 10.0
"""How often a client in use says that it is there while nothing changes."""
SAY_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0


def named_by_process() -> str:
    """Return an id of this process: host and process for people, and what tells them apart in containers."""
    return f"{os.uname().nodename}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class Herald:
    """Writes one client's presence to the journal of the region it has leave to write in.

    At once under a new epoch or region, else every PRESENCE_S. What fails is tried again when the next leave is
    taken: a switch waits for it, applications do not.
    """

    def __init__(self, client: str, clock: Clock, *, lease_s: float, deadline_s: float) -> None:
        self.client = client
        self._clock = clock
        self._lease_s = lease_s
        self._deadline_s = deadline_s
        self._said: tuple[str, int] | None = None
        self._said_at = 0.0
        self._saying: asyncio.Task[None] | None = None

    def took(self, leave: Leave, journal: Journal) -> None:
        """Hear that a leave was taken. Never waits, never raises."""
        recent = self._clock.monotonic() - self._said_at < PRESENCE_S
        if (self._saying and not self._saying.done()) or (recent and self._said == (leave.region, leave.epoch)):
            return
        self._saying = asyncio.create_task(self._say(leave, journal))

    async def close(self) -> None:
        """Wait for what is being written, but not for long."""
        if self._saying:
            await asyncio.wait([self._saying], timeout=CLOSE_TIMEOUT_S)
            self._saying.cancel()

    async def _say(self, leave: Leave, journal: Journal) -> None:
        said_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(SAY_TIMEOUT_S):
                await journal.present(self._presence(leave))
        except (DocferryError, TimeoutError):
            return
        self._said, self._said_at = (leave.region, leave.epoch), said_at

    def _presence(self, leave: Leave) -> Presence:
        return Presence(
            client=self.client,
            region=leave.region,
            epoch=leave.epoch,
            journal=leave.journal,
            lease_s=self._lease_s,
            deadline_s=self._deadline_s,
            seen_at=self._clock.now(),
        )
