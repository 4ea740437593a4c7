"""The ports as one process sees them: each call is a request over its link to a service in memory."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from docferry.domain.change import Kind
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Conflict
from docferry.domain.gate import Gate
from docferry.domain.journal import Presence, Touched
from docferry.domain.record import Item, KeySchema
from docferry.ports import Delivery, Entry, Kept, ListingPage, Mark, Pending, RecordPage, Written
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.feed import MemoryFeed
from docferry.simulation.fence import MemoryFence
from docferry.simulation.gate import MemoryGate
from docferry.simulation.journal import MemoryJournal
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.loop import US
from docferry.simulation.network import Effect, Guard, Lasting, Link
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.records import MemoryRecords
from docferry.simulation.stream import MemoryStream, StreamPage
from docferry.simulation.weather import Request

JOURNAL_PAGE = 8


@dataclass(frozen=True, slots=True)
class Way:
    """The way to one service of one region. `guard` is asked right before every write."""

    link: Link
    region: str
    service: str
    guard: Guard | None = None

    async def read(self, what: str, effect: Effect[Any], key: str = "", *, listing: bool = False) -> Any:
        """Send a request that changes nothing."""
        link = self.link
        asked = Request(link.process.name, self.region, self.service, what, key, listing=listing)
        asked.application = link.application
        return await link.call(asked, effect)

    async def write(
        self,
        what: str,
        effect: Effect[Any],
        key: str = "",
        *,
        conditional: bool = False,
        half: Effect[object] | None = None,
        guard: Guard | None = None,
    ) -> Any:
        """Send a request that changes something, under the guard."""
        link = self.link
        asked = Request(link.process.name, self.region, self.service, what, key, True, conditional)
        asked.application, asked.half = link.application, half
        return await link.call(asked, effect, guard or self.guard)


@dataclass(frozen=True, slots=True)
class RemoteDocuments:
    """The `DocumentStore` and `Beacon` ports over a bucket; `inner` knows which one it copies from."""

    way: Way
    inner: MemoryDocuments
    source: "RemoteDocuments | None" = None

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        """List a page."""
        found: ListingPage = await self.way.read(
            "list", partial(self.inner.page, after, prefix), after, listing=True
        )
        return found

    async def look(self, key: str) -> Document | None:
        """Look at a document."""
        found: Document | None = await self.way.read("look", partial(self.inner.look, key), key)
        return found

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy with one request, or part by part."""
        if source.multipart or source.size > self.inner.copy_limit:
            return await self._in_parts(source, expected)

        async def begin() -> Lasting:
            # S3 judges the source's condition when it begins, and the target's when it is done.
            return Lasting(partial(self.inner.assemble, self.inner.taken(source), expected))

        written: Written = await self.way.write("copy", begin, source.key, conditional=True)
        return written

    async def _in_parts(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        assert self.source is not None
        shown = await self.source.look(source.key)
        if shown is None or shown.etag != source.etag:
            raise Conflict(f"{source.key!r} changed at the source before it was copied")
        for number, _ in enumerate(self.inner.part_sizes(shown), 1):
            await self.way.write(f"copy part {number}", partial(self.inner.part, shown), shown.key)
        work = partial(self.inner.assemble, shown, expected)
        written: Written = await self.way.write("complete", work, shown.key, conditional=True)
        if shown.tags:
            # As the real one does, for stores that drop them from an upload in parts.
            await self.put_tags(shown.key, written.version, shown.tags)
        return written

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace tags."""
        await self.way.write("tag", partial(self.inner.put_tags, key, version, tags), key)

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker."""
        work = partial(self.inner.remove, key, expected)
        written: Written = await self.way.write("remove", work, key, conditional=True)
        return written

    async def read_digest(self, document: Document) -> str:
        """Read the bytes."""
        found: str = await self.way.read("get", partial(self.inner.read_digest, document), document.key)
        return found

    async def put(self, key: str, number: str) -> str:
        """Put a reserved document: under no guard, as the real one is."""
        return str(await Way(self.way.link, self.way.region, "documents").write(
            "put", partial(self.inner.put, key, number), key
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemoteRecords:
    """The `RecordStore` port over a table."""

    way: Way
    inner: MemoryRecords
    key: KeySchema

    async def schema(self) -> KeySchema:
        """Return the key schema, which every process asks for once."""
        return self.key

    async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
        """Read a page of a scan."""
        work = partial(self.inner.scan, segment, segments, position)
        found: RecordPage = await self.way.read("scan", work, str(segment), listing=True)
        return found

    async def get(self, key: Item) -> Item | None:
        """Read one item."""
        found: Item | None = await self.way.read("get", partial(self.inner.get, key), name_of(key))
        return found

    async def get_many(self, keys: Sequence[Item]) -> tuple[Item, ...]:
        """Read many at once."""
        if not keys:
            return ()
        found: tuple[Item, ...] = await self.way.read(
            "get", partial(self.inner.get_many, keys), f"{len(keys)} items"
        )
        return found

    async def put(self, item: Item, expected: Item | None) -> None:
        """Put one."""
        key = name_of(self.key.key_of(item))
        await self.way.write("put", partial(self.inner.put, item, expected), key, conditional=True)

    async def delete(self, key: Item, expected: Item) -> None:
        """Delete one."""
        await self.way.write("delete", partial(self.inner.delete, key, expected), name_of(key), conditional=True)


def name_of(key: Item) -> str:
    """Show the key of an item."""
    return "/".join(str(next(iter(one.values()))) for one in key.values())


@dataclass(frozen=True, slots=True)
class RemoteGate:
    """The `GateStore` port over a gate."""

    way: Way
    inner: MemoryGate

    async def read(self) -> Gate | None:
        """Read the gate."""
        found: Gate | None = await self.way.read("read", self.inner.read)
        return found

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Turn the gate."""
        what = f"turn to {desired.writer.value} {desired.epoch}{' journal' if desired.journal else ''}"
        await self.way.write(what, partial(self.inner.change, expected, desired), conditional=True)


@dataclass(frozen=True, slots=True)
class RemoteLedger:
    """The `Ledger` port over a ledger."""

    way: Way
    inner: MemoryLedger

    async def read(self, name: str) -> Entry | None:
        """Read an entry."""
        found: Entry | None = await self.way.read("read", partial(self.inner.read, name), name)
        return found

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write an entry."""
        await self.way.write("write", partial(self.inner.write, name, entry, expected), name, conditional=True)


@dataclass(frozen=True, slots=True)
class RemoteJournal:
    """The `Journal` port over a journal, read page by page."""

    way: Way
    inner: MemoryJournal

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        """Note keys."""
        half = partial(self.inner.note, epoch, touched[: len(touched) // 2])
        names = f"{epoch}: {', '.join(one.name[:24] for one in touched[:3])}"
        await self.way.write("note", partial(self.inner.note, epoch, touched), names, half=half)

    async def touched(self, epoch: int) -> AsyncIterator[Touched]:
        """Read all pages."""
        after = ""
        while True:
            work = partial(self.inner.page, epoch, after, JOURNAL_PAGE)
            page: tuple[Touched, ...] = await self.way.read("read", work, str(epoch), listing=True)
            for one in page:
                yield one
            if len(page) < JOURNAL_PAGE:
                return
            after = page[-1].name

    async def present(self, presence: Presence) -> None:
        """Say that a client is there."""
        await self.way.write("present", partial(self.inner.present, presence), presence.client)

    async def clients(self) -> tuple[Presence, ...]:
        """Read all clients."""
        found: tuple[Presence, ...] = await self.way.read("clients", self.inner.clients)
        return found


@dataclass(frozen=True, slots=True)
class RemoteProvenance:
    """The `Provenance` port over marks."""

    way: Way
    inner: MemoryProvenance

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Ask for marks."""
        found: frozenset[Mark] = await self.way.read("wrote", partial(self.inner.wrote, kind, marks))
        return found

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note marks."""
        if marks:
            half = partial(self.inner.note, kind, marks[: len(marks) // 2])
            await self.way.write("note", partial(self.inner.note, kind, marks), marks[0].key[:24], half=half)

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep a state."""
        await self.way.write("keep", partial(self.inner.keep, kind, mark, item), mark.key[:24])

    async def kept(self) -> AsyncIterator[Kept]:
        """Give what was kept."""
        for one in tuple(self.inner.conflicts):
            yield one


@dataclass(frozen=True, slots=True)
class RemoteQueue:
    """The `ChangeFeed` port over a queue; `sleep` waits where nothing comes."""

    way: Way
    inner: MemoryFeed
    sleep: Callable[[float], Any]

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Receive, once more after the wait where there is nothing."""
        found: tuple[Delivery, ...] = await self._receive()
        if not found and wait_s > 0:
            await self.sleep(wait_s)
            found = await self._receive()
        return found

    async def _receive(self) -> Any:
        return await self.way.read("receive", partial(self.inner.receive, 0.0))

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Delete messages."""
        if deliveries:
            half = partial(self.inner.take_off, deliveries[: len(deliveries) // 2])
            work = partial(self.inner.take_off, deliveries)
            await self.way.write("take off", work, f"{len(deliveries)} messages", half=half)

    async def pending(self) -> Pending:
        """Ask what is left."""
        found: Pending = await self.way.read("pending", self.inner.pending)
        return found

    async def retention_s(self) -> float:
        """Ask how long it keeps them."""
        return float(await self.way.read("retention", self.inner.retention_s))


@dataclass(frozen=True, slots=True)
class RemoteStream:
    """What a stream's feed reads, over a stream."""

    way: Way
    inner: MemoryStream

    async def shards(self) -> tuple[str, ...]:
        """List shards."""
        found: tuple[str, ...] = await self.way.read("shards", self.inner.shards)
        return found

    async def read(self, shard: str, after: int) -> StreamPage:
        """Read a page."""
        work = partial(self.inner.read, shard, after)
        found: StreamPage = await self.way.read("read", work, f"{shard} after {after}", listing=True)
        return found


@dataclass(frozen=True, slots=True)
class RemoteFence:
    """The `HardFence` port over a fence; `ahead` is how far the services' clocks are ahead of the process's."""

    way: Way
    inner: MemoryFence
    ahead: Callable[[], float]

    async def refusal(self) -> str:
        """Ask why not."""
        return str(await self.way.read("refusal", self.inner.refusal))

    async def close_between(self, begin: float, end: float) -> None:
        """Close from one moment to another."""
        ahead_s = self.ahead()
        work = partial(self.inner.close_between, begin + ahead_s, end + ahead_s)
        await self.way.write("close for a time", work)

    async def close(self) -> None:
        """Close."""
        await self.way.write("close", self.inner.close)

    async def lift(self) -> bool:
        """Lift."""
        return bool(await self.way.write("lift", self.inner.lift))

    async def denials(self) -> tuple[bool, ...]:
        """Probe."""
        found: tuple[bool, ...] = await self.way.read("probe", self.inner.denials)
        return found


@dataclass(frozen=True, slots=True)
class RemoteToken:
    """The `FencingToken` port: one more session for the link's guarded requests to a region.

    Its end is by the service's own clock, counted from when it was given: never later than the asker counts.
    """

    way: Way

    async def take(self, session: str, lasts_s: float) -> None:
        """Take one."""
        link = self.way.link
        asked_us = link.network.loop.us

        async def give() -> float:
            return asked_us + lasts_s * US

        over_us = float(await self.way.write("assume", give, session))
        assert link.tokens is not None
        link.tokens[self.way.region] = over_us

    async def refusal(self) -> str:
        """Return nothing: it is always there where it is used."""
        return ""
