"""Plan: counts what there is to move, looks for what needs care, and works out time and cost. It reads only.

Documents, their versions and the records are walked side by side, page by page; what has to be remembered of every
key goes to disk. What no listing shows (encryption, locks) comes from looks at a sample of the documents.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from docferry.bounded import each
from docferry.domain.estimate import Assumptions, Estimate, estimate
from docferry.domain.hazard import SAMPLES, Census, Hazard
from docferry.domain.inventory import DocumentInventory, KeySample, RecordInventory, VersionInventory
from docferry.domain.price import PriceTable
from docferry.domain.record import Item, KeySchema, document_key
from docferry.ports import DocumentStore, RecordStore
from docferry.progress import Progress
from docferry.spool import KeySpool
from docferry.survey_port import BucketFacts, Head, Survey, TableFacts, VersionMark

FORMAT = 1
"""Grows when a reader of plan.json would have to change."""
HEADS_AT_ONCE = 16
RECHECKED = 100
"""So many dangling records are looked at again: applications go on writing while a plan counts."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What a plan reads: all of the source, and how the target is set up."""

    documents: DocumentStore
    records: RecordStore
    source: Survey
    target: Survey


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is made. `heads` is how many documents are looked at, `prefix` bounds the documents' keys."""

    document_attribute: str = "document_key"
    prefix: str = ""
    heads: int = 200
    scan_segments: int = 4
    assumptions: Assumptions = field(default_factory=Assumptions)


@dataclass(frozen=True, slots=True)
class Side:
    """How one side is set up."""

    bucket: BucketFacts
    table: TableFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found, and what follows from it. `made_at` is in seconds since 1970."""

    made_at: float
    prefix: str
    source: Side
    target: Side
    documents: DocumentInventory
    looked_at: int
    records: RecordInventory
    versions: VersionInventory
    hazards: tuple[Hazard, ...]
    estimate: Estimate
    prices: PriceTable

    def as_json(self) -> dict[str, Any]:
        """Return what `plan.json` holds, names sorted, money as strings: docs/plan.md describes it."""
        held = {
            "format": FORMAT,
            "made_at": datetime.fromtimestamp(self.made_at, UTC).isoformat(timespec="seconds"),
            "prefix": self.prefix,
            "source": asdict(self.source),
            "target": asdict(self.target),
            "documents": {**self.documents.as_json(), "looked_at": self.looked_at},
            "records": self.records.as_json(),
            "versions": self.versions.as_json(),
            "hazards": [one.as_json() for one in self.hazards],
            "estimate": self.estimate.as_json(),
            "prices": self.prices.as_json(),
        }
        result: dict[str, Any] = json.loads(json.dumps(held, sort_keys=True))
        return result


async def plan(
    stores: Stores, options: Options, prices: PriceTable, spool: KeySpool, progress: Progress, *, made_at: float
) -> Plan:
    """Read everything once and return the plan.

    `progress` counts documents and records as they are seen; `spool` is an empty one. Raises InvalidInput for a
    bucket or table that is not there, and ServiceError where a permission to read is missing.
    """
    source, target = await _side(stores.source), await _side(stores.target)
    walk = _Walk(stores, options, spool, progress, KeySample(options.heads))
    await walk.everything(versions=bool(source.bucket.versioning))
    _see_sides(walk.census, source, target)
    looked_at = await walk.see_heads()
    await walk.see_integrity()
    between = source.bucket.region != target.bucket.region
    cost = estimate(walk.documents, walk.records, options.assumptions, prices, between_regions=between)
    return Plan(
        made_at=made_at,
        prefix=options.prefix,
        source=source,
        target=target,
        documents=walk.documents,
        looked_at=looked_at,
        records=walk.records,
        versions=walk.versions,
        hazards=walk.census.hazards(),
        estimate=cost,
        prices=prices,
    )


async def _side(survey: Survey) -> Side:
    return Side(await survey.bucket(), await survey.table())


@dataclass(slots=True)
class _Walk:
    stores: Stores
    options: Options
    spool: KeySpool
    progress: Progress
    sample: KeySample
    documents: DocumentInventory = field(default_factory=DocumentInventory)
    records: RecordInventory = field(default_factory=RecordInventory)
    versions: VersionInventory = field(default_factory=VersionInventory)
    census: Census = field(default_factory=Census)

    async def everything(self, *, versions: bool) -> None:
        walks = [self._documents, self._records, *([self._versions] if versions else [])]
        await each(walks, lambda walk: walk(), asyncio.Semaphore(len(walks)))

    async def _documents(self) -> None:
        after, more = "", True
        while more:
            page = await self.stores.documents.page(after, self.options.prefix)
            for row in page.rows:
                self.documents.add(row)
                self.census.see_row(row)
                self.sample.add(row)
            self.spool.documents(row.key for row in page.rows)
            self.progress.documents_seen += len(page.rows)
            more = page.more
            after = page.rows[-1].key if page.rows else after

    async def _versions(self) -> None:
        position: VersionMark | None = None
        more = True
        while more:
            page = await self.stores.source.versions(position, self.options.prefix)
            self.versions.add(page.noncurrent, page.noncurrent_bytes, page.delete_markers)
            position = page.position
            more = position is not None

    async def _records(self) -> None:
        schema, segments = await self.stores.records.schema(), self.options.scan_segments

        async def scan(segment: int) -> None:
            position: Item | None = None
            more = True
            while more:
                page = await self.stores.records.scan(segment, segments, position)
                self._count_records(schema, page.items)
                position = page.position
                more = position is not None

        await each(range(segments), scan, asyncio.Semaphore(segments))

    def _count_records(self, schema: KeySchema, items: Sequence[Item]) -> None:
        references = []
        for item in items:
            named = document_key(item, self.options.document_attribute)
            if not (named or "").startswith(self.options.prefix):
                continue
            self.records.add(item, names_document=named is not None)
            self.progress.records_seen += 1
            if named is not None:
                references.append((_label(schema.key_of(item)), named))
        self.spool.references(references)

    async def see_heads(self) -> int:
        """Look at the sample, and return how many documents of it were still there."""
        chosen = self.sample.chosen
        heads = await self._heads(chosen)
        found = {key: head for key, head in heads.items() if head}
        basis = f"a sample of {len(found)} of {self.documents.total.count} documents"
        for key in chosen:
            for rule_id in _rules_of(found[key]) if key in found else ():
                self.census.add(rule_id, [key], basis=basis, size=chosen[key])
        return len(found)

    async def see_integrity(self) -> None:
        """Compare what records name with what was listed."""
        dangling = self.spool.dangling(RECHECKED)
        heads = await self._heads({key for _, key in dangling.first})
        still = [f"{record} names {key}" for record, key in dangling.first if heads[key] is None]
        count = dangling.count - len(dangling.first) + len(still)
        basis = "every record scanned, against every document listed"
        self.census.add("dangling-record", still, basis=basis, count=count)
        orphans = self.spool.orphans(SAMPLES)
        self.census.add("orphan-document", orphans.first, basis=basis, count=orphans.count)

    async def _heads(self, keys: Iterable[str]) -> dict[str, Head | None]:
        heads: dict[str, Head | None] = {}

        async def look(key: str) -> None:
            heads[key] = await self.stores.source.head(key)

        await each(keys, look, asyncio.Semaphore(HEADS_AT_ONCE))
        return heads


def _see_sides(census: Census, source: Side, target: Side) -> None:
    for rule_id, side in (("source-not-versioned", source), ("target-not-versioned", target)):
        bucket, table = side.bucket, side.table
        if bucket.versioning != "Enabled":
            census.add(rule_id, [bucket.name], basis="the bucket")
        if bucket.requester_pays:
            census.add("requester-pays", [bucket.name], basis="both buckets")
        if bucket.object_lock:
            census.add("object-lock", [bucket.name], basis="both buckets")
        if bucket.encryption.startswith("aws:kms"):
            census.add("kms-by-default", [bucket.name], basis="both buckets", kinds=[bucket.encryption])
        if not table.stream:
            census.add("no-stream", [table.name], basis="both tables")


def _rules_of(head: Head) -> Iterable[str]:
    met = {
        "sse-c": head.encryption == "customer",
        "sse-kms": head.encryption.startswith("aws:kms"),
        "locked-document": head.locked,
        "archived-tier": head.archived,
    }
    return (rule_id for rule_id, is_met in met.items() if is_met)


def _label(key: Item) -> str:
    return json.dumps(key, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
