"""An event loop on virtual time: nothing waits, nothing is read from the machine, a seed decides what runs next.

    time       moves only when nothing is left to run, and then straight to the next timer; in whole microseconds
    order      of several tasks that may run, the seed picks one; plain callbacks keep the order asyncio promises
    processes  every callback belongs to the process whose context it was made in: see `process`
    threads    there are none: what is given to one is called at once

What asyncio leaves to chance must not decide anything: tasks and futures are hashed by a number of the loop's own,
not by their address, so that sets of them are gone through in the same order in every run.
"""

import asyncio
import heapq
import itertools
import random
import warnings
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import Context, ContextVar
from typing import Any, Protocol, TypeVar, TypeVarTuple, Unpack

US = 1_000_000
SPINNING = 200_000
"""So many steps without time moving are no work any more."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Stuck(Exception):
    """Nothing can ever run again, or things run for ever while time stands still."""


class Owner(Protocol):
    """Who callbacks belong to: see `process.Process`."""

    def takes(self, handle: asyncio.Handle) -> bool:
        """Tell whether it may run now. If not, the owner keeps it, or lets it be for ever."""

    def time_at(self, us: int) -> float:
        """Return the owner's monotonic time at a moment of the loop's, in seconds."""

    def moment_of(self, seconds: float) -> int:
        """Return the first moment of the loop's, in microseconds, when the owner's time is not before that."""


OWNER: ContextVar[Owner | None] = ContextVar("OWNER", default=None)


class _Task(asyncio.Task[Any]):
    number: int = 0

    def __hash__(self) -> int:
        return self.number


class _Future(asyncio.Future[Any]):
    number: int = 0

    def __hash__(self) -> int:
        return self.number


class Loop(asyncio.BaseEventLoop):
    """The loop. `draw` is what it picks the next task with."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__()
        self.us = 0
        self.steps = 0
        self._draw = draw
        self._numbers = itertools.count(1)
        self._callbacks: deque[asyncio.Handle | Callable[[], None]] = deque()
        self._tasks: list[asyncio.Handle] = []
        self._timers: list[tuple[int, int, asyncio.Handle | Callable[[], None]]] = []
        self._made: list[_Task] = []
        self._standing = 0
        self.failures: list[str] = []
        """What callbacks raised: there should be none."""
        self.set_exception_handler(self._failed)
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        """Return the time of the process that asks, in seconds, or the loop's own outside of all."""
        owner = OWNER.get()
        return owner.time_at(self.us) if owner else self.us / US

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future with a number."""
        made = _Future(loop=self)
        made.number = next(self._numbers)
        return made

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None) -> _Task:
        # Registered by its hash as soon as it is made: the number has to be there before.
        made = _Task.__new__(_Task)
        made.number = next(self._numbers)
        made.__init__(work, loop=self, context=context)  # type: ignore[misc]
        self._made.append(made)
        return made

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback before time moves."""
        handle = asyncio.Handle(callback, args, self, context)
        self._put(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback before time moves: there are no threads."""
        return self.call_soon(callback, *args, context=context)

    def _put(self, handle: asyncio.Handle) -> None:
        callback = handle._callback  # type: ignore[attr-defined]
        if isinstance(getattr(callback, "__self__", None), asyncio.Task):
            self._tasks.append(handle)
        else:
            self._callbacks.append(handle)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run a callback at a time of the process that asks."""
        owner = OWNER.get()
        moment = owner.moment_of(when) if owner else -int(-when * US // 1)
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (max(moment, self.us), next(self._numbers), handle))
        return handle

    def after(self, us: int, callback: Callable[[], None]) -> None:
        """Run a callback of nobody's in so many microseconds, whatever becomes of processes."""
        heapq.heappush(self._timers, (self.us + us, next(self._numbers), callback))

    def give_back(self, handles: list[asyncio.Handle]) -> None:
        """Let handles run that an owner had kept."""
        for one in handles:
            self._put(one)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> "asyncio.Future[T]":
        """Call it at once."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        callbacks, tasks, draw = self._callbacks, self._tasks, self._draw.random
        while not self._stopping:  # type: ignore[attr-defined]
            if not callbacks and not tasks:
                self._move_on()
            if callbacks and (not tasks or draw() < 0.5):
                handle = callbacks.popleft()
            else:
                if len(tasks) > 1:
                    picked = int(draw() * len(tasks))
                    tasks[picked], tasks[-1] = tasks[-1], tasks[picked]
                handle = tasks.pop()
            self.steps += 1
            self._standing += 1
            if self._standing > SPINNING:
                raise Stuck(f"{SPINNING} steps were made at {self.us / US:.6f} s, and time stands still")
            if not isinstance(handle, asyncio.Handle):
                handle()
            elif not handle.cancelled():
                owner = handle._context.get(OWNER)  # type: ignore[attr-defined]
                if owner is None or owner.takes(handle):
                    handle._run()

    def _move_on(self) -> None:
        timers = self._timers
        while not self._callbacks:
            if not timers:
                raise Stuck(f"nothing is left to run at {self.us / US:.6f} s, and somebody waits")
            at = timers[0][0]
            while timers and timers[0][0] <= at:
                due = heapq.heappop(timers)[2]
                if not isinstance(due, asyncio.Handle) or not due.cancelled():
                    self._callbacks.append(due)
        self.us, self._standing = at, 0

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # What tasks raise is for who waits for them; a callback that raises is a defect of somebody's.
        if "handle" in context:
            self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    def close(self) -> None:
        """Drop everything: tasks that have not ended never will, and what they do at their end reaches nobody."""
        self._callbacks.clear()
        self._tasks.clear()
        self._timers.clear()
        self.set_exception_handler(lambda *_: None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for one in self._made:
                if not one.done():
                    one._log_destroy_pending = False  # type: ignore[attr-defined]
                    _dropped(one.get_coro())
            self._made.clear()
            super().close()


def _dropped(work: Any) -> None:
    with suppress(BaseException):
        work.close()


def run(loop: Loop, work: Coroutine[Any, Any, T]) -> T:
    """Run work to its end on a loop, and close that."""
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
