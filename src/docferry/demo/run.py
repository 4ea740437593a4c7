"""The main job from beginning to end on an embedded AWS of its own, with writers that never stop meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from docferry.clock import SystemClock
from docferry.demo import documents, lag
from docferry.demo.ingest import Ingested, ingest
from docferry.demo.job import Job
from docferry.demo.judge import Judgement, judge
from docferry.demo.oplog import End, Tail
from docferry.demo.writer_process import writing
from docferry.migration import Directions, Migration, Sync
from docferry.prices import load_prices
from docferry.progress import Progress
from docferry.sandbox import configuration, stores
from docferry.sandbox.emulator import running
from docferry.settings import Settings
from docferry.spool import KeySpool
from docferry.stages.plan import Options, Plan, Stores, plan
from docferry.stages.validate.walk import Scope
from docferry.wiring import build, connected, surveyed
from docferry.workflow import sync, validate

FOLLOW_S = 5.0
"""How long the writers go on after the backfill, so that following is shown and measured by itself."""
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Demo:
    """What is asked for. `rate` is the writers' operations a second, all together."""

    directory: Path | None = None
    limit: int | None = None
    writers: int = 4
    rate: float = 60.0
    seed: int = 0


@dataclass(slots=True)
class Watch:
    """What whoever watches may look at while it runs."""

    phase: str = "starting the embedded AWS"
    done: float = 0.0
    total: float | None = None
    progress: Progress = field(default_factory=Progress)
    acknowledged: Callable[[], int] = lambda: 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    ingested: Ingested
    plan: Plan
    progress: Progress
    lags: lag.Lags
    differences: int
    judgement: Judgement
    duration_s: float

    @property
    def clean(self) -> bool:
        """Whether nothing failed, was lost, went stale, came back or differs."""
        return self.judgement.clean and not self.differences

    def as_json(self) -> dict[str, Any]:
        """Return the figures under their documented names, times in seconds."""
        judgement, took_s = self.judgement, self.progress.documents_backfill_s
        return {
            "documents": self.ingested.documents,
            "bytes": self.ingested.bytes,
            "records": self.ingested.records,
            "writes_acknowledged": judgement.writes_acknowledged,
            "failed_requests": judgement.failed_requests,
            "lost_writes": judgement.lost_writes,
            "stale_writes": judgement.stale_writes,
            "resurrected_deletes": judgement.resurrected_deletes,
            "differences": self.differences,
            "lag_p50_s": _shown(self.lags.quantile(0.5)),
            "lag_p99_s": _shown(self.lags.quantile(0.99)),
            "max_write_pause_s": _shown(judgement.max_write_pause_s),
            "backfill_documents_per_s": round(self.progress.documents_seen / took_s, 1) if took_s else None,
            "duration_s": _shown(self.duration_s),
            "switches": [],
        }


def _shown(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


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

        watch.phase = "ingesting documents"
        ingested = await ingest(settings, chosen, log, report)
        watch.done, watch.total = 0.0, None
        await asyncio.to_thread(stores.notify, settings)
        watch.acknowledged = _counting(log)
        async with connected(settings) as connection:
            directions = await build(connection, watch.progress)
            migration = directions.forward
            made, lags = await _move(directions, surveyed(connection), settings, asked, watch, log)
            synced, watch.progress, watch.phase = watch.progress, Progress(), "validating"
            checked = await validate(replace(migration, progress=watch.progress), Scope(), lambda _: None)
        watch.phase = "comparing with the oracle"
        judgement = await judge(settings, log)
    differences = checked.checkpoint.entry["differences"]
    return Outcome(ingested, made, synced, lags, differences, judgement, clock.monotonic() - began)


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
    settings = configuration.sandbox_settings(url, credentials)
    # The stores are there, and in use, before docferry hears of them: notifications come with docferry.
    await asyncio.to_thread(stores.create, settings, notify=False)
    return settings


async def _move(
    directions: Directions, surveyed_stores: Stores, settings: Settings, asked: Demo, watch: Watch, log: Path
) -> tuple[Plan, lag.Lags]:
    job = Job(settings, log, writers=asked.writers, rate=asked.rate, seed=asked.seed)
    quiet, never = asyncio.Event(), asyncio.Event()
    async with writing(job) as writers:
        watch.phase = "planning"
        made = await _plan(directions.forward, surveyed_stores)
        watch.phase, watch.total = "sync", made.documents.total.count
        async with _beside(sync(directions, Sync(once=True), never)) as syncing:
            await _until(lambda: watch.progress.backfill_done, syncing)
            async with _beside(lag.sample(settings, log, quiet)) as sampling:
                await _until_over(FOLLOW_S, syncing)
                await writers.stop()
                watch.phase = "draining"
                quiet.set()
                await _until(sampling.done, syncing)
                lags = await sampling
                await syncing
    return made, lags


async def _plan(migration: Migration, surveyed_stores: Stores) -> Plan:
    with TemporaryDirectory(prefix="docferry-") as name, KeySpool(Path(name)) as spool:
        options = Options(migration.records.document_attribute)
        return await plan(
            surveyed_stores, options, load_prices(), spool, Progress(), made_at=migration.clock.now()
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


async def _until(reached: Callable[[], bool], syncing: "asyncio.Task[None]") -> None:
    while not reached():
        if syncing.done():
            await syncing
            return
        await asyncio.sleep(POLL_S)


async def _until_over(seconds: float, syncing: "asyncio.Task[None]") -> None:
    clock = SystemClock()
    end = clock.monotonic() + seconds
    await _until(lambda: clock.monotonic() >= end, syncing)
