"""Follow: applies what comes through the change feeds of both sides, in the direction now in force.

An event says only "look at this key", whichever side it comes from, so anything that anybody wrote to the passive
side is looked at too. What docferry wrote itself comes back as an echo: its version is already marked as ours, and
costs no look.

A round receives the documents' changes first and the records' after them, and carries the records first. An
application deletes a record before its document, so the record's deletion is in the stream by the time the
document's comes through the queue: the target's records do not point at documents that are gone, as long as the
stream is read to its end.

Reserved keys are never applied. Their changes go to the heartbeat, are taken off whatever comes of them, and count
for nothing: a round that had no others is an empty one, or else a feed on which heartbeats come and go would never
be found quiet.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain

from docferry.bounded import all_of, each
from docferry.domain.change import DocumentChange, Kind
from docferry.domain.errors import Conflict, NeedsOperator, Retryable
from docferry.domain.journal import Touched
from docferry.domain.record import Item, by_key, digest, same
from docferry.domain.reserved import OWN, RESERVED, is_reserved
from docferry.ports import ChangeFeed, Clock, Delivery, Mark, Pending
from docferry.progress import Progress
from docferry.scan import READ_AT_ONCE
from docferry.stages.apply import Action, DocumentSides, RecordSides, apply_document, apply_record
from docferry.stages.inbox import Inbox
from docferry.stuck import Stuck

Hear = Callable[[Sequence[DocumentChange], Sequence[DocumentChange]], Awaitable[None]]


class Round(Enum):
    """What one round came to."""

    EMPTY = "nothing came"
    CARRIED = "what came was carried"
    FAILED = "something stays on its feed"


@dataclass(frozen=True, slots=True)
class Feeds:
    """The change feeds of both sides."""

    source_documents: ChangeFeed
    target_documents: ChangeFeed
    source_records: ChangeFeed
    target_records: ChangeFeed

    @property
    def documents(self) -> tuple[ChangeFeed, ChangeFeed]:
        """The source's and the target's feed of documents."""
        return self.source_documents, self.target_documents

    async def pending(self) -> Pending:
        """Return what is left on all of them."""
        feeds = (self.source_documents, self.target_documents, self.source_records, self.target_records)
        found = await asyncio.gather(*(one.pending() for one in feeds))
        return Pending(*(sum(getattr(one, name) for one in found) for name in ("waiting", "in_flight", "dead")))

    async def documents_retention_s(self) -> float:
        """Return for how long both documents' feeds keep a change."""
        return min(await asyncio.gather(self.source_documents.retention_s(), self.target_documents.retention_s()))

    async def retention_s(self) -> float:
        """Return for how long all of them keep a change."""
        feeds = (self.source_documents, self.target_documents, self.source_records, self.target_records)
        return min(await asyncio.gather(*(one.retention_s() for one in feeds)))


@dataclass(frozen=True, slots=True)
class Follow:
    """Follows changes round by round. `window` bounds the keys in flight.

    A change that a queue has held for `expiry_s` seconds, and that happened after `listening_since` (seconds since
    1970), stops it: others that old may have expired unread. Streams say so themselves.
    """

    feeds: Feeds
    documents: DocumentSides
    records: RecordSides
    progress: Progress
    clock: Clock
    stuck: Stuck
    window: int = 64
    listening_since: float = 0.0
    expiry_s: float = math.inf
    hear: Hear | None = None
    """Is given the changes of reserved documents, the source's and the target's."""
    unfinished: dict[str, Touched] = field(default_factory=dict)
    """Keys by name whose apply was begun and did not end well, or was cut off: they may be stale at the target."""
    written: dict[str, Touched] = field(default_factory=dict)
    """Keys by name that were written to the target, until `dirty` has taken them."""
    dirty: Callable[[Sequence[Touched]], Awaitable[None]] | None = None
    inboxes: tuple[Inbox, Inbox] = field(default_factory=lambda: (Inbox(), Inbox()))
    """Of the documents' feeds, the source's and the target's."""

    async def round(self, wait_s: float) -> Round:
        """Receive and carry once, waiting up to `wait_s` if nothing comes.

        A change that could not be carried stays on its feed, and the round counts it as a failure; one that AWS
        refuses for good is noted as stuck and taken off. Raises what the permit raises, NeedsOperator if a feed
        lost changes, and Retryable if a feed cannot be read.
        """
        feeds = self.feeds
        # A round that has not asked a queue cannot tell that nothing came.
        came = any(inbox.held for inbox in self.inboxes)
        at_source, at_target = await self._receive(wait_s)
        self._refuse_expiring((*at_source, *at_target))
        records = await asyncio.gather(feeds.source_records.receive(0), feeds.target_records.receive(0))
        came |= any(records) or not all(map(_only_reserved, (*at_source, *at_target)))
        reserved = _reserved(at_source), _reserved(at_target)
        at_source, at_target = _without_reserved(at_source), _without_reserved(at_target)
        failed = await self._carry_records([one.records for one in chain(*records)])
        await self.note_written()
        left = await self._take_off(feeds.source_records, records[0], failed)
        left += await self._take_off(feeds.target_records, records[1], failed)
        failed = await self._carry_documents(at_source, at_target)
        await self.note_written()
        for inbox, feed, deliveries in zip(self.inboxes, feeds.documents, (at_source, at_target), strict=True):
            inbox.dealt_with(await self._take_off(feed, deliveries, failed))
            left += inbox.left
        await self._hear(*reserved)
        if left:
            return Round.FAILED
        return Round.CARRIED if came else Round.EMPTY

    async def _receive(self, wait_s: float) -> list[tuple[Delivery, ...]]:
        # What one of them has given is kept, though the other fails.
        both = zip(self.inboxes, self.feeds.documents, strict=True)
        return await all_of(*(inbox.receive(feed, wait_s) for inbox, feed in both))

    async def give_back(self) -> None:
        """Give back what came from the documents' feeds and was not carried: see Inbox."""
        both = zip(self.inboxes, self.feeds.documents, strict=True)
        await all_of(*(inbox.give_back(feed) for inbox, feed in both))

    async def note_written(self) -> None:
        """Note what was written, before anything is taken off its feed: killed before, the change comes again."""
        if self.dirty and self.written:
            await self.dirty(tuple(self.written.values()))
        self.written.clear()

    def _refuse_expiring(self, deliveries: Sequence[Delivery]) -> None:
        oldest = min((one.at for one in deliveries if one.at > self.listening_since), default=math.inf)
        if self.clock.now() - oldest > self.expiry_s:
            raise unheard(f"changes wait on a queue for {(self.clock.now() - oldest) / 3600:.0f} hours")

    async def _hear(self, at_source: Sequence[DocumentChange], at_target: Sequence[DocumentChange]) -> None:
        # Once everything else of the round is done, so that the lag is that of the documents before it.
        for one in (*at_source, *at_target):
            if one.version and one.key not in OWN:
                self.progress.failed(f"document {one.key!r} is under {RESERVED}, which is never carried; move it")
        if self.hear:
            await self.hear(at_source, at_target)

    async def _carry_documents(self, at_source: Sequence[Delivery], at_target: Sequence[Delivery]) -> set[str]:
        changes = [change for one in at_target for change in one.documents]
        marks = {change: Mark(change.key, change.version) for change in changes if change.version}
        ours = await self.documents.provenance.wrote(Kind.DOCUMENT, list(marks.values())) if marks else frozenset()
        looked_at = [change.key for change in changes if marks.get(change) not in ours]
        self.progress.echoes += len(changes) - len(looked_at)
        looked_at += [change.key for one in at_source for change in one.documents]
        failed: set[str] = set()

        async def carry(key: str) -> None:
            try:
                if not await self.stuck.carry(Kind.DOCUMENT, key, self._apply_document(key)):
                    self.progress.failed(f"document {key!r} is refused for good")
            except (Retryable, Conflict) as error:
                self.progress.failed(f"document {key!r}: {error}")
                failed.add(key)

        await each(dict.fromkeys(looked_at), carry, asyncio.Semaphore(self.window))
        return failed

    async def _apply_document(self, key: str, *, unlike: str = "") -> None:
        with self._working_on(Touched(Kind.DOCUMENT, key)) as touched:
            if await apply_document(self.documents, key, unlike=unlike) is not Action.NOTHING:
                self.progress.documents_applied += 1
                self.written[touched.name] = touched

    async def _apply_record(self, key: Item) -> None:
        with self._working_on(Touched(Kind.RECORD, key)) as touched:
            if await apply_record(self.records, self.documents, key, self._apply_document) is not Action.NOTHING:
                self.progress.records_applied += 1
                self.written[touched.name] = touched

    @contextmanager
    def _working_on(self, touched: Touched) -> Iterator[Touched]:
        self.unfinished[touched.name] = touched
        yield touched
        self.unfinished.pop(touched.name, None)

    async def _carry_records(self, deliveries: Sequence[tuple[Item, ...]]) -> set[str]:
        keys = {digest(key): key for key in chain(*deliveries)}
        failed: set[str] = set()

        async def carry(name: str) -> None:
            try:
                if not await self.stuck.carry(Kind.RECORD, keys[name], self._apply_record(keys[name])):
                    self.progress.failed(f"record {keys[name]!r} is refused for good")
            except (Retryable, Conflict) as error:
                self.progress.failed(f"record {keys[name]!r}: {error}")
                failed.add(name)

        await each(await self._differing(keys), carry, asyncio.Semaphore(self.window))
        return failed

    async def _differing(self, keys: dict[str, Item]) -> list[str]:
        # One batch read of each side tells most echoes and repeats apart; the target is looked at first, as
        # apply does.
        schema = await self.records.source.schema()
        names, found = list(keys), []
        for start in range(0, len(names), READ_AT_ONCE):
            asked = names[start : start + READ_AT_ONCE]
            sides = []
            for store in (self.records.target, self.records.source):
                items = await store.get_many([keys[one] for one in asked])
                sides.append(by_key(schema, items))
            found += [one for one in asked if not same(sides[0].get(one), sides[1].get(one))]
        return found

    async def _take_off(
        self, feed: ChangeFeed, deliveries: Sequence[Delivery], failed: set[str]
    ) -> list[Delivery]:
        """Take off what was carried, and return the deliveries that stay."""
        done, left = [], []
        for one in deliveries:
            self.progress.changes += len(one.documents) + len(one.records)
            if one.unreadable:
                self.progress.failed(one.unreadable)
                left.append(one)
            elif failed and failed & {*(c.key for c in one.documents), *map(digest, one.records)}:
                left.append(one)
            else:
                done.append(one)
                if one.at and (one.documents or one.records):
                    self.progress.lagged(self.clock.now() - one.at)
        await feed.take_off(done)
        return left

    async def carry(self, kind: Kind, key: str | Item, *, unlike: str = "") -> None:
        """Carry one key, whatever the feeds say; `unlike` and what is raised are those of apply."""
        if isinstance(key, str):
            await self._apply_document(key, unlike=unlike)
        else:
            await self._apply_record(key)


def _reserved(deliveries: Sequence[Delivery]) -> list[DocumentChange]:
    return [change for one in deliveries for change in one.documents if is_reserved(change.key)]


def _only_reserved(delivery: Delivery) -> bool:
    return bool(delivery.documents) and all(is_reserved(change.key) for change in delivery.documents)


def _without_reserved(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    # What is left without changes is taken off like a test event.
    kept = ([change for change in one.documents if not is_reserved(change.key)] for one in deliveries)
    return tuple(replace(one, documents=tuple(changes)) for one, changes in zip(deliveries, kept, strict=True))


def unheard(why: str) -> NeedsOperator:
    """Return the error that says changes may have expired before anybody read them."""
    return NeedsOperator(
        f"{why}, so changes may have expired unread; what was carried is in place",
        hint="docferry sync --reseed compares everything again",
    )
