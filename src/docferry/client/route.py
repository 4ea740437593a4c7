"""The way to the region that applications write in, under a lease on its gate.

    leave = read of the open gate, believed for lease_s from before the read
    send under the leave; the leave is checked right before every attempt
    the answer counts if the leave's epoch is still in force when it comes; else everything is done again

An epoch never returns, so "still in force" needs no more than the lease, or one read once that is over. What
landed in a region that was closed meanwhile is never acknowledged from there: docs/cutover-protocol.md says why
nothing is lost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from docferry.domain.errors import DocferryError, GateRefused, Retryable
from docferry.domain.gate import Gate, Writer
from docferry.ports import Clock, GateStore

LEASE_S = 1.0
"""How long a read of a gate is believed. Whoever closes a gate waits for at least as long."""
POLL_S = 0.05
"""How often gates are read while no region is open."""
DEADLINE_S = 60.0

T = TypeVar("T")


class Held(Retryable):
    """No region was open to applications before the deadline: nothing was acknowledged."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The leave to write in one region under one epoch. `until` is on the clock's monotonic scale, in seconds."""

    region: str
    epoch: int
    journal: bool
    until: float
    clock: Clock = field(compare=False, repr=False)

    def check(self) -> None:
        """Raise GateRefused once the lease is over. Called right before every attempt of a request that writes."""
        if self.clock.monotonic() >= self.until:
            raise GateRefused(f"the lease on the gate of {self.region} is over; nothing was sent")


class Route:
    """Finds the open region among `gates`, by name, and keeps to the protocol. One a process; safe among tasks."""

    def __init__(self, gates: Mapping[str, GateStore], clock: Clock, *, lease_s: float = LEASE_S) -> None:
        self._gates = dict(gates)
        self._clock = clock
        self._lease_s = lease_s
        self._leave: Leave | None = None
        self._one_read = asyncio.Lock()

    async def current(self) -> Leave | None:
        """Return the leave to write now, None while no region is open to applications.

        Raises NeedsOperator if a gate cannot be read for what it is, Retryable if the control table cannot be
        reached.
        """
        leave = self._valid()
        if leave:
            return leave
        async with self._one_read:
            return self._valid() or await self._found()

    async def opened(self, deadline: float) -> Leave:
        """Wait until a region is open. Raises Held when the clock passes `deadline`, in monotonic seconds."""
        while True:
            leave = await self.current()
            if leave:
                return leave
            if self._clock.monotonic() + POLL_S >= deadline:
                raise Held("no region was open to applications in time; nothing was acknowledged")
            await self._clock.sleep(POLL_S)

    async def holds(self, leave: Leave) -> bool:
        """Tell whether the leave's epoch is in force now, so that it was all the time since."""
        if self._clock.monotonic() < leave.until:
            return True
        now = await self.current()
        return now is not None and (now.region, now.epoch) == (leave.region, leave.epoch)

    async def write(self, work: Callable[[Leave], Awaitable[T]], *, deadline_s: float = DEADLINE_S) -> T:
        """Do a write where applications may write now, and return its result once that counts.

        `work` sends with `leave.check` before every attempt; it may be called again, in another region, and must
        be able to do all of it again. Raises Held if no region opens within `deadline_s`, and what `work` raises
        if it failed while its epoch was in force. Whether a write that raised took effect is unknown.
        """
        deadline = self._clock.monotonic() + deadline_s
        while True:
            leave = await self.opened(deadline)
            try:
                result = await work(leave)
            except GateRefused:
                continue
            except DocferryError:
                # Behind a fence requests are denied: no failure of the write, which can be done where it is open.
                if await self.holds(leave):
                    raise
                continue
            if await self.holds(leave):
                return result

    def _valid(self) -> Leave | None:
        return self._leave if self._leave and self._clock.monotonic() < self._leave.until else None

    async def _found(self) -> Leave | None:
        # The region that was open is asked first: mostly it still is.
        before = self._leave.region if self._leave else ""
        for region in sorted(self._gates, key=lambda name: name != before):
            asked_at = self._clock.monotonic()
            gate = await self._gates[region].read()
            if gate and gate.writer is Writer.APPLICATION:
                self._leave = self._given(region, gate, asked_at)
                return self._valid()
        return None

    def _given(self, region: str, gate: Gate, asked_at: float) -> Leave:
        return Leave(region, gate.epoch, gate.journal, asked_at + self._lease_s, self._clock)
