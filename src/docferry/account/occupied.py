"""Whether the target holds what docferry did not put there."""

import json
from collections.abc import Callable, Sequence

from docferry.account.port import Names
from docferry.account.rule import AccountRule
from docferry.domain.change import Kind
from docferry.domain.document import Document, Listed, differing_fields
from docferry.domain.record import Item, digest, same
from docferry.ports import DocumentStore, Mark, Provenance, RecordStore, intended
from docferry.preflight.finding import Outcome, Severity

OCCUPIED = AccountRule(
    "account-occupied",
    "The target holds what docferry did not put there",
    Severity.MEDIUM,
    "Where the source has something else under the same key, docferry keeps what it finds and writes over it; "
    "where it has nothing, it leaves it alone, and the target will hold more than the source.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
)
RULES = (OCCUPIED,)
PAGES = 3
COMPARED = 20
SHOWN = 3


async def check_documents(
    source: DocumentStore, target: DocumentStore, provenance: Provenance, names: Names, tell: Callable[[str], None]
) -> list[Outcome]:
    """List the first pages of the target, and look at the first keys that seem not to be docferry's."""
    rows, more = await _documents(target)
    listed = _so_many(len(rows), "document", more)
    marks = [intended(one.key, one.etag) for one in rows]
    ours = await provenance.wrote(Kind.DOCUMENT, marks)
    unknown = [one.key for one, mark in zip(rows, marks, strict=True) if mark not in ours]
    foreign, over, mine = [], [], 0
    for key in unknown[:COMPARED]:
        there = await target.look(key)
        # A copy under a key of KMS has another ETag than what was to be copied; its version is known all the same.
        if there is None or await provenance.wrote(Kind.DOCUMENT, [Mark(key, there.version)]):
            mine += 1
            continue
        foreign.append(key)
        if _differ(await source.look(key), there):
            over.append(key)
    tell(f"{names.bucket}: {listed} listed, of which {len(unknown) - mine} are not docferry's")
    return _told(names.bucket_named, listed, foreign, over, len(unknown[COMPARED:]))


async def _documents(store: DocumentStore) -> tuple[list[Listed], bool]:
    rows: list[Listed] = []
    for _ in range(PAGES):
        page = await store.page(rows[-1].key if rows else "")
        rows += page.rows
        if not page.more:
            return rows, False
    return rows, True


def _differ(wanted: Document | None, there: Document) -> bool:
    # "bytes?" means that only reading both could tell more.
    return bool(wanted and differing_fields(wanted, there) not in ((), ("bytes?",)))


async def check_records(
    source: RecordStore, target: RecordStore, provenance: Provenance, names: Names, tell: Callable[[str], None]
) -> list[Outcome]:
    """Scan the first pages of the target, and ask the source for the first that are not docferry's."""
    schema = await target.schema()
    items, more = await _records(target)
    scanned = _so_many(len(items), "record", more)
    marks = [Mark(digest(schema.key_of(one)), digest(one)) for one in items]
    ours = await provenance.wrote(Kind.RECORD, marks)
    foreign = [item for item, mark in zip(items, marks, strict=True) if mark not in ours]
    tell(f"{names.table}: {scanned} scanned, of which {len(foreign)} are not docferry's")
    over = []
    for item in foreign[:COMPARED]:
        wanted = await source.get(schema.key_of(item))
        if wanted and not same(wanted, item):
            over.append(_label(schema.key_of(item)))
    keys = [_label(schema.key_of(one)) for one in foreign]
    subject = names.table_named(names.table)
    return _told(subject, scanned, keys[:COMPARED], over, len(keys[COMPARED:]))


async def _records(store: RecordStore) -> tuple[list[Item], bool]:
    items: list[Item] = []
    position: Item | None = None
    for _ in range(PAGES):
        page = await store.scan(0, 1, position)
        items += page.items
        position = page.position
        if position is None:
            return items, False
    return items, True


def _told(subject: str, seen: str, foreign: Sequence[str], over: Sequence[str], unseen: int) -> list[Outcome]:
    if not foreign:
        return []
    more = f" and perhaps {unseen} more" if unseen else ""
    are = "is" if len(foreign) + unseen == 1 else "are"
    said = f"of {seen}, {len(foreign)}{more} {are} not docferry's ({_first(foreign)})"
    over_said = f"; docferry would write over {len(over)} of the {len(foreign)} ({_first(over)})" if over else ""
    none_said = "" if over else "; none of them would be written over"
    fix = "see that the target is the right one; empty it, or let docferry keep what it writes over "
    fix += "(docferry conflicts lists it)"
    return [OCCUPIED.finding(subject, said + over_said + none_said, fix=fix)]


def _first(keys: Sequence[str]) -> str:
    return ", ".join(keys[:SHOWN]) + (", …" if len(keys) > SHOWN else "")


def _so_many(number: int, noun: str, more: bool) -> str:
    counted = f"{number} {noun}{'' if number == 1 else 's'}"
    return f"the first {counted}" if more else counted if number < 2 else f"all {counted}"


def _label(key: Item) -> str:
    return json.dumps(key, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
