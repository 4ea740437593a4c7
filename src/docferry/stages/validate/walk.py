"""The walk of a validation: documents in key order on both sides, then the source's records, then the target's.

It checkpoints after each stretch and page, the differences found so far included, so that a run that was killed is
gone on with, and a finished one can be read again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docferry.bounded import in_order
from docferry.checkpoint import Checkpoint
from docferry.domain.diff import Diff
from docferry.domain.key_range import EVERYTHING, KeyRange
from docferry.domain.record import Item, digest, document_key
from docferry.march import Pair, Stretch, march
from docferry.ports import Clock, DocumentStore, Entry, Ledger, RecordStore
from docferry.progress import Progress
from docferry.scan import chosen, scan_all
from docferry.stages.validate.documents import Compared, DocumentComparison
from docferry.stages.validate.level import Level
from docferry.stages.validate.records import RecordComparison

STRETCHES_IN_FLIGHT = 16
"""So many wait side by side for differences to go away by themselves; the requests in flight are bounded apart."""
DIFFS_AN_ENTRY = 10
"""So many differences fit into one entry of the ledger, whose limit is 400 KB, however large the records are."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a validation, by name: these documents, or this segment of the records."""

    name: str
    keys: KeyRange | None = None
    segment: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared and how. `sample` is the share of keys, chosen by their hash, `prefix` bounds the keys.

    `part` is the one part of it that a worker takes, None for all: a range of the documents, or one segment of the
    records.
    """

    level: Level = Level.FULL
    sample: float = 1.0
    prefix: str = ""
    part: "Part | None" = None

    @property
    def name(self) -> str:
        """The name of its checkpoint."""
        whole = f"validate/{self.level.value}/{self.sample:g}/{self.prefix}"
        return f"{whole}#{self.part.name}" if self.part else whole

    def wants(self, key_hash: str) -> bool:
        """Whether a key is in the sample; `key_hash` is any even hash in hex."""
        return self.sample >= 1 or int(key_hash[:16], 16) < self.sample * 2**64


@dataclass(frozen=True, slots=True)
class Validation:
    """One validation. `settle_s` is what the target is given to follow the source before a difference counts."""

    source_documents: DocumentStore
    target_documents: DocumentStore
    source_records: RecordStore
    target_records: RecordStore
    document_attribute: str
    scope: Scope
    ledger: Ledger
    checkpoint: Checkpoint
    progress: Progress
    clock: Clock
    settle_s: float = 3.0
    segments: int = 4
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(64))
    about: Entry = field(default_factory=dict)
    """What its checkpoint is to say beside, of the moment it began."""

    async def run(self, found: Callable[[Diff], None]) -> Entry:
        """Walk from the checkpoint to the end, telling `found` of each new difference; return the finished entry.

        The entry has `documents`, `records`, `undecided`, `differences` and `resumed` as counts, and `started_at`
        and `finished_at` in seconds since 1970.
        """
        walk, part = _Walk(self, self._begin(), found), self.scope.part
        if part is None or part.keys is not None:
            await walk.documents()
        if part is None or part.segment is not None:
            await walk.records()
        walk.entry["finished_at"] = self.clock.now()
        await self.checkpoint.save(walk.entry)
        return self.checkpoint.entry

    async def differences(self) -> AsyncIterator[Entry]:
        """Give all differences of the last run, those found before it was resumed included."""
        async for one in differences(self.ledger, self.scope, self.checkpoint.entry):
            yield one

    @property
    def keys(self) -> KeyRange:
        """Which documents are walked."""
        return (self.scope.part and self.scope.part.keys) or EVERYTHING

    def _begin(self) -> dict[str, Any]:
        entry = self.checkpoint.entry
        if entry and "finished_at" not in entry:
            return {**entry, "resumed": entry["resumed"] + 1}
        counts = dict.fromkeys(("documents", "records", "undecided", "differences", "chunks", "resumed"), 0)
        walked: dict[str, Any] = {"after": self.keys.after, "documents_done": False, "source": {}, "target": {}}
        return {**counts, **walked, **self.about, "segments": self.segments, "started_at": self.clock.now()}


@dataclass(frozen=True, slots=True)
class _Walk:
    run: Validation
    entry: dict[str, Any]
    found: Callable[[Diff], None]

    async def documents(self) -> None:
        run = self.run
        if self.entry["documents_done"]:
            return
        run.progress.phase = "documents"
        comparison = DocumentComparison(
            run.source_documents,
            run.target_documents,
            run.scope.level,
            run.clock,
            run.settle_s,
            run.slots,
            run.progress,
        )
        stretches = march(
            run.source_documents,
            run.target_documents,
            after=self.entry["after"],
            prefix=run.scope.prefix,
            bound=run.keys.through,
        )

        async def compare(stretch: Stretch) -> Compared:
            return await comparison.stretch(_sampled(stretch, run.scope))

        await in_order(stretches, compare, self._complete, STRETCHES_IN_FLIGHT)

    async def _complete(self, stretch: Stretch, compared: Compared) -> None:
        # In key order, whichever ends first: everything up to `after` is compared.
        self.entry["after"] = stretch.through
        self.entry["documents_done"] = stretch.last
        await self._save("documents", [compared])

    async def records(self) -> None:
        run, entry = self.run, self.entry
        run.progress.phase = "records"
        schema = await run.source_records.schema()

        def wanted(item: Item) -> bool:
            named = document_key(item, run.document_attribute) or ""
            return named.startswith(run.scope.prefix) and run.scope.wants(digest(schema.key_of(item)))

        comparison = RecordComparison(
            run.source_records, run.target_records, wanted, run.clock, run.settle_s, run.slots
        )

        async def save(compared: list[Compared]) -> None:
            await self._save("records", compared)

        segments = chosen(entry["segments"], run.scope.part.segment if run.scope.part else None)
        await scan_all(run.source_records, segments, entry["source"], comparison.of_source, save)
        await scan_all(run.target_records, segments, entry["target"], comparison.of_target, save)

    async def _save(self, what: str, found: Sequence[Compared]) -> None:
        progress = self.run.progress
        for compared in found:
            self.entry[what] += compared.keys
            self.entry["undecided"] += compared.undecided
            progress.records_seen += compared.keys if what == "records" else 0
            progress.differences += len(compared.diffs)
            for start in range(0, len(compared.diffs), DIFFS_AN_ENTRY):
                await self._keep(compared.diffs[start : start + DIFFS_AN_ENTRY])
        await self.run.checkpoint.save(self.entry)

    async def _keep(self, diffs: Sequence[Diff]) -> None:
        # Written before the checkpoint counts it: a crash in between writes the same number again.
        name = chunk_of(self.run.scope, self.entry["chunks"])
        held = await self.run.ledger.read(name)
        await self.run.ledger.write(name, {"diffs": [one.as_entry() for one in diffs]}, held)
        self.entry["chunks"] += 1
        self.entry["differences"] += len(diffs)
        for one in diffs:
            self.found(one)


async def differences(ledger: Ledger, scope: Scope, entry: Entry) -> AsyncIterator[Entry]:
    """Give all differences that a validation's entry counts."""
    for number in range(entry.get("chunks", 0)):
        for one in (await ledger.read(chunk_of(scope, number)) or {}).get("diffs", []):
            yield one


def chunk_of(scope: Scope, number: int) -> str:
    """Return the name of the ledger entry that holds some of the differences of a validation."""
    return f"{scope.name}/differences/{number}"


def _sampled(stretch: Stretch, scope: Scope) -> Stretch:
    if scope.sample >= 1:
        return stretch
    return replace(stretch, pairs=tuple(pair for pair in stretch.pairs if scope.wants(_hash(pair))))


def _hash(pair: Pair) -> str:
    row = pair[0] or pair[1]
    return hashlib.sha256((row.key if row else "").encode()).hexdigest()
