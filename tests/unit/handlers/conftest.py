"""The two functions over a world in memory, asked as AWS asks them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from docferry.domain.errors import DocferryError
from docferry.domain.gate import Writer
from docferry.handlers import data_sync, invocation, validation
from docferry.handlers.publishing import BUS
from docferry.migration import Directions
from docferry.progress import Progress
from docferry.workers.backfill import begin_backfill
from docferry.workers.ranges import divide
from tests.unit.workers.parting import fill
from tests.unit.world import World, filled

T = TypeVar("T")
REGIONS = {"source": "us-east-1", "target": "eu-west-1"}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "token"}


class Client:
    """What the functions ask of AWS beside the stores: it remembers, and answers or fails as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answer: dict[str, Any] = {"QueueUrl": "url"}
        self.fails: DocferryError | None = None

    async def json(self, service: str, target: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((target.rpartition(".")[2], payload))
        if self.fails:
            raise self.fails
        return self.answer


class Functions:
    """Calls a function's handler. `published` are the events it has put on the bus, `metrics` what it counted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.source, self.target = Client(), Client()
        self.leases: list[str] = []
        self.directions: Callable[[str], Directions] = lambda lease: world.directions(lease, f"{lease} here")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)

    def data_sync(self, event: dict[str, Any], seconds: float = 300.0) -> dict[str, Any]:
        answer: dict[str, Any] = data_sync.handler(event, context(seconds))
        return answer

    def validation(self, event: dict[str, Any], seconds: float = 300.0) -> dict[str, Any]:
        answer: dict[str, Any] = validation.handler(event, context(seconds))
        return answer

    @property
    def published(self) -> list[tuple[str, dict[str, Any]]]:
        entries = [one["Entries"][0] for name, one in self.target.asked if name == "PutEvents"]
        return [(one["DetailType"], json.loads(one["Detail"])) for one in entries]

    @asynccontextmanager
    async def opened(self, settings: Any, keys: Any) -> AsyncIterator[Any]:
        keys(settings, settings.source)()
        yield SimpleNamespace(settings=settings, source=self.source, target=self.target, clock=self.world.clock)

    async def build(self, connection: Any, progress: Progress, *, lease: str) -> Directions:
        self.leases.append(lease)
        self.world.progress = progress
        return self.directions(lease)


def context(seconds: float) -> Any:
    return SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:f",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: seconds * 1000,
    )


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for side, region in REGIONS.items():
        values = {"region": region, **{name: f"{side}-{name}" for name in ("bucket", "table", "queue")}}
        values |= {f"{name}_table": f"{side}-{name}" for name in ("control", "conflicts", "journal")}
        for name, value in values.items():
            monkeypatch.setenv(f"DOCFERRY_{side.upper()}__{name.upper()}", value)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(BUS, "bus")
    invocation.settings.cache_clear()
    return monkeypatch


def functions_over(world: World, environment: pytest.MonkeyPatch) -> Functions:
    made = Functions(world)
    environment.setattr(invocation, "opened", made.opened)
    environment.setattr(invocation, "build", made.build)
    return made


@pytest.fixture
def fresh(environment: pytest.MonkeyPatch) -> Functions:
    """Functions over stores that nobody has begun to migrate."""
    return functions_over(asyncio.run(filled()), environment)


async def _carried() -> World:
    world = await filled()
    await begin_backfill(world.directions("sync").forward)
    await divide(world.source, world.ledger, 4, 12)
    await fill(world)
    return world


async def complete(world: World) -> None:
    """Close the target's gate and note that the migration is complete."""
    gate = await world.target_gate.read()
    assert gate
    await world.target_gate.change(gate, gate.turned(Writer.NOBODY))
    await world.ledger.write("complete", {"at": 1.0}, None)


@pytest.fixture
def functions(environment: pytest.MonkeyPatch) -> Functions:
    """Functions over a migration whose backfill is done."""
    return functions_over(asyncio.run(_carried()), environment)
