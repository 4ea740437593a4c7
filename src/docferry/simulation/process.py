"""Processes on the simulated loop: sets of tasks with a clock of their own, that die, stop and wake.

Whatever is begun inside a process belongs to it, tasks that the engine makes included: the context says so. A
process that is killed has no turn any more, so that no `finally` of its ever does anything; what it had sent
before is under way all the same. One that is stopped keeps its turns until it wakes, and time goes on for it.
"""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

from docferry.simulation.loop import OWNER, US, Loop

EPOCH = 1_700_000_000.0
"""When every simulation begins, in seconds since 1970."""

T = TypeVar("T")


class Process:
    """One process. `skew_s` is how wrong its time of day is, `rate` how fast its clock goes.

    `effects` counts the writes that it has sent. With `kill_at` it dies at one of them: before that is sent, or
    once it has landed. `gone` is set when it was killed.
    """

    def __init__(self, loop: Loop, name: str, *, skew_s: float = 0.0, rate: float = 1.0) -> None:
        self._loop = loop
        self.name = name
        self.skew_s = skew_s
        self._rate = rate
        self.alive = True
        self.stopped = False
        self.effects = 0
        self.kill_at: tuple[int, bool] | None = None
        self.gone = asyncio.Event()
        self._kept: list[asyncio.Handle] = []

    def __repr__(self) -> str:
        return self.name

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin work inside the process. Its end is the process's own, but nobody is told if it is killed."""
        context = copy_context()
        context.run(OWNER.set, self)
        task: asyncio.Task[T] = self._loop.create_task(work, context=context)
        return task

    def kill(self) -> None:
        """End it at once: nothing of it runs any more."""
        if self.alive:
            self.alive = False
            self._kept.clear()
            self.gone.set()

    def stop(self) -> None:
        """Give it no turns, as SIGSTOP does."""
        self.stopped = True

    def wake(self) -> None:
        """Give it its turns again, those that it missed first."""
        self.stopped = False
        kept, self._kept = self._kept, []
        if self.alive:
            self._loop.give_back(kept)

    def takes(self, handle: asyncio.Handle) -> bool:
        """Tell whether a callback of the process may run now."""
        if self.alive and not self.stopped:
            return True
        if self.alive:
            self._kept.append(handle)
        return False

    def time_at(self, us: int) -> float:
        """Return its monotonic time, in seconds."""
        return us / US * self._rate

    def moment_of(self, seconds: float) -> int:
        """Return the first moment at which its monotonic time is not before that, in microseconds."""
        moment = int(seconds / self._rate * US)
        while self.time_at(moment) < seconds:
            moment += 1
        return moment

    @property
    def clock(self) -> "ProcessClock":
        """The `Clock` port of the process."""
        return ProcessClock(self._loop, self)


class ProcessClock:
    """The `Clock` port: time of day may be wrong and may jump, monotonic time may drift and never goes back."""

    def __init__(self, loop: Loop, process: Process) -> None:
        self._loop = loop
        self._process = process

    def now(self) -> float:
        """Return its time of day."""
        return EPOCH + self._loop.us / US + self._process.skew_s

    def monotonic(self) -> float:
        """Return its monotonic time, by which `asyncio.timeout` goes as well."""
        return self._process.time_at(self._loop.us)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class WorldClock:
    """The `Clock` port of the services themselves: exact."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def now(self) -> float:
        """Return the time of day."""
        return EPOCH + self._loop.us / US

    def monotonic(self) -> float:
        """Return the loop's own time."""
        return self._loop.us / US

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
