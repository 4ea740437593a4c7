"""The whole job on an embedded AWS of its own, with writers that never stop meanwhile.

ingest → writers → plan → sync, which goes on beside everything → validate
       → cutover → rollback → cutover → validate → complete → the oracle
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from docferry.clock import SystemClock
from docferry.connection import Connection
from docferry.demo import documents, lag
from docferry.demo.ingest import ingest
from docferry.demo.job import Job
from docferry.demo.judge import judge
from docferry.demo.oplog import End, Tail
from docferry.demo.outcome import Moved, Outcome
from docferry.demo.switching import Operator
from docferry.demo.writer_process import WriterProcess, writing
from docferry.domain.switch import Turn
from docferry.migration import Directions, Migration, Sync
from docferry.preparing import set_up_gates
from docferry.prices import load_prices
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.sandbox import configuration, stores
from docferry.sandbox.emulator import running
from docferry.settings import Client, Runner, Settings
from docferry.spool import KeySpool
from docferry.stages.plan import Options, Plan, plan
from docferry.stages.validate.walk import Scope
from docferry.wiring import build, surveyed
from docferry.workflow import sync, validate

FOLLOW_S = 5.0
"""How long the writers go on after the backfill, so that following is shown and measured by itself."""
STAY_S = 3.0
"""How long the writers go on at least where a switch has led them."""
DEADLINE_S = 3.0
"""How long a write may take, and most of what passes between two switches."""
WINDOW = 16
"""The embedded AWS does one thing after the other: more requests at once only keep each other waiting."""
SEGMENTS = 16
"""A validation lets the differences of one segment settle a hundred records at a time."""
SETTLE_S, SETTLE_VALIDATING_S = 1.0, 3.0
"""The embedded AWS delivers events at once, but a full validation keeps it so busy that they are carried later."""
TURNS = (Turn.CUTOVER, Turn.ROLLBACK, Turn.CUTOVER)
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Demo:
    """What is asked for. `rate` is the writers' operations a second, all together."""

    directory: Path | None = None
    limit: int | None = None
    writers: int = 4
    rate: float = 15.0
    seed: int = 0


@dataclass(slots=True)
class Watch:
    """What whoever watches may look at while it runs. `progress` is the runner's, `checking` a validation's."""

    phase: str = "starting the embedded AWS"
    done: float = 0.0
    total: float | None = None
    progress: Progress = field(default_factory=Progress)
    checking: Progress = field(default_factory=Progress)
    acknowledged: Callable[[], int] = lambda: 0

    def show(self, phase: str) -> None:
        """Say what is being done now."""
        self.phase = phase


async def run(asked: Demo, watch: Watch) -> Outcome:
    """Do it all and return what came of it. Raises DocferryError if a step cannot be done."""
    clock = SystemClock()
    began = clock.monotonic()
    chosen = documents.find(asked.directory, asked.limit) + documents.odd()
    with TemporaryDirectory(prefix="docferry-demo-") as name, running() as url:
        home = Path(name)
        settings = await _set_up(home, url)
        log = home / "operations.jsonl"

        def report(done: int, total: int) -> None:
            watch.done, watch.total = done, total

        watch.show("ingesting documents")
        ingested = await ingest(settings, chosen, log, report)
        watch.done, watch.total = 0.0, None
        await asyncio.to_thread(stores.notify, settings)
        watch.acknowledged = _counting(log)
        async with connected(settings) as connection:
            made, moved = await _Move(connection, asked, watch, log).run()
        watch.show("comparing with the oracle")
        judgement = await judge(settings, log, source_until=moved.source_until)
    return Outcome(ingested, made, watch.progress, moved, judgement, clock.monotonic() - began)


def _counting(log: Path) -> Callable[[], int]:
    tail, count = Tail(log), 0

    def acknowledged() -> int:
        nonlocal count
        count += sum(1 for line in tail.read() if isinstance(line, End) and line.acknowledged)
        return count

    # What was ingested is no live writer's.
    acknowledged()
    count = 0
    return acknowledged


async def _set_up(home: Path, url: str) -> Settings:
    credentials = home / "credentials"
    configuration.write_credentials(credentials)
    runner = Runner(settle_s=SETTLE_S, window=WINDOW, scan_segments=SEGMENTS)
    settings = configuration.sandbox_settings(url, credentials).model_copy(
        update={"client": Client(deadline_s=DEADLINE_S), "runner": runner}
    )
    # The stores are there, and in use, before docferry hears of them: notifications come with docferry.
    await asyncio.to_thread(stores.create, settings, notify=False)
    return settings


@dataclass(frozen=True, slots=True)
class _Move:
    """The way of the writers from the source to the target, for good."""

    connection: Connection
    asked: Demo
    watch: Watch
    log: Path

    async def run(self) -> tuple[Plan, Moved]:
        settings, asked, watch = self.connection.settings, self.asked, self.watch
        directions = await build(self.connection, watch.progress)
        # Applications that write through docferry.client wait for gates. A sync would set them up too, but the
        # writers are to be at work when it begins.
        await set_up_gates(directions.forward)
        job = Job(settings, self.log, writers=asked.writers, rate=asked.rate, seed=asked.seed)
        async with writing(job) as writers:
            watch.show("planning")
            made = await self._plan(directions.forward)
            watch.total = made.documents.total.count
            watch.show("sync")
            stop = asyncio.Event()
            async with _beside(sync(directions, Sync(), stop)) as syncing:
                moved = await _while_running(syncing, self._all_steps(directions))
                await self._end(writers, moved, syncing)
                stop.set()
                await syncing
        return made, moved

    async def _all_steps(self, directions: Directions) -> Moved:
        moved, clock = Moved(), self.connection.clock
        await _until(lambda: self.watch.progress.backfill_done)
        moved.lags = await self._follow()
        # A difference ends it: what there is to find out is at both sides then.
        moved.differences += await self._validate(directions)
        for turn in TURNS if not moved.differences else ():
            moved.switches.append(await self._operator.switch(turn))
            self.watch.show(f"writing in {moved.switches[-1].switch.target_region}")
            await clock.sleep(STAY_S)
        if moved.differences:
            return moved
        validated_from = clock.monotonic()
        moved.differences += await self._validate(directions)
        if not moved.differences:
            # The validation has found everything at the source that was written before it began.
            moved.source_until, began = validated_from, clock.monotonic()
            await self._operator.complete()
            moved.complete, moved.completed_s = True, clock.monotonic() - began
            self.watch.show(f"writing in {self.connection.settings.target.region}")
            await clock.sleep(STAY_S)
        return moved

    @property
    def _operator(self) -> Operator:
        return Operator(self.connection, self.watch.show)

    async def _follow(self) -> lag.Lags:
        quiet = asyncio.Event()
        async with _beside(lag.sample(self.connection.settings, self.log, quiet)) as sampling:
            await self.connection.clock.sleep(FOLLOW_S)
            quiet.set()
            return await sampling

    async def _validate(self, directions: Directions) -> int:
        migration = await directions.in_force() or directions.forward
        # The backfill's own echoes are on the feeds too, and a validation waits for a runner that is behind.
        await self._operator.follows_closely(migration)
        self.watch.checking = Progress()
        self.watch.show("validating")
        tuning = replace(migration.tuning, settle_s=SETTLE_VALIDATING_S)
        migration = replace(migration, progress=self.watch.checking, tuning=tuning)
        checked = await validate(migration, Scope(), lambda _: None)
        differences: int = checked.checkpoint.entry["differences"]
        return differences

    async def _end(self, writers: WriterProcess, moved: Moved, syncing: "asyncio.Task[None]") -> None:
        self.watch.show("stopping the writers")
        await writers.stop()
        if not moved.complete:
            self.watch.show("draining")
            self.watch.progress.caught_up = False
            await _while_running(syncing, _until(lambda: self.watch.progress.caught_up))

    async def _plan(self, migration: Migration) -> Plan:
        with TemporaryDirectory(prefix="docferry-") as name, KeySpool(Path(name)) as spool:
            options = Options(migration.records.document_attribute)
            made_at = self.connection.clock.now()
            return await plan(
                surveyed(self.connection), options, load_prices(), spool, Progress(), made_at=made_at
            )


T = TypeVar("T")


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, T]) -> AsyncIterator["asyncio.Task[T]"]:
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _while_running(syncing: "asyncio.Task[None]", work: Coroutine[Any, Any, T]) -> T:
    """Do work. If the runner fails meanwhile, it ends and that is raised; a complete migration needs no runner."""
    async with _beside(work) as working:
        await asyncio.wait({syncing, working}, return_when=asyncio.FIRST_COMPLETED)
        if syncing.done():
            syncing.result()
        return await working


async def _until(reached: Callable[[], bool]) -> None:
    while not reached():
        await asyncio.sleep(POLL_S)
