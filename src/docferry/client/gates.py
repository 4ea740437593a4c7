"""Reads the gates for all tasks of a process: one read at a time, and what it said is shared."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from docferry.client.leave import Leave, Region
from docferry.domain.errors import DocferryError, Retryable
from docferry.domain.gate import Gate, Writer
from docferry.domain.journal import ARMED_SHARE
from docferry.ports import Clock

POLL_S = 0.05
"""How often gates are read while no region is open."""
READ_TIMEOUT_S = 5.0
"""After which a read of a gate is given up. Longer than a lease: opening a connection may take that."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at the gates showed.

    `open` is the leave for the region open to applications, over already if the look took too long. While none is
    open, `last` stands for the one that was open last, as a leave that is over, with the epoch of its closed gate;
    it is None where that cannot be told, and `gates` holds all gates.
    """

    open: Leave | None = None
    last: Leave | None = None
    gates: Mapping[str, Gate | None] = field(default_factory=dict)

    @property
    def current(self) -> Leave | None:
        """The region that holds what was acknowledged last."""
        return self.open or self.last

    def shows(self, leave: Leave) -> bool:
        """Whether the current region is the leave's, at the leave's epoch."""
        here = self.current
        return here is not None and (here.region, here.epoch) == (leave.region, leave.epoch)


class Gates:
    """The gates of `regions`, by name. Safe among tasks of one event loop."""

    def __init__(self, regions: Mapping[str, Region], clock: Clock, lease_s: float) -> None:
        self._regions = dict(regions)
        self._clock = clock
        self._lease_s = lease_s
        self._sight = Sight()
        self._failure: DocferryError | None = None
        self._looked_at = -POLL_S
        self._begun = 0
        self._answered = 0
        self._one_look = asyncio.Lock()

    def valid(self) -> Leave | None:
        """Return the leave that holds now, without asking anybody."""
        leave = self._sight.open
        return leave if leave and not leave.over else None

    async def sight(self, *, fresh: bool = False, believing: bool = True) -> Sight:
        """Look at the gates, unless `believing` and a leave holds; with `fresh`, not before this call.

        Otherwise "no region is open" is believed for POLL_S, so that many who wait make one look in that time.
        Raises Retryable if no region is known to be open and a gate did not answer, NeedsOperator if a gate cannot
        be read for what it is.
        """
        before = self._begun
        if believing and self.valid():
            return self._sight
        async with self._one_look:
            # A look that began before this call and ended since is none to share: its answer may be older.
            shared = self._answered > before or (not fresh and self.rest_s() > 0 and not self._sight.open)
            if not shared and not (believing and self.valid()):
                await self._look_once()
            if self._failure:
                raise self._failure
            return self._sight

    async def _look_once(self) -> None:
        self._begun += 1
        self._looked_at = self._clock.monotonic()
        try:
            self._sight, self._failure = await self._look(self._sight), None
        except DocferryError as error:
            self._failure = error
        self._answered = self._begun

    def rest_s(self) -> float:
        """Return for how many seconds the last look is still good enough for those who wait."""
        return self._looked_at + POLL_S - self._clock.monotonic()

    async def _look(self, before: Sight) -> Sight:
        # The region that was open is asked alone: mostly it still is. Else all others are asked side by side.
        known = [before.open.region] if before.open else []
        answers: dict[str, Gate | DocferryError | None] = {}
        for names in (known, [name for name in self._regions if name not in known]):
            asked_at = self._clock.monotonic()
            answers |= await self._ask(names)
            for name, answer in answers.items():
                if _open(answer):
                    return Sight(open=self._leave(name, answer, asked_at))
        for answer in answers.values():
            if isinstance(answer, DocferryError):
                raise answer
        gates = {name: one for name, one in answers.items() if not isinstance(one, DocferryError)}
        return Sight(last=self._last(gates, before), gates=gates)

    async def _ask(self, names: Sequence[str]) -> dict[str, Gate | DocferryError | None]:
        # Returns once one is open: a region that does not answer must not eat up the lease on the other.
        tasks = [asyncio.create_task(self._read(name)) for name in names]
        answers: dict[str, Gate | DocferryError | None] = {}
        try:
            for first in asyncio.as_completed(tasks):
                name, answer = await first
                answers[name] = answer
                if _open(answer):
                    break
        finally:
            for task in tasks:
                task.cancel()
        return answers

    async def _read(self, name: str) -> tuple[str, Gate | DocferryError | None]:
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return name, await self._regions[name].gate.read()
        except TimeoutError:
            return name, Retryable(f"the gate of {name} did not answer within {READ_TIMEOUT_S:g} s")
        except DocferryError as error:
            return name, error

    def _leave(self, name: str, gate: Gate, asked_at: float) -> Leave:
        believed_s = self._lease_s * ARMED_SHARE if gate.journal else self._lease_s
        place = self._regions[name].place
        return Leave(name, gate.epoch, gate.journal, asked_at + believed_s, self._clock, place)

    def _last(self, gates: Mapping[str, Gate | None], before: Sight) -> Leave | None:
        name = _last_open(gates, before)
        gate = gates.get(name)
        if gate is None:
            return None
        now = self._clock.monotonic()
        return Leave(name, gate.epoch, False, now, self._clock, self._regions[name].place)


def _open(answer: Gate | DocferryError | None) -> TypeGuard[Gate]:
    return isinstance(answer, Gate) and answer.writer is Writer.APPLICATION


def _last_open(gates: Mapping[str, Gate | None], before: Sight) -> str:
    """Name the region that was open last while none is, or nothing if that cannot be told.

    A switch first closes the region that was open and last of all the one that replicators write in, so a closed
    gate beside gates for replicators is the one. Once all are closed it is the one it was at the look before,
    unless another has been opened and closed since; that would have raised the other's epoch by two or more.
    """
    closed = [name for name, gate in gates.items() if gate and gate.writer is Writer.NOBODY]
    replicated = [name for name, gate in gates.items() if gate and gate.writer is Writer.REPLICATOR]
    if len(closed) == 1 and len(replicated) == len(gates) - 1:
        return closed[0]
    last = before.last.region if before.last else ""
    others = [name for name in gates if name != last]
    if len(closed) == len(gates) and all(_only_closed(before.gates.get(one), gates[one]) for one in others):
        return last
    return ""


def _only_closed(before: Gate | None, now: Gate | None) -> bool:
    if before is None or now is None:
        return False
    return now.epoch == before.epoch + (before.writer is Writer.REPLICATOR)
