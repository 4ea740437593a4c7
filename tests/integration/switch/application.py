"""An application as its own process: it writes through docferry.client and logs every operation.

    python application.py CONFIG LOG NAME

One line before an operation with what its key will then hold, one after it with how it ended. Each task has keys
of its own and does one operation at a time, so that no two on one key overlap. SIGUSR1 makes it pause, which it
logs once nothing is under way any more, SIGUSR2 lets it go on, and SIGTERM ends it: what is under way is seen
through.
"""

import asyncio
import json
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from docferry.client import DocumentStore, Leave, connect
from docferry.settings import load

TASKS = 3
KEYS_A_TASK = 5
PAUSE_S = 0.08
"""So that no key is written more often than it is carried: a listing would differ at every look."""
LEAVE: ContextVar[Leave | None] = ContextVar("leave", default=None)
State = dict[str, Any] | None


class Log:
    """Appends lines, each in one write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._numbers = count(1)

    async def logged(self, kind: str, key: str, state: State, work: Awaitable[Any]) -> bool:
        """Do one operation between its two lines, and tell whether it was acknowledged."""
        number, error = next(self._numbers), ""
        self.write({"n": number, "kind": kind, "key": key, "state": state, "at": time.monotonic()})
        try:
            await work
        except Exception as failed:
            error = f"{type(failed).__name__}: {failed}"
        self.write({"n": number, "error": error, "at": time.monotonic()})
        return not error

    def write(self, line: dict[str, Any]) -> None:
        """Append one line."""
        self._file.write(json.dumps(line).encode() + b"\n")


@cache
def dynamodb(endpoint: str, region: str) -> Any:
    config = Config(connect_timeout=2, read_timeout=3, proxies={})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("dynamodb", region_name=region, endpoint_url=endpoint, config=config, **keys)

    def check(**_: Any) -> None:
        if leave := LEAVE.get():
            leave.check()

    client.meta.events.register("before-send", check)
    return client


class Task:
    """One of the application's tasks with its keys and what they hold as far as it knows."""

    def __init__(self, store: DocumentStore, log: Log, endpoint: str, name: str, number: int) -> None:
        self._store, self._log, self._endpoint = store, log, endpoint
        self._random = random.Random(f"{name} {number}")
        self._owner, self._number = name, number
        self._base = f"{name}/{number}/base.txt"
        self._documents: dict[str, State] = {f"{name}/{number}/ü {one}.txt": None for one in range(KEYS_A_TASK)}
        self._values = count(1)
        self.busy = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop."""
        await self._put(self._base)
        steps: tuple[Callable[[], Awaitable[None]], ...] = (self._document, self._document, self._record)
        while not stop.is_set():
            async with self.busy:
                await self._random.choice(steps)()
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * PAUSE_S)

    async def _document(self) -> None:
        key = self._random.choice(list(self._documents))
        held = self._documents[key]
        chance = self._random.random()
        if held and chance < 0.25:
            tagged = {**held, "tags": {"n": str(next(self._values))}}
            await self._done(key, tagged, self._store.tag(key, tagged["tags"]))
        elif held and chance < 0.45:
            await self._done(key, None, self._store.delete(key))
        else:
            await self._put(key)

    async def _put(self, key: str) -> None:
        value = next(self._values)
        body, number = f"value {value} of {self._owner}", {"n": str(value)}
        state = {"body": body, "meta": str(value), "tags": number}
        put = self._store.put(key, body.encode(), content_type="text/plain", metadata=number, tags=number)
        await self._done(key, state, put)

    async def _done(self, key: str, state: State, work: Awaitable[Any]) -> None:
        acknowledged = await self._log.logged("document", key, state, work)
        if key in self._documents:
            # Unknown otherwise: only what replaces all of it may come next.
            self._documents[key] = state if acknowledged else None

    async def _record(self) -> None:
        name = f"{self._number}-{self._random.randrange(KEYS_A_TASK)}"
        key = {"owner": {"S": self._owner}, "record_id": {"S": name}}
        value = {"value": {"N": str(next(self._values))}, "document_key": {"S": self._base}}
        item = None if self._random.random() < 0.3 else {**key, **value}

        async def work(leave: Leave) -> None:
            LEAVE.set(leave)
            client, table = dynamodb(self._endpoint, leave.place.aws_region), leave.place.table
            if item is None:
                await asyncio.to_thread(client.delete_item, TableName=table, Key=key)
            else:
                await asyncio.to_thread(client.put_item, TableName=table, Item=item)

        await self._log.logged("record", name, item, self._store.route.write(work, records=[key]))


class Application:
    """All tasks, and what signals do to them."""

    def __init__(self, tasks: list[Task], log: Log) -> None:
        self._tasks, self._log = tasks, log
        self._stop, self._go_on = asyncio.Event(), asyncio.Event()
        self._pauses = set[asyncio.Task[None]]()

    async def run(self) -> None:
        """Write with all tasks until SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopped)
        loop.add_signal_handler(signal.SIGUSR1, lambda: self._pauses.add(asyncio.ensure_future(self._pause())))
        loop.add_signal_handler(signal.SIGUSR2, self._go_on.set)
        await asyncio.gather(*(one.run(self._stop) for one in self._tasks))

    def _stopped(self) -> None:
        self._stop.set()
        self._go_on.set()

    async def _pause(self) -> None:
        self._go_on.clear()
        for one in self._tasks:
            await one.busy.acquire()
        self._log.write({"paused": time.monotonic()})
        await self._go_on.wait()
        for one in self._tasks:
            one.busy.release()


async def main(config: Path, log: Path, name: str) -> None:
    """Connect as applications do, and write."""
    settings, held = load(config), Log(log)
    async with connect(config, client=name) as store:
        tasks = [Task(store, held, settings.aws.endpoint_url, name, number) for number in range(TASKS)]
        await Application(tasks, held).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
