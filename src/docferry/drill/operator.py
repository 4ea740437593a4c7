"""Does what an operator does: starts commands, starts them again when they have died, and heeds what they say."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from docferry.domain.change import Kind
from docferry.domain.errors import DocferryError, LeaseTaken, NeedsOperator
from docferry.domain.gate import Writer
from docferry.domain.switch import State, Step, Switch, Turn
from docferry.drill.region import differing
from docferry.drill.site import SWITCH, Job, Site
from docferry.drill.trouble import Trouble
from docferry.drill.writers import Application, Calm, Score
from docferry.migration import Migration, Sync
from docferry.resume import completed
from docferry.simulation.loop import US
from docferry.simulation.process import Process
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.complete import complete
from docferry.switch.memory import last_switch
from docferry.switch.perform import abort, perform
from docferry.workflow import mend, sync, validate

POLL_S = 0.2
ABORTS = 0.5

T = TypeVar("T")


class NotFinished(Exception):
    """It took longer than it may, though nothing failed any more."""


@dataclass(slots=True)
class Operator:
    """Whoever runs the commands of one migration. `switches` were done, `refusals` say what kept others."""

    site: Site
    draw: random.Random
    trouble: Trouble
    score: Score
    calm: Calm = field(default_factory=Calm)
    applications: list[Application] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _reseed: bool = False
    _numbers: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, work: Callable[[Process], Coroutine[Any, Any, T]]) -> Job[T]:
        """Start a process under a name of its own."""
        number = self._numbers[name] = self._numbers.get(name, 0) + 1
        job = self.site.start(f"{name}-{number}", work)
        self.trouble.doom(job)
        return job

    async def outcome(self, job: Job[T]) -> T | DocferryError | None:
        """Wait for a process: what it gave, how it failed, or None if it died or is taken for dead."""
        name = job.process.name
        if not await job.ended():
            self.site.tell(name, "died" if not job.process.alive else "is taken for dead")
            return None
        try:
            return job.task.result()
        except DocferryError as error:
            self.site.tell(name, f"ended: {type(error).__name__}: {error}")
            return error
        except Exception as error:
            self.site.watch.broken(f"{name} failed with {type(error).__name__}: {error}")
            return NeedsOperator(str(error))

    async def keep_running(self) -> None:
        """Keep a runner running, until everything is over."""
        while not self.over.is_set():
            came = await self.outcome(self.start("runner", self._sync))
            if isinstance(came, NeedsOperator) and "--reseed" in came.hint:
                self._reseed = True
            if await completed(self.site.ledger):
                return
            await asyncio.sleep(self.draw.uniform(0.3, 3.0))

    async def run_a_second(self) -> None:
        """Start a second runner now and then: it is refused, or takes over from one that died."""
        for _ in range(self.site.faults.often):
            await asyncio.sleep(self.draw.uniform(1.0, self.site.faults.until_s / 2))
            self.site.weather.count("two-runners")
            await self.outcome(self.start("runner", self._sync))

    async def _sync(self, process: Process) -> None:
        directions = await self.site.directions(process, "sync")
        asked = Sync(reseed=self._reseed)
        self._reseed = False
        await sync(directions, asked, self.over)

    async def filled(self) -> None:
        """Wait until the backfill is done; applications never stop, so the runner is never through for long."""
        while not (await self.site.ledger.read("progress") or {}).get("backfill_done"):
            await self._rest(POLL_S)
        self.site.network.reach.filled = True

    async def validated(self, level: Level = Level.FULL, *, repair: bool = True) -> set[str]:
        """Validate until that comes to its end, repair what differs, and return the names of what differed."""
        found: set[str] = set()
        job = partial(self._validation, level=level, found=found, repair=repair)
        while not isinstance(await self.outcome(self.start("validate", partial(job, restart=not found))), Level):
            # What was found before a repair died is found no more.
            await self._rest(self.draw.uniform(0.2, 2.0))
        return found

    async def _validation(
        self, process: Process, *, level: Level, found: set[str], restart: bool, repair: bool
    ) -> Level:
        directions = await self.site.directions(process, "repair")
        migration: Migration = await directions.in_force() or directions.forward
        validation = await validate(migration, Scope(level), lambda _: None, restart=restart)
        found |= {_named(one) async for one in validation.differences()}
        if found and repair:
            await mend(migration, validation.differences(), self.over)
        return level

    async def switched(self, turn: Turn) -> None:
        """Switch, however often that is refused, dies, or has to be undone."""
        while not await self._is_done(turn):
            came = await self.outcome(self.start(SWITCH, lambda process: self._switch(process, turn)))
            if isinstance(came, Switch):
                continue
            if isinstance(came, DocferryError):
                self.refusals.append(str(came))
                await self._mended(str(came))
            elif self.draw.random() < ABORTS:
                await asyncio.sleep(self.draw.uniform(0.0, 3.0))
                await self.outcome(self.start("abort", lambda process: self._abort(process, turn)))
            await self._rest(self.draw.uniform(0.1, 3.0))
        last = await last_switch(self.site.ledger)
        assert last
        self.switches.append(last)

    async def _is_done(self, turn: Turn) -> bool:
        at, to = self.site.gates() if turn is Turn.CUTOVER else reversed(self.site.gates())
        last = await last_switch(self.site.ledger)
        turned = at and to and (at.writer, to.writer) == (Writer.REPLICATOR, Writer.APPLICATION)
        return bool(turned and last and last.turn is turn and last.state is State.DONE)

    async def _mended(self, said: str) -> None:
        if "validation" in said or "differences" in said:
            await self.validated()
        if "feeds" in said or "dead-letter" in said or "drain" in said:
            for one in self.site.sides.values():
                one.queue.drop_unreadable()
                one.queue.redrive()

    async def _switch(self, process: Process, turn: Turn) -> Switch:
        directions = await self.site.directions(process, SWITCH)

        def told(step: Step, said: str) -> None:
            self.site.tell(process.name, f"{step.value}: {said}")

        return await perform(directions, turn, self.site.terms, told, _approved)

    async def _abort(self, process: Process, turn: Turn) -> str:
        return await abort(await self.site.directions(process, SWITCH), turn)

    async def completed(self) -> None:
        """End the reverse window."""
        while not await completed(self.site.ledger):
            came = await self.outcome(self.start("complete", self._complete))
            if isinstance(came, DocferryError) and not isinstance(came, LeaseTaken):
                await self._mended(str(came))
            await self._rest(self.draw.uniform(0.1, 2.0))

    async def _complete(self, process: Process) -> bool:
        await complete(await self.site.directions(process, SWITCH), self.site.terms, _approved)
        return True

    async def at_rest(self) -> None:
        """Let applications rest, and wait until nothing is under way and both sides are the same."""
        self.calm.resting = True
        sides = self.site.sides
        while True:
            if self.trouble.over:
                # It would take until they are dead, and the rest of the run would wait for that.
                for one in sides.values():
                    one.queue.drop_unreadable()
            busy = any(one.busy for one in self.applications if one.process.alive)
            left = [(await one.queue.pending()).empty for one in sides.values()]
            if not busy and all(left) and not differing(sides["source"], sides["target"]):
                break
            await self._rest(POLL_S)

    async def quiet(self) -> None:
        """Let applications rest, and wait until none of them is at work."""
        self.calm.resting = True
        while any(one.busy for one in self.applications if one.process.alive):
            await self._rest(POLL_S)

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._refuse_endless()

    def _refuse_endless(self) -> None:
        within_s = self.site.conditions.within_s
        if self.site.loop.us / US > self.site.faults.until_s + within_s:
            left = sorted(differing(self.site.sides["source"], self.site.sides["target"]))
            gates = " and ".join(f"{one.writer.value} {one.epoch}" for one in self.site.gates() if one)
            raise NotFinished(
                f"not done {within_s:g} s after everything was mended; gates {gates}; different: {left[:5]}"
            )


def _named(entry: Any) -> str:
    key = entry["key"] if entry["kind"] == Kind.DOCUMENT.value else entry["key"]["id"]["S"]
    return f"{entry['kind']} {key}"


async def _approved() -> None:
    return
