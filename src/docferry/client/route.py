"""The way to the region that applications write in, under a lease on its gate.

    leave = read of the open gate, believed for lease_s from before the read
    note the keys in the region's journal, if the gate says so
    send under the leave; the leave is checked right before every attempt
    the answer counts if the leave's epoch is still in force when it comes; else everything is done again

An epoch never returns, so "still in force" needs no more than the lease, or one read once that is over. What
landed in a region that was closed meanwhile is never acknowledged from there: docs/cutover-protocol.md says why
nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from docferry.client.gates import POLL_S, Gates
from docferry.client.leave import Held, Leave, Place, Region, Unanswered, is_denial
from docferry.client.presence import Herald, named_by_process
from docferry.domain.change import Kind
from docferry.domain.errors import GateRefused, InvalidInput, Retryable
from docferry.domain.journal import Touched
from docferry.domain.record import Item
from docferry.ports import Clock

__all__ = ["DEADLINE_S", "LEASE_S", "POLL_S", "Held", "Leave", "Place", "Region", "Route", "Unanswered"]

LEASE_S = 1.0
"""How long a read of a gate is believed. Whoever closes a gate waits for at least as long."""
DEADLINE_S = 60.0
"""How long one call may take in all, and so how long a request may live. A second switch waits for at least as
long."""

_HELD = "no region was open to applications in time; nothing was sent"

T = TypeVar("T")


@dataclass(slots=True)
class _Call:
    """One call under way. `deadline` is in monotonic seconds, `why` the last thing that went wrong."""

    deadline: float
    sent: bool = False
    why: Exception | None = None


class Route:
    """Finds the open region among `regions`, by name, and keeps to the protocol. One a process; safe among tasks.

    `client` names this process to switches; without it host, process id and a random part do. Close it at the end.
    """

    def __init__(
        self,
        regions: Mapping[str, Region],
        clock: Clock,
        *,
        lease_s: float = LEASE_S,
        deadline_s: float = DEADLINE_S,
        client: str = "",
    ) -> None:
        self._regions = dict(regions)
        self._clock = clock
        self._gates = Gates(regions, clock, lease_s)
        self.deadline_s = deadline_s
        self._herald = Herald(client or named_by_process(), clock, lease_s=lease_s, deadline_s=deadline_s)

    @property
    def client(self) -> str:
        """The id under which switches know this process."""
        return self._herald.client

    async def close(self) -> None:
        """End what goes on in the background."""
        await self._herald.close()

    async def current(self) -> Leave | None:
        """Return the leave to write now, None while no region is open to applications.

        Raises NeedsOperator if a gate cannot be read for what it is, Retryable if the control table cannot be
        reached.
        """
        leave = self._gates.valid()
        if leave is None:
            await self._gates.sight()
            leave = self._gates.valid()
        if leave:
            self._herald.took(leave, self._regions[leave.region].journal)
        return leave

    async def opened(self, deadline: float) -> Leave:
        """Wait until a region is open. Raises Held when the clock passes `deadline`, in monotonic seconds.

        A gate that cannot be reached is waited for like one that is closed.
        """
        why: Exception | None = None
        while True:
            try:
                leave = await self.current()
            except Retryable as error:
                leave, why = None, error
            if leave:
                return leave
            await self._rest(deadline, why)

    async def holds(self, leave: Leave) -> bool:
        """Tell whether the leave's epoch is in force now, so that it was all the time since.

        False if that cannot be found out: then things are done again. A leave that stands for a closed region
        holds while that region is the one that was open last.
        """
        if not leave.over:
            return True
        try:
            return (await self._gates.sight(fresh=True)).shows(leave)
        except Retryable:
            return False

    async def in_force(self, leave: Leave) -> bool:
        """Tell whether the leave's epoch is in force, by a look at the gates even if the lease is not over.

        For requests that failed: a fence may deny them before the leases are over. If the gates cannot be reached,
        the lease decides.
        """
        try:
            return (await self._gates.sight(fresh=True, believing=False)).shows(leave)
        except Retryable:
            return not leave.over

    async def write(
        self,
        work: Callable[[Leave], Awaitable[T]],
        *,
        documents: Sequence[str] = (),
        records: Sequence[Item] = (),
        deadline_s: float | None = None,
    ) -> T:
        """Do a write where applications may write now, and return its result once that counts.

        `documents` are the keys, and `records` the keys in wire form (`{"id": {"S": "7"}}`), that `work` is going
        to write: around a switch they are noted before it is called. `work` sends with `leave.check` before every
        attempt; it may be called again, in another region, and must be able to do all of it again. `deadline_s` is
        in seconds, the route's own unless given, and never longer.

        Raises Held if no region opened in time and nothing was sent, Unanswered if the deadline passed later, and
        what `work` raises if it failed while its epoch was in force: whether that took effect, only `work` knows.
        At the deadline `work` is cancelled, so that no request of its outlives it.
        """
        touched = [Touched(Kind.DOCUMENT, key) for key in documents]
        touched += [Touched(Kind.RECORD, key) for key in records]
        noted: set[tuple[str, int]] = set()
        async with self._call(deadline_s) as call:
            while True:
                self._check_time(call)
                leave = await self.opened(call.deadline)
                if not await self._noted(leave, touched, noted, call):
                    continue
                call.sent = True
                try:
                    result = await work(leave)
                except GateRefused as error:
                    if not leave.over:
                        raise
                    call.why = error
                except Exception as error:
                    # Behind a fence requests are denied: no failure of the write, which can be done elsewhere. One
                    # that is lifted again denies for a while, though the gate is open.
                    fenced = leave.journal and is_denial(error)
                    if not fenced and await self.in_force(leave):
                        raise
                    call.why = error
                    if fenced:
                        await self._rest(call.deadline, error)
                else:
                    if await self.holds(leave):
                        return result

    async def read(self, work: Callable[[Leave], Awaitable[T]], *, deadline_s: float | None = None) -> T:
        """Read where applications write, and return the result once it counts.

        Reads are not held while no region is open: nothing is acknowledged then, so the region that was open last
        still holds the latest of everything, until another opens. It is found by its gate alone, never by memory
        alone: a process that slept through a switch would remember the wrong one. Where the gates do not tell, the
        read waits.

        A value counts if, after it came, the region was still the open one, or the one that was open last, at the
        same epoch. Then no other region was open in between, and no write acknowledged elsewhere before this call
        can have replaced the value: what was acknowledged elsewhere earlier had been carried here before this
        region opened. Otherwise it is read again. As with S3 itself, a read may show a write that is not
        acknowledged yet.

        `work` sends to `leave.region` and checks no lease. Raises Held if no region could be read in time,
        Unanswered if no answer came, and what `work` raises.
        """
        async with self._call(deadline_s) as call:
            while True:
                self._check_time(call)
                leave = await self._readable(call.deadline)
                call.sent = True
                try:
                    result = await work(leave)
                except Exception as error:
                    if await self.holds(leave):
                        raise
                    call.why = error
                else:
                    if await self.holds(leave):
                        return result

    async def _noted(self, leave: Leave, touched: list[Touched], noted: set[tuple[str, int]], call: _Call) -> bool:
        """Note the keys if the gate says so, once for each epoch. False if there is no leave to send any more."""
        place = (leave.region, leave.epoch)
        if leave.journal and touched and place not in noted:
            try:
                await self._regions[leave.region].journal.note(leave.epoch, touched)
            except Retryable as error:
                # Held like a write behind a closed gate: without its note it must not go out.
                await self._rest(call.deadline, error)
                return False
            noted.add(place)
        # A note that came after the lease may have come after the journal was read.
        return not leave.over

    async def _readable(self, deadline: float) -> Leave:
        why: Exception | None = None
        while True:
            leave = self._gates.valid()
            if leave is None:
                try:
                    leave = (await self._gates.sight()).current
                except Retryable as error:
                    why = error
            if leave:
                return leave
            await self._rest(deadline, why)

    async def _rest(self, deadline: float, why: Exception | None) -> None:
        if self._clock.monotonic() + POLL_S >= deadline:
            raise Held(_HELD) from why
        # Those who wait wake up together, and share the next look.
        rest_s = self._gates.rest_s()
        await self._clock.sleep(rest_s if rest_s > 0 else POLL_S)

    def _check_time(self, call: _Call) -> None:
        # The event loop's own timer stands still while the machine sleeps.
        if self._clock.monotonic() >= call.deadline:
            raise Held(_HELD)

    @asynccontextmanager
    async def _call(self, deadline_s: float | None) -> AsyncIterator[_Call]:
        seconds = self.deadline_s if deadline_s is None else deadline_s
        if seconds > self.deadline_s:
            raise InvalidInput(
                f"a deadline of {seconds:g} s is longer than the {self.deadline_s:g} s that switches wait for",
                hint="raise client.deadline_s in docferry.toml",
            )
        call = _Call(self._clock.monotonic() + seconds)
        try:
            async with asyncio.timeout(seconds) as limit:
                yield call
        except Held as error:
            if call.sent:
                raise _unanswered(seconds) from (call.why or error)
            raise
        except TimeoutError as error:
            if not limit.expired():
                raise
            if call.sent:
                raise _unanswered(seconds) from (call.why or error)
            raise Held(_HELD) from error


def _unanswered(seconds: float) -> Unanswered:
    return Unanswered(
        f"no answer that counts within {seconds:g} s: whether it took effect is unknown",
        hint="do it again, or read what is there now",
    )
