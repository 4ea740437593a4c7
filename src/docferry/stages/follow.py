"""Follow: applies what comes through the change feeds of both sides, in the direction now in force.

An event says only "look at this key", whichever side it comes from, so anything that anybody wrote to the passive
side is looked at too. What docferry wrote itself comes back as an echo: its version is already marked as ours, and
costs no look.

A round receives the documents' changes first and the records' after them, and carries the records first. An
application deletes a record before its document, so the record's deletion is in the stream by the time the
document's comes through the queue: the target's records do not point at documents that are gone, as long as the
stream is read to its end.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from docferry.bounded import each
from docferry.domain.change import DocumentChange, Kind
from docferry.domain.errors import Conflict, Retryable, ServiceError
from docferry.domain.record import Item, by_key, digest, same
from docferry.ports import ChangeFeed, Clock, Delivery, Mark, Pending
from docferry.progress import Progress
from docferry.scan import READ_AT_ONCE
from docferry.stages.apply import Action, DocumentSides, RecordSides, apply_document, apply_record


@dataclass(frozen=True, slots=True)
class Feeds:
    """The change feeds of both sides."""

    source_documents: ChangeFeed
    target_documents: ChangeFeed
    source_records: ChangeFeed
    target_records: ChangeFeed

    async def pending(self) -> Pending:
        """Return what is left on all of them."""
        feeds = (self.source_documents, self.target_documents, self.source_records, self.target_records)
        found = await asyncio.gather(*(one.pending() for one in feeds))
        return Pending(*(sum(getattr(one, name) for one in found) for name in ("waiting", "in_flight", "dead")))

    async def retention_s(self) -> float:
        """Return for how long all of them keep a change."""
        feeds = (self.source_documents, self.target_documents, self.source_records, self.target_records)
        return min(await asyncio.gather(*(one.retention_s() for one in feeds)))


@dataclass(frozen=True, slots=True)
class Follow:
    """Follows changes round by round. `window` bounds the keys in flight."""

    feeds: Feeds
    documents: DocumentSides
    records: RecordSides
    progress: Progress
    clock: Clock
    window: int = 64

    async def round(self, wait_s: float) -> bool:
        """Receive and carry once, waiting up to `wait_s` if nothing comes. Returns whether anything came.

        A change that could not be carried stays on its feed, and the round counts it as a failure. Raises what
        the permit raises, and NeedsOperator if a feed lost changes.
        """
        feeds = self.feeds
        at_source, at_target = await asyncio.gather(
            feeds.source_documents.receive(wait_s), feeds.target_documents.receive(wait_s)
        )
        records = await asyncio.gather(feeds.source_records.receive(0), feeds.target_records.receive(0))
        failed_records = await self._carry_records([one.records for one in chain(*records)])
        await self._take_off(feeds.source_records, records[0], failed_records)
        await self._take_off(feeds.target_records, records[1], failed_records)
        failed = await self._carry_documents(at_source, at_target)
        await self._take_off(feeds.source_documents, at_source, failed)
        await self._take_off(feeds.target_documents, at_target, failed)
        return bool(at_source or at_target or any(records))

    async def _carry_documents(self, at_source: Sequence[Delivery], at_target: Sequence[Delivery]) -> set[str]:
        changes = [change for one in at_target for change in one.documents]
        marks = {change: Mark(change.key, change.version) for change in changes if _may_echo(change)}
        ours = await self.documents.provenance.wrote(Kind.DOCUMENT, list(marks.values())) if marks else frozenset()
        looked_at = [change.key for change in changes if marks.get(change) not in ours]
        self.progress.echoes += len(changes) - len(looked_at)
        looked_at += [change.key for one in at_source for change in one.documents]
        failed: set[str] = set()

        async def carry(key: str) -> None:
            try:
                if await apply_document(self.documents, key) is not Action.NOTHING:
                    self.progress.documents_applied += 1
            except (Retryable, ServiceError, Conflict) as error:
                self._fail(f"document {key!r}: {error}")
                failed.add(key)

        await each(dict.fromkeys(looked_at), carry, asyncio.Semaphore(self.window))
        return failed

    async def _carry_records(self, deliveries: Sequence[tuple[Item, ...]]) -> set[str]:
        keys = {digest(key): key for key in chain(*deliveries)}
        failed: set[str] = set()

        async def carry(name: str) -> None:
            try:
                if await apply_record(self.records, self.documents, keys[name]) is not Action.NOTHING:
                    self.progress.records_applied += 1
            except (Retryable, ServiceError, Conflict) as error:
                self._fail(f"record {keys[name]!r}: {error}")
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

    async def _take_off(self, feed: ChangeFeed, deliveries: Sequence[Delivery], failed: set[str]) -> None:
        done = []
        for one in deliveries:
            self.progress.changes += len(one.documents) + len(one.records)
            if one.unreadable:
                self._fail(one.unreadable)
            elif not failed or not failed & {*(c.key for c in one.documents), *map(digest, one.records)}:
                done.append(one)
                if one.at and (one.documents or one.records):
                    self.progress.lagged(self.clock.now() - one.at)
        await feed.take_off(done)

    def _fail(self, said: str) -> None:
        self.progress.failures += 1
        self.progress.last_failure = said


def _may_echo(change: DocumentChange) -> bool:
    # A tag-only event carries the version that somebody, perhaps not we, tagged.
    return bool(change.version) and not change.tags_only
