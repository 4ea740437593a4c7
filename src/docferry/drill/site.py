"""The whole site: two regions, what is between them, and what each process sees of it."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from docferry.checkpoint import Checkpoint
from docferry.client.leave import Region
from docferry.client.route import Route
from docferry.domain.errors import ServiceError
from docferry.domain.gate import Gate
from docferry.drill.conditions import Conditions
from docferry.drill.oracle import Oracle
from docferry.drill.region import SCHEMA, SIDES, Notifier, Side, side
from docferry.drill.watch import Watch
from docferry.lease import Lease
from docferry.migration import Directions, Migration
from docferry.ports import ChangeFeed
from docferry.progress import Progress
from docferry.simulation.events import Events
from docferry.simulation.faults import Faults
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.loop import Loop
from docferry.simulation.network import Effect, Guard, Link, Network
from docferry.simulation.process import Process
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.remote_control import (
    RemoteFence,
    RemoteGate,
    RemoteJournal,
    RemoteLedger,
    RemoteProvenance,
    RemoteToken,
)
from docferry.simulation.remote_feeds import RemoteQueue, RemoteStream
from docferry.simulation.remote_stores import RemoteDocuments, RemoteRecords
from docferry.simulation.stream import MemoryStreamFeed
from docferry.simulation.way import Way
from docferry.simulation.weather import Weather
from docferry.stages.apply import DocumentSides, RecordSides
from docferry.stages.follow import Feeds
from docferry.stages.heartbeat import Heartbeat
from docferry.stuck import Stuck
from docferry.switch.terms import Terms
from docferry.tokens import Tokens

SWITCH = "switch"
SWITCH_LEASE_S = 2.0
SILENCE_S = 4.0
"""Longer than any request of the engine lives: what was given up is over, as AwsClient's patience sees to."""
APPLICATION_SILENCE_S = 1.0
IDENTITY = {name: {"region": name, "bucket": f"{name}-documents", "table": f"{name}-records"} for name in SIDES}

T = TypeVar("T")


@dataclass(slots=True)
class Job(Generic[T]):
    """A process that was started, and its work. `given_up` is set when its operator takes it for dead."""

    process: Process
    task: "asyncio.Task[T]"
    given_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def ended(self) -> bool:
        """Wait until it has ended, and tell whether it came to its own end."""
        waits = [asyncio.ensure_future(one.wait()) for one in (self.process.gone, self.given_up)]
        await asyncio.wait({self.task, *waits}, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        return self.task.done()


class Site:
    """Everything that outlives a process."""

    def __init__(
        self,
        loop: Loop,
        seed: str,
        faults: Faults,
        terms: Terms,
        conditions: Conditions,
        *,
        fenced: bool,
        tokens: bool,
    ) -> None:
        self.loop, self.faults, self.terms, self.tokens = loop, faults, terms, tokens
        self.conditions = conditions
        self.events = Events()
        self.weather = Weather(faults, random.Random(f"{seed}/network"), conditions.request_us)
        self.network = Network(loop, self.events, self.weather)
        self.oracle = Oracle(lambda: loop.us)
        self.sides: dict[str, Side] = {}
        self.notifiers: dict[str, Notifier] = {}
        self.watch = Watch(loop, self.events, self.oracle, self.sides, tokens, self._tense)
        self.ledger, self.provenance = MemoryLedger(), MemoryProvenance()
        self.jobs: list[Job[Any]] = []
        self.clocks = random.Random(f"{seed}/clocks")
        draw, bucket = random.Random(f"{seed}/events"), None
        for name in SIDES:
            turned = self.watch.turned
            built, notifier = side(
                name, loop, draw, faults, self.weather, turned, bucket, conditions, fenced=fenced
            )
            self.sides[name], self.notifiers[name], bucket = built, notifier, built.documents
        self.network.watchers.append(self.watch.saw)

    def _tense(self, under_way: bool, closed: bool) -> None:
        self.weather.tense, self.weather.closed = under_way, closed
        self.network.reach.turned(self.gates())

    def tell(self, who: str, what: str) -> None:
        """Note what somebody did or said."""
        self.events.note(self.loop.us, who, what)

    def start(self, name: str, work: Callable[[Process], Coroutine[Any, Any, T]]) -> Job[T]:
        """Start a process."""
        process = Process(self.loop, name, skew_s=self._skew_s(name), rate=self._rate())
        self.tell(name, "started" + (f", its clock {process.skew_s:+g} s" if process.skew_s else ""))
        job = Job(process, process.start(work(process)))
        self.jobs = [one for one in self.jobs if not one.task.done() and one.process.alive]
        self.jobs.append(job)
        return job

    def _skew_s(self, name: str) -> float:
        if "clock-skew" not in self.faults or self.loop.us > self.faults.until_s * 1e6:
            return 0.0
        self.weather.count("clock-skew")
        # The dwell is told by the clock of day, as docs/cutover-protocol.md says: a switch's is not far off.
        return self.clocks.choice((0.2, -0.2) if name.startswith(SWITCH) else (0.5, -0.5, 5.0, -5.0, 60.0, -60.0))

    def _rate(self) -> float:
        return self.clocks.uniform(0.98, 1.02) if "clock-skew" in self.faults else 1.0

    def in_office(self) -> Process:
        """Return a process that is no process: who looks at a store from outside, without faults."""
        return Process(self.loop, "office")

    async def directions(self, process: Process, lease: str, progress: Progress | None = None) -> Directions:
        """Build what `wiring` builds, for one process."""
        return await Wiring(self, process, lease, progress or Progress()).directions()

    def route(self, process: Process) -> tuple[Route, Link]:
        """Return an application's way to the open region, and the link that it sends over."""
        link = Link(self.network, process, silence_s=APPLICATION_SILENCE_S, application=True)
        regions = {}
        for name, one in self.sides.items():
            gate, journal = Way(link, name, "gate"), Way(link, name, "journal")
            regions[name] = Region(RemoteGate(gate, one.gate), RemoteJournal(journal, one.journal))
        lease_s, deadline_s = self.terms.lease_s, self.terms.deadline_s
        route = Route(regions, process.clock, lease_s=lease_s, deadline_s=deadline_s, client=process.name)
        return route, link

    def fenced(self, region: str, effect: Effect[T]) -> Effect[T]:
        """Return an application's effect as a store has it: denied while the hard fence denies."""

        async def denied_or_done() -> T:
            fence = self.sides[region].fence
            if fence and fence.refuses():
                raise ServiceError("the hard fence denies", code="AccessDenied", status=403)
            return await effect()

        return denied_or_done

    def gates(self) -> tuple[Gate | None, Gate | None]:
        """Return both gates as they are."""
        return self.sides["source"].gate.now, self.sides["target"].gate.now


@dataclass(frozen=True, slots=True)
class Wiring:
    """What one process is built of: the shape of `docferry.wiring`, over links."""

    site: Site
    process: Process
    lease: str
    progress: Progress

    async def directions(self) -> Directions:
        """Build both directions."""
        site, process = self.site, self.process
        link = Link(site.network, process, silence_s=SILENCE_S)
        if site.tokens:
            link.tokens = {}
        ledger = RemoteLedger(Way(link, "target", "ledger"), site.ledger)
        switch = Lease(
            ledger,
            None,
            process.clock,
            name=SWITCH,
            owner=process.name,
            duration_s=SWITCH_LEASE_S,
            landed=link.landed,
            lost_at=lambda: link.lost_at,
            tokens=self._tokens(link),
        )
        guard = switch.check if self.lease == SWITCH else None
        checkpoints = [await Checkpoint.load(ledger, f"feed/{name}/records") for name in SIDES]
        build = partial(self._migration, link, ledger, switch, guard, checkpoints)
        return Directions(build("source", "target"), build("target", "source"))

    def _tokens(self, link: Link) -> Tokens:
        return Tokens(self._both_tokens(link), self.process.clock, self.site.conditions.token_s)

    def _both_tokens(self, link: Link) -> tuple[RemoteToken, ...]:
        return tuple(RemoteToken(Way(link, name, "sts")) for name in SIDES) if self.site.tokens else ()

    def _migration(
        self,
        link: Link,
        ledger: RemoteLedger,
        switch: Lease,
        guard: Guard | None,
        checkpoints: list[Checkpoint],
        source: str,
        target: str,
    ) -> Migration:
        site, clock = self.site, self.process.clock
        at, to = site.sides[source], site.sides[target]
        target_gate = RemoteGate(Way(link, target, "gate", guard), to.gate)
        permit = switch if guard else self._lease(link, ledger, target_gate)
        marks = RemoteProvenance(Way(link, "target", "marks"), site.provenance)
        at_source = RemoteDocuments(Way(link, source, "documents"), at.documents)
        paired = to.documents.paired_with(at.documents)
        at_target = RemoteDocuments(Way(link, target, "documents", permit.check), paired, at_source)
        back = RemoteDocuments(
            Way(link, source, "documents", permit.check), at.documents.paired_with(to.documents), at_target
        )
        documents = DocumentSides(at_source, at_target, marks, permit)
        records = RecordSides(
            RemoteRecords(Way(link, source, "records"), at.records, SCHEMA),
            RemoteRecords(Way(link, target, "records", permit.check), to.records, SCHEMA),
            marks,
            permit,
            "document_key",
        )
        return Migration(
            clock=clock,
            ledger=RemoteLedger(Way(link, "target", "ledger", guard), site.ledger),
            source_region=source,
            target_region=target,
            source_gate=RemoteGate(Way(link, source, "gate", guard), at.gate),
            target_gate=target_gate,
            source_journal=RemoteJournal(Way(link, source, "journal"), at.journal),
            target_journal=RemoteJournal(Way(link, target, "journal"), to.journal),
            documents=documents,
            records=records,
            feeds=self._feeds(link, checkpoints, source, target),
            feed_checkpoints=tuple(checkpoints),
            lease=permit,
            owner=self.process.name,
            identity=IDENTITY,
            progress=self.progress,
            throttle=_nothing,
            ready=_nothing,
            stuck=Stuck(ledger),
            heartbeat=Heartbeat(documents, back, at_source, at_target, clock),
            tuning=site.conditions.tuning,
            source_fence=self._fence(link, at),
            target_fence=self._fence(link, to),
            tokens=self._both_tokens(link),
        )

    def _lease(self, link: Link, ledger: RemoteLedger, gate: RemoteGate) -> Lease:
        return Lease(
            ledger,
            gate,
            self.process.clock,
            name=self.lease,
            owner=self.process.name,
            duration_s=self.site.conditions.runner_lease_s,
            landed=link.landed,
            lost_at=lambda: link.lost_at,
            tokens=self._tokens(link),
        )

    def _feeds(self, link: Link, checkpoints: list[Checkpoint], source: str, target: str) -> Feeds:
        def queue(name: str) -> ChangeFeed:
            return RemoteQueue(Way(link, name, "queue"), self.site.sides[name].queue, self.process.clock.sleep)

        def stream(name: str) -> ChangeFeed:
            reader = RemoteStream(Way(link, name, "stream"), self.site.sides[name].stream)
            return MemoryStreamFeed(reader, checkpoints[SIDES.index(name)], self.process.clock)

        return Feeds(queue(source), queue(target), stream(source), stream(target))

    def _fence(self, link: Link, at: Side) -> RemoteFence | None:
        if at.fence is None:
            return None
        return RemoteFence(Way(link, at.name, "fence"), at.fence, lambda: -self.process.skew_s)


async def _nothing() -> None:
    return
