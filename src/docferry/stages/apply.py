"""Look, copy, confirm: the one way in which anything is written to the target.

    apply(key):  t = look at target(key)
                 s = look at source(key)
                 if same(s, t): done
                 keep t if docferry did not put it there
                 write s to target, on condition that target is still t
                 confirm: look at source(key) again; start over unless it is still s

An event only says "look at this key", so applies may come twice, late and in any order, and several may work on
one key. Consider the last write to target(key), with value x: its confirm saw source(key) = x. Had the source
changed later, that change's event would have led to a later apply and, the values differing, to a later write.
So once the feeds are drained, target equals source.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from docferry.domain.change import Kind
from docferry.domain.document import Document, differing_fields
from docferry.domain.errors import Conflict, Retryable
from docferry.domain.record import Item, digest, document_key, same
from docferry.ports import DocumentStore, Mark, Permit, Provenance, RecordStore, intended

MAX_ROUNDS = 50
"""After so many looks that each found another state, the key goes back to the feed."""


class Action(Enum):
    """What an apply ended up doing to the target."""

    NOTHING = "nothing"
    WRITTEN = "written"
    TAGGED = "tagged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DocumentSides:
    """The two buckets in the direction now in force, with what every write to the target needs."""

    source: DocumentStore
    target: DocumentStore
    provenance: Provenance
    permit: Permit


@dataclass(frozen=True, slots=True)
class RecordSides:
    """The two tables in the direction now in force; `document_attribute` names a record's document."""

    source: RecordStore
    target: RecordStore
    provenance: Provenance
    permit: Permit
    document_attribute: str


async def apply_document(sides: DocumentSides, key: str, *, unlike: str = "") -> Action:
    """Make the target's document equal the source's.

    `unlike` is a version of the target whose bytes were read and are not the source's, which a look need not show:
    while it is there, it is copied over once, on the same condition as anything else.

    Raises Retryable if the key changes faster than it can be copied, and whatever the permit raises: then
    nothing was sent, and the caller leaves the event on the feed.
    """
    done = Action.NOTHING
    copied: Document | None = None
    for _ in range(MAX_ROUNDS):
        target = await sides.target.look(key)
        source = await sides.source.look(key)
        if source is None and target is None:
            return done
        fields = differing_fields(source, target) if source and target else ("presence",)
        if target and unlike == target.version != "":
            fields = ("bytes", *(one for one in fields if one not in ("bytes", "bytes?")))
        if not fields or (fields == ("bytes?",) and (source == copied or await _copied(sides, source, target))):
            # Only reading both could tell more, and the conditional copy of that very state vouches for the bytes.
            return done
        try:
            done = await _write_document(sides, key, source, target, fields)
        except Conflict:
            continue
        copied = source if done is Action.WRITTEN else copied
        if await sides.source.look(key) == source:
            return done
    raise Retryable(f"document {key!r} changed during each of {MAX_ROUNDS} attempts; it stays on the feed")


async def _write_document(
    sides: DocumentSides, key: str, source: Document | None, target: Document | None, fields: tuple[str, ...]
) -> Action:
    if target and not await wrote_document(sides.provenance, target):
        await sides.provenance.keep(Kind.DOCUMENT, Mark(key, target.version), None)
    if source is None:
        assert target is not None
        sides.permit.check()
        await sides.target.remove(key, target)
        return Action.REMOVED
    if target and fields == ("tags",):
        sides.permit.check()
        await sides.target.put_tags(key, target.version, source.tags)
        return Action.TAGGED
    # Noted first: a crash or a lost answer must not make our own copy look like somebody else's.
    await sides.provenance.note(Kind.DOCUMENT, [intended(key, source.etag)])
    sides.permit.check()
    written = await sides.target.copy(source, target)
    marks = [Mark(key, written.version)]
    if written.source_version:
        marks.append(_pair(key, written.source_version, written.version))
    await sides.provenance.note(Kind.DOCUMENT, marks)
    return Action.WRITTEN


async def _copied(sides: DocumentSides, source: Document | None, target: Document | None) -> bool:
    return bool(source and target and await copied_from(sides.provenance, source, target))


async def copied_from(provenance: Provenance, source: Document, target: Document) -> bool:
    """Tell whether the target's version was copied from the source's, which vouches for the bytes."""
    pair = _pair(source.key, source.version, target.version)
    return bool(await provenance.wrote(Kind.DOCUMENT, [pair]))


def _pair(key: str, source_version: str, target_version: str) -> Mark:
    return Mark(key, f"{source_version}>{target_version}")


async def apply_record(
    sides: RecordSides,
    documents: DocumentSides,
    key: Item,
    bring: Callable[[str], Awaitable[object]] | None = None,
) -> Action:
    """Make the target's record equal the source's, its document first, so that it never points at nothing.

    `bring` applies that document, if the caller wants to know of it. Raises as `apply_document` does.
    """
    done = Action.NOTHING
    for _ in range(MAX_ROUNDS):
        target = await sides.target.get(key)
        source = await sides.source.get(key)
        if same(source, target):
            return done
        named = document_key(source, sides.document_attribute) if source else None
        if named and await documents.target.look(named) is None:
            await (bring(named) if bring else apply_document(documents, named))
        try:
            done = await _write_record(sides, key, source, target)
        except Conflict:
            continue
        if same(await sides.source.get(key), source):
            return done
    raise Retryable(f"record {key!r} changed during each of {MAX_ROUNDS} attempts; it stays on the feed")


async def _write_record(sides: RecordSides, key: Item, source: Item | None, target: Item | None) -> Action:
    name = digest(key)
    if target:
        mark = Mark(name, digest(target))
        if mark not in await sides.provenance.wrote(Kind.RECORD, [mark]):
            await sides.provenance.keep(Kind.RECORD, mark, target)
    if source is None:
        assert target is not None
        sides.permit.check()
        await sides.target.delete(key, target)
        return Action.REMOVED
    # Noted first: a crash between the two must not make our own write look like somebody else's.
    await sides.provenance.note(Kind.RECORD, [Mark(name, digest(source))])
    sides.permit.check()
    await sides.target.put(source, target)
    return Action.WRITTEN


async def wrote_document(provenance: Provenance, document: Document) -> bool:
    """Tell whether docferry put this state of a document at the target."""
    marks = [Mark(document.key, document.version), intended(document.key, document.etag)]
    return bool(await provenance.wrote(Kind.DOCUMENT, marks))
