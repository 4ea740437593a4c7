"""Applications: they write through docferry.client's route and read what they wrote, and tell the oracle."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from docferry.client.leave import Held, Leave, Unanswered
from docferry.client.route import Route
from docferry.client.sending import guarded
from docferry.domain.errors import DocferryError
from docferry.domain.gate import Writer
from docferry.drill.oracle import Found, Operation
from docferry.drill.region import record
from docferry.drill.site import Site
from docferry.drill.watch import other_of
from docferry.simulation.network import Link
from docferry.simulation.process import Process
from docferry.simulation.weather import Request

BODIES = tuple(f"body number {number}".encode() for number in range(4))
"""Few, so that the same bytes come back again and again."""
LARGE = b"in parts " * 100
PARTS = (300, 300, 300)


@dataclass(slots=True)
class Score:
    """What all applications did: how many operations, what failed, and the longest of them, in seconds."""

    done: int = 0
    held: int = 0
    unanswered: int = 0
    failed: int = 0
    reads: int = 0
    longest_s: float = 0.0
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Calm:
    """Whether applications rest for now, or for good."""

    resting: bool = False
    over: bool = False


@dataclass(slots=True)
class Application:
    """One application in one process; several write to the same keys.

    It rests `slower` times as long as usual while no switch is under way.
    """

    site: Site
    process: Process
    draw: random.Random
    keys: int
    score: Score
    calm: Calm
    slower: float = 1.0
    busy: bool = False
    route: Route = field(init=False)
    link: Link = field(init=False)

    def __post_init__(self) -> None:
        self.route, self.link = self.site.route(self.process)

    async def work(self) -> None:
        """Do one operation after another."""
        while not self.calm.over:
            # Where nothing but time goes by, writes upon writes find nothing that fewer do not, and take as long.
            slower = 1.0 if self.site.weather.tense else self.slower
            await asyncio.sleep(self.site.conditions.rest_s * slower * self.draw.random())
            if not self.calm.resting:
                self.busy = True
                await self._one()
                self.busy = False

    async def _one(self) -> None:
        key = f"k{self.draw.randrange(self.keys):02}"
        kind = self.draw.choices(("put", "delete", "tag", "record", "drop", "read"), (5, 2, 1, 4, 1, 5))[0]
        await getattr(self, f"_{kind}")(key)

    async def _put(self, key: str) -> None:
        oracle = self.site.oracle
        large = self.draw.random() < 0.1
        body = LARGE if large else self.draw.choice(BODIES)
        done = oracle.begun(f"put by {self.process.name}", (f"document {key}", f"tags {key}"))
        number = str(done.number)

        def put(region: str) -> None:
            documents = self.site.sides[region].documents
            parts = PARTS if large else ()
            documents.write(key, body, metadata={"op": number}, tags={"op": number}, parts=parts)
            held = documents.now(key)
            done.etag = held.etag if held else ""

        await self._write(done, "put", "documents", put, documents=(key,))

    async def _delete(self, key: str) -> None:
        done = self.site.oracle.begun(
            f"delete by {self.process.name}", (f"document {key}", f"tags {key}"), deletes=True
        )
        await self._write(
            done, "delete", "documents", lambda at: self.site.sides[at].documents.erase(key), documents=(key,)
        )

    async def _tag(self, key: str) -> None:
        done = self.site.oracle.begun(f"tag by {self.process.name}", (f"tags {key}",))
        tags = {"op": str(done.number)}
        await self._write(
            done, "tag", "documents", lambda at: self.site.sides[at].documents.tag(key, tags), documents=(key,)
        )

    async def _record(self, key: str) -> None:
        done = self.site.oracle.begun(f"record by {self.process.name}", (f"record {key}",))
        item = record(key, done.number, str(self.draw.randrange(3)), self.draw.choice(("", key)))
        await self._write(
            done, "put", "records", lambda at: self.site.sides[at].records.write(item), records=(key,)
        )

    async def _drop(self, key: str) -> None:
        done = self.site.oracle.begun(f"drop by {self.process.name}", (f"record {key}",), deletes=True)
        await self._write(
            done,
            "delete",
            "records",
            lambda at: self.site.sides[at].records.erase({"id": {"S": key}}),
            records=(key,),
        )

    async def _write(
        self,
        done: Operation,
        what: str,
        service: str,
        work: Callable[[str], None],
        *,
        documents: tuple[str, ...] = (),
        records: tuple[str, ...] = (),
    ) -> None:
        key = (*documents, *records)[0]

        async def send(leave: Leave) -> str:
            async def effect() -> str:
                work(leave.region)
                self._landed(done, leave.region)
                return ""

            asked = self._request(leave.region, service, f"{what} {done.number}", key, write=True)
            with guarded(leave) as guard:
                await self.link.call(asked, self.site.fenced(leave.region, effect), guard)
            return leave.region

        keys = [{"id": {"S": one}} for one in records]
        if region := await self._asked(done, self.route.write(send, documents=documents, records=keys)):
            self.site.oracle.acknowledged(done)
            self.site.watch.acknowledged(region, done)
            self.site.tell(self.process.name, f"acknowledged {done.number}: {done.what} of {key}")

    async def _asked(self, done: Operation, asked: Coroutine[Any, Any, str]) -> str:
        began_us = self.site.loop.us
        try:
            region = await asked
        except Held:
            # Only the keys of documents and records that were written may have been noted.
            self.score.held += 1
            done.sent_nothing = True
            return ""
        except Unanswered:
            self.score.unanswered += 1
            return ""
        except DocferryError as error:
            self._failed(done.what, error)
            return ""
        self.score.done += 1
        self.score.longest_s = max(self.score.longest_s, (self.site.loop.us - began_us) / 1e6)
        return region

    def _failed(self, what: str, error: DocferryError) -> None:
        if getattr(error, "status", 0) == 404:
            # Tags of what is not there.
            return
        self.score.failed += 1
        self.score.failures.append(f"{what}: {error}")

    def _landed(self, done: Operation, region: str) -> None:
        other = self.site.sides[other_of(region)].gate.now
        self.site.oracle.landed(done, counts=other is None or other.writer is not Writer.APPLICATION)

    async def _read(self, key: str) -> None:
        register = self.draw.choice((f"document {key}", f"record {key}"))
        asked_us = self.site.loop.us

        async def look(leave: Leave) -> Found:
            async def effect() -> Found:
                return self.site.sides[leave.region].found(register)

            asked = self._request(leave.region, register.partition(" ")[0] + "s", "read", key)
            return await self.link.call(asked, effect)

        try:
            found = await self.route.read(look)
        except (Held, Unanswered):
            return
        except DocferryError as error:
            self._failed(f"read {register}", error)
            return
        self.score.reads += 1
        self.site.watch.read(register, found, asked_us)

    def _request(self, region: str, service: str, what: str, key: str, *, write: bool = False) -> Request:
        return Request(self.process.name, region, service, what, key, write, application=True)
