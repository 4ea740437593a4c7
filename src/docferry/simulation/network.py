"""The way between processes and services: requests land later than they are sent, and answers come later still.

    process ── request ──▶ service: the effect, all at once ── answer ──▶ process

A request that was sent lands whatever becomes of its sender, unless the weather loses it. Like AwsClient, a `Link`
repeats what may pass, asks a guard right before each attempt, and sees guarded requests through: `landed` waits
for those that nobody waits for any more.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from docferry.domain.document import Document
from docferry.domain.errors import DocferryError, Retryable, ServiceError
from docferry.domain.gate import Gate
from docferry.ports import Written
from docferry.simulation.events import Events
from docferry.simulation.loop import US, Loop
from docferry.simulation.process import Process
from docferry.simulation.reach import Met, Reach
from docferry.simulation.weather import Fate, Loss, NoAnswer, Request, Weather

ATTEMPTS = 8
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0
HELD_US = 100_000

T = TypeVar("T")
Effect = Callable[[], Coroutine[Any, Any, T]]
Watch = Callable[[Request, object], None]
"""Is told of every request that has taken effect, and what came of it: a result or an error."""
Guard = Callable[[], None]


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits: the effect of a request on a service in memory."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("a service in memory waits for nothing")


class Sender(NamedTuple):
    """Who sends a request, how long he waits for an answer, and when the token is over that he sends it with.

    `effect` is the how-manyth of his writes it is.
    """

    process: Process
    silence_us: int
    over_us: float
    effect: int


@dataclass(slots=True)
class _Flight(Generic[T]):
    request: Request
    effect: Effect[T]
    sender: Sender
    fate: Fate
    answer: "asyncio.Future[T]"
    held: bool = False
    late: bool = False
    admitted: bool = False


@dataclass(frozen=True, slots=True)
class Lasting:
    """What a service does some time after it has let a request in: `effect` is what it comes to."""

    effect: Effect[Any]


class Network:
    """Carries requests. `watchers` see every effect, in the order in which they happen."""

    def __init__(self, loop: Loop, events: Events, weather: Weather) -> None:
        self.loop, self.events, self.weather = loop, events, weather
        self.watchers: list[Watch] = []
        self.under_way = 0
        self.reach = Reach()

    def post(self, request: Request, effect: Effect[T], sender: Sender) -> "asyncio.Future[T]":
        """Send a request; the future is its answer, or the silence that stands for it."""
        answer: asyncio.Future[T] = self.loop.create_future()
        fate = self.weather.fate(request, self.loop.us)
        if fate.loss is Loss.REQUEST:
            self._say(request, f"{request} — {fate.name or fate.error or 'lost'}")
            self.reach.met(request, Met.LOST_BEFORE)
            error = fate.error or NoAnswer(f"{request}: no answer")
            wait_us = sender.silence_us if fate.silent else fate.there_us + fate.back_us
            self.loop.after(wait_us, partial(_fail, answer, error))
            return answer
        self.under_way += 1
        self.loop.after(fate.there_us, partial(self._land, _Flight(request, effect, sender, fate, answer)))
        if fate.silent:
            if fate.loss is Loss.NOTHING:
                self.reach.met(request, Met.LATE)
            self.loop.after(sender.silence_us, partial(_fail, answer, NoAnswer(f"{request}: no answer")))
        return answer

    def _land(self, flight: "_Flight[Any]") -> None:
        request, process, fate = flight.request, flight.sender.process, flight.fate
        if process.stopped and not request.application and not flight.admitted and self._is_held(flight):
            return
        if request.write and not flight.late and (late_us := self.weather.holds_up_us(request)):
            flight.late = True
            self.reach.met(request, Met.LATE)
            self.loop.after(late_us, partial(self._land, flight))
            lost = NoAnswer(f"{request}: no answer")
            self.loop.after(flight.sender.silence_us, partial(_fail, flight.answer, lost))
            return
        self.under_way -= 1
        result, error = self._effect(flight)
        if isinstance(result, Lasting):
            flight.effect, flight.admitted = result.effect, True
            self.under_way += 1
            self.loop.after(self.weather.lasts_us(), partial(self._land, flight))
            return
        said = f" — {fate.name}" if fate.name else ""
        self._say(request, f"{request} = {error or shown(result)}{said}")
        for watch in self.watchers:
            watch(request, error or result)
        if request.write and process.alive and process.kill_at == (flight.sender.effect, True):
            self.dies(request, Met.DIED_AFTER, process)
        if fate.loss is Loss.ANSWER and error is None and not fate.partly:
            self.reach.met(request, Met.LOST_AFTER)
        back = fate.error if fate.loss is Loss.ANSWER else error
        if fate.loss is Loss.ANSWER and back is None:
            return
        end = partial(_fail, flight.answer, back) if back else partial(_succeed, flight.answer, result)
        self.loop.after(fate.back_us, end)

    def dies(self, request: Request, met: Met, process: Process) -> None:
        """Let a process die at a request of its."""
        self.reach.met(request, met)
        self.weather.count("crash")
        process.kill()

    def _is_held(self, flight: "_Flight[Any]") -> bool:
        # Half of what a stopped process had under way was still in its own hands, and goes out once it wakes.
        if not flight.held and self.weather.share() < 0.5:
            return False
        flight.held = True
        if flight.sender.process.alive:
            self.loop.after(HELD_US, partial(self._land, flight))
        else:
            self.under_way -= 1
        return True

    def _effect(self, flight: "_Flight[T]") -> tuple[T | None, DocferryError | None]:
        if self.loop.us >= flight.sender.over_us and not flight.admitted:
            return None, ServiceError("the token is over", code="AccessDenied", status=403)
        half = flight.request.half if flight.fate.partly else None
        try:
            if half:
                at_once(half())
                return None, None
            return at_once(flight.effect()), None
        except DocferryError as failed:
            return None, failed

    def _say(self, request: Request, what: str) -> None:
        self.events.note(self.loop.us, request.who, what)


def _fail(answer: "asyncio.Future[Any]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def _succeed(answer: "asyncio.Future[T]", result: T) -> None:
    if not answer.done():
        answer.set_result(result)


class Link:
    """The requests of one process. After `silence_s` without an answer a request counts as lost."""

    def __init__(
        self,
        network: Network,
        process: Process,
        *,
        silence_s: float = 5.0,
        attempts: int = ATTEMPTS,
        application: bool = False,
    ) -> None:
        self.network, self.process = network, process
        self._silence_us, self._attempts = int(silence_s * US), attempts
        self.application = application
        self.tokens: dict[str, float] | None = None
        """When the token for a region is over, in microseconds of the loop; None where there are none."""
        self._guarded: dict[int, asyncio.Future[Any]] = {}
        self._sent = 0
        self.lost_at = -math.inf
        """When a guarded request last ended without an answer, by the clock of the process."""

    async def landed(self) -> None:
        """Wait until no guarded request is under way."""
        while self._guarded:
            await asyncio.wait(list(self._guarded.values()))

    async def call(self, request: Request, effect: Effect[T], guard: Guard | None = None) -> T:
        """Send a request, again where it may pass. Raises what the service says, or Retryable in the end."""
        wait_s = FIRST_WAIT_S
        for attempt in range(self._attempts):
            try:
                return await self._once(request, effect, guard)
            except Retryable:
                if attempt == self._attempts - 1:
                    raise
            await asyncio.sleep(wait_s * self.network.weather.share())
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        raise AssertionError("unreachable")

    async def _once(self, request: Request, effect: Effect[T], guard: Guard | None) -> T:
        if guard:
            guard()
        process = self.process
        self.network.reach.sent(request)
        if request.write:
            process.effects += 1
            if request.harm in (Met.DIED_BEFORE, Met.DIED_AFTER):
                process.kill_at = (process.effects, request.harm is Met.DIED_AFTER)
            if process.kill_at == (process.effects, False):
                self.network.dies(request, Met.DIED_BEFORE, process)
        if not process.alive:
            # Whoever was killed has sent nothing more: this step of its ends here, and there is no other.
            await self.network.loop.create_future()
        over_us = math.inf
        if guard and self.tokens is not None:
            over_us = self.tokens.get(request.region, 0.0)
        sender = Sender(process, self._silence_us, over_us, process.effects)
        answer = self.network.post(request, effect, sender)
        if guard is None:
            return await answer
        self._sent += 1
        number, self._guarded[self._sent] = self._sent, answer
        answer.add_done_callback(lambda done: self._settled(number, done))
        return await asyncio.shield(answer)

    def _settled(self, number: int, answer: "asyncio.Future[Any]") -> None:
        del self._guarded[number]
        # Nobody may be left to ask what became of it.
        if not answer.cancelled() and isinstance(answer.exception(), NoAnswer):
            self.lost_at = self.process.clock.monotonic()


def shown(result: object) -> str:
    """Show what came of a request, in a word or two."""
    if isinstance(result, Document):
        return f"{result.version} {result.metadata.get('op', '')}".rstrip()
    if isinstance(result, Gate):
        return f"{result.writer.value} {result.epoch}{' journal' if result.journal else ''}"
    if isinstance(result, Written):
        return result.version
    if isinstance(result, tuple):
        return str(len(result))
    return "absent" if result is None else "done"
