"""The live writers: a process of its own that writes through `docferry.client` until it is told to stop.

    python -m docferry.demo.writers      reads a job as one JSON line, then writes until its input is closed

Its input is the lifeline: whoever started it closes it to stop, and it closes by itself if they die. SIGTERM and
SIGINT stop it too. Operations in flight are finished first, for at most STOP_S.
"""

import asyncio
import os
import random
import signal
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from docferry.clock import SystemClock
from docferry.demo import oracle
from docferry.demo.documents import PREFIX, tags_of
from docferry.demo.job import Job
from docferry.demo.oplog import OperationLog
from docferry.demo.records import is_note, keys_of, note_key
from docferry.demo.routed import Writer, routed
from docferry.demo.state import DocumentState
from docferry.domain.errors import DocferryError

STOP_S = 30.0
"""How long operations in flight may take to end, in seconds; what is left then stays open in the log."""
BODY_BYTES = 8192
HOT_KEYS = 40
LIVE_KEYS = 400
"""How many keys beside the ingested ones the writers create, delete and create again."""
WEIGHTS = {"overwrite": 30, "metadata": 20, "retag": 20, "record": 18, "delete": 12}
"""How often each is done to a document that is there; one that is not there is created."""


@dataclass(slots=True)
class Store:
    """The store as the writers know it. `held` has every key that ever was; `unsure` those of a failed request."""

    held: dict[str, DocumentState | None]
    ingested: list[str]
    hot: list[str]
    notes: int
    unsure: set[str] = field(default_factory=set)
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))


def known(log: Path, seed: int) -> tuple[Store, int]:
    """Return the store as a log leaves it, and the number of its last operation."""
    learned = oracle.read(log)
    held = {key: one.last for key, one in learned.documents.items()}
    documents = {key: one for key, one in held.items() if one is None or isinstance(one, DocumentState)}
    keys = sorted(documents)
    hot = random.Random(seed).sample(keys, min(HOT_KEYS, len(keys)))
    unsure = {key for key, one in learned.documents.items() if one.maybes}
    notes = sum(map(is_note, learned.records))
    return Store(documents, keys, hot, notes, unsure), learned.last_op


def pick(store: Store, rng: random.Random) -> str:
    """Choose a document's key: a live one, a hot one or any ingested one."""
    draw = rng.random()
    if draw < 0.3 or not store.ingested:
        return f"{PREFIX}live/{rng.randrange(LIVE_KEYS):04d}.txt"
    return rng.choice(store.hot if draw < 0.65 else store.ingested)


def choose(store: Store, key: str, rng: random.Random) -> str:
    """Choose what to do to a document. After a failed request only what leaves no doubt about it."""
    if key in store.unsure:
        return rng.choice(("overwrite", "delete"))
    if store.held.get(key) is None:
        return "recreate" if key in store.held else "create"
    return rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


async def operate(writer: Writer, store: Store, rng: random.Random) -> None:
    """Do one operation on one document and its records, or on a record without a document.

    Raises DocferryError if a request failed for good.
    """
    if store.notes and rng.random() < 0.05:
        await _on_note(writer, store, rng)
        return
    key = pick(store, rng)
    async with store.locks[key]:
        kind = choose(store, key, rng)
        try:
            state = await _on_document(writer, kind, key, store.held.get(key), rng)
        except DocferryError:
            store.unsure.add(key)
            raise
        store.unsure.discard(key)
        store.held[key] = state


async def _on_note(writer: Writer, store: Store, rng: random.Random) -> None:
    key = note_key(rng.randrange(store.notes))
    async with store.locks[key.name]:
        if rng.random() < 0.3:
            await writer.delete_record(key)
        else:
            await writer.put_record("overwrite", key)


async def _on_document(
    writer: Writer, kind: str, key: str, held: DocumentState | None, rng: random.Random
) -> DocumentState | None:
    # Document before record on the way in, record before document on the way out.
    metadata = {"author": writer.name, "draft": str(rng.randrange(1000))}
    tags = {**tags_of(key), "reviewed": f"by {writer.name}"}
    if kind == "delete":
        for record in keys_of(key):
            await writer.delete_record(record)
        await writer.delete(key)
        return None
    if kind == "metadata" and held:
        return await writer.put_metadata(key, held, metadata)
    if kind == "retag" and held:
        return await writer.retag(key, held, tags)
    if kind != "record":
        body = rng.randbytes(rng.randrange(BODY_BYTES))
        held = await writer.put(kind, key, body, "application/octet-stream", metadata, tags)
    for record in keys_of(key):
        await writer.put_record(kind, record, key)
    return held


async def write_until(stop: asyncio.Event, writer: Writer, store: Store, gap_s: float, seed: str) -> None:
    """Do operations, on average one each `gap_s` seconds; failed requests are in the log and no reason to stop."""
    rng, clock = random.Random(seed), writer.clock
    due = clock.monotonic()
    while not stop.is_set():
        with suppress(DocferryError):
            await operate(writer, store, rng)
        # A writer that was held up goes on at its pace and does not make up for lost time.
        due = max(due + gap_s * rng.uniform(0.5, 1.5), clock.monotonic())
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), due - clock.monotonic())


async def run(job: Job, stop: asyncio.Event) -> None:
    """Write until `stop` is set, then finish what is in flight."""
    store, last_op = known(job.log, job.seed)
    clock = SystemClock()
    gap_s = job.writers / job.rate
    with OperationLog(job.log, last_op) as log:
        async with routed(job.settings) as requests, asyncio.TaskGroup() as group:
            for number in range(job.writers):
                writer = Writer(requests, log, clock, f"writer-{number}", job.settings.records.document_attribute)
                group.create_task(write_until(stop, writer, store, gap_s, f"{job.seed} {number}"))


async def _main() -> None:
    job = Job.loads(sys.stdin.buffer.readline())
    stop = asyncio.Event()
    _listen(stop)
    writing, stopping = asyncio.create_task(run(job, stop)), asyncio.create_task(stop.wait())
    await asyncio.wait({writing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    with suppress(TimeoutError):
        await asyncio.wait_for(writing, STOP_S)


def _listen(stop: asyncio.Event) -> None:
    loop, lifeline = asyncio.get_running_loop(), sys.stdin.fileno()

    def heard() -> None:
        if not os.read(lifeline, 1024):
            loop.remove_reader(lifeline)
            stop.set()

    loop.add_reader(lifeline, heard)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


if __name__ == "__main__":
    asyncio.run(_main())
