"""One region of a simulated site: everything in it, and what is found there."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from docferry.domain.change import DocumentChange
from docferry.domain.document import differing_fields
from docferry.domain.gate import Gate
from docferry.domain.record import Item, KeySchema, digest, same
from docferry.domain.reserved import is_reserved
from docferry.drill.conditions import Conditions
from docferry.drill.oracle import Found
from docferry.ports import Delivery
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.faults import Faults
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.fence import MemoryFence
from docferry.simulation.gate import MemoryGate
from docferry.simulation.journal import MemoryJournal
from docferry.simulation.loop import Loop
from docferry.simulation.process import WorldClock
from docferry.simulation.records import MemoryRecords
from docferry.simulation.stream import MemoryStream
from docferry.simulation.weather import Weather

SIDES = ("source", "target")
SCHEMA = KeySchema("id")
STRAY = "stray/"
"""The keys of an application that asks no gate: nothing is promised to it but that its writes are kept."""
VISIBILITY_S = 4.0
TRIES = 12
LATE_EVENT_US = (200_000, 4_000_000)
EVENT_SHARE = 0.1


@dataclass(slots=True)
class Side:
    """One region."""

    name: str
    documents: MemoryDocuments
    records: MemoryRecords
    queue: MemoryFeed
    stream: MemoryStream
    gate: MemoryGate
    journal: MemoryJournal
    fence: MemoryFence | None

    def found(self, register: str) -> Found:
        """Look into a register."""
        kind, _, key = register.partition(" ")
        if kind == "record":
            item = self.records.now({"id": {"S": key}})
            return Found(int(item["op"]["N"]) if item else None)
        held = self.documents.now(key)
        if held is None:
            return Found(None)
        return Found(int(held.metadata["op"]), held.etag) if kind == "document" else Found(int(held.tags["op"]))


@dataclass(slots=True)
class Notifier:
    """Brings what happens to a bucket onto its queue: late, twice and in any order."""

    loop: Loop
    draw: random.Random
    faults: Faults
    weather: Weather
    queue: MemoryFeed
    now: Callable[[], float]
    event_us: tuple[int, int]

    def changed(self, change: DocumentChange) -> None:
        """Send an event on its way."""
        delivery = Delivery("", documents=(change,), at=self.now())
        self._send(delivery, self._takes_us())
        if "duplicate-events" in self.faults and self.draw.random() < EVENT_SHARE:
            self.weather.count("duplicate-events")
            self._send(delivery, self._takes_us())

    def poison(self) -> None:
        """Put a message on the queue that nobody can read."""
        self.weather.count("poison-event")
        self.queue.deliver(Delivery("", unreadable="a message that is no event"))

    def _send(self, delivery: Delivery, us: int) -> None:
        self.loop.after(us, lambda: self.queue.deliver(delivery))

    def _takes_us(self) -> int:
        if "late-events" in self.faults and self.draw.random() < EVENT_SHARE:
            self.weather.count("late-events")
            return self.draw.randint(*LATE_EVENT_US)
        return self.draw.randint(*self.event_us)


def side(
    name: str,
    loop: Loop,
    draw: random.Random,
    faults: Faults,
    weather: Weather,
    turned: Callable[[str, Gate | None, Gate], None],
    source: MemoryDocuments | None,
    conditions: Conditions,
    *,
    fenced: bool,
) -> tuple[Side, Notifier]:
    """Build a region; `source` is the bucket that its own copies from."""
    clock = WorldClock(loop)
    queue = MemoryFeed(now=clock.now, visibility_s=VISIBILITY_S, tries=TRIES, most=conditions.messages, draw=draw)
    notifier = Notifier(loop, draw, faults, weather, queue, clock.now, conditions.event_us)
    stream = MemoryStream(clock.now)
    built = Side(
        name,
        MemoryDocuments(source, page_rows=conditions.page_rows, events=notifier.changed, now=clock.now),
        MemoryRecords(SCHEMA, page_items=conditions.page_rows, events=stream.append),
        queue,
        stream,
        MemoryGate(lambda before, after: turned(name, before, after)),
        MemoryJournal(),
        MemoryFence(clock, spread_s=1.0) if fenced else None,
    )
    return built, notifier


def differing(one: Side, other: Side) -> set[str]:
    """Name every key whose sides differ, metadata, tags and bytes included."""
    found = set()
    for key in one.documents.written | other.documents.written:
        if is_reserved(key):
            continue
        here, there = one.documents.now(key), other.documents.now(key)
        if here is None or there is None:
            same_documents = here is there
        else:
            same_bytes = one.documents.bytes_of(here) == other.documents.bytes_of(there)
            same_documents = same_bytes and not differing_fields(here, there)
        if not same_documents:
            found.add(f"document {key}")
    mine, theirs = ({digest(SCHEMA.key_of(item)): item for item in at.records.items()} for at in (one, other))
    for name in {*mine, *theirs}:
        if not same(mine.get(name), theirs.get(name)):
            found.add(f"record {(mine.get(name) or theirs[name])['id']['S']}")
    return found


def record(key: str, number: int, value: str, document: str) -> Item:
    """Return a record that an operation writes."""
    named: Item = {"document_key": {"S": document}} if document else {}
    return {"id": {"S": key}, "op": {"N": str(number)}, "value": {"N": value}, **named}
