"""Compares documents: from their listings where those can tell, by a look or by their bytes where asked to."""

import asyncio
from dataclasses import dataclass, field

from docferry.bounded import each
from docferry.domain.change import Kind
from docferry.domain.diff import Diff, shown_document
from docferry.domain.document import Document, Listed, Sameness, differing_fields, same_etag
from docferry.domain.errors import Conflict, Retryable, ServiceError
from docferry.march import Stretch
from docferry.ports import Clock, DocumentStore
from docferry.progress import Progress
from docferry.stages.validate.level import Level
from docferry.stages.validate.settled import Look, Settling

ABSENT = "absent"


@dataclass(slots=True)
class Compared:
    """What comparing some keys gave. `undecided` counts documents of which only the bytes could tell more."""

    keys: int = 0
    undecided: int = 0
    diffs: list[Diff] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DocumentComparison:
    """Compares stretches of documents. `window` bounds the looks in flight."""

    source: DocumentStore
    target: DocumentStore
    level: Level
    clock: Clock
    settle_s: float
    slots: asyncio.Semaphore
    progress: Progress

    async def stretch(self, stretch: Stretch) -> Compared:
        """Compare all pairs of a stretch, twice where they differ."""
        compared = Compared(keys=len(stretch.pairs))
        suspicious: dict[str, str] = {}

        async def one(pair: tuple[Listed | None, Listed | None]) -> None:
            row = pair[0] or pair[1]
            assert row is not None
            self.progress.documents_seen += 1
            if self.level is Level.QUICK:
                verdict = _listed_alike(*pair)
                compared.undecided += verdict is Sameness.UNKNOWN
                if verdict is Sameness.DIFFERENT:
                    suspicious[row.key] = ""
                return
            look = await self.look(row.key)
            if look.diff:
                suspicious[row.key] = look.states
            else:
                compared.undecided += look.undecided

        await each(stretch.pairs, one, self.slots)
        settling = Settling(self.look, self.clock, self.settle_s, self.slots)
        settled = await settling.settled(dict(sorted(suspicious.items())))
        compared.diffs += settled.diffs
        compared.undecided += settled.undecided
        return compared

    async def look(self, key: str) -> Look:
        """Look at both sides of one key."""
        target, source = await asyncio.gather(self.target.look(key), self.source.look(key))
        state = f"{_state(source)} | {_state(target)}"
        if source is None or target is None:
            diff = Diff(Kind.DOCUMENT, key, (), shown_document(source), shown_document(target))
            return Look(diff if source or target else None, state)
        fields, undecided = await self._fields(source, target)
        if not fields:
            return Look(None, state, undecided)
        return Look(
            Diff(Kind.DOCUMENT, key, fields, shown_document(source), shown_document(target)), state, undecided
        )

    async def _fields(self, source: Document, target: Document) -> tuple[tuple[str, ...], bool]:
        fields = differing_fields(source, target)
        if self.level is Level.BYTES and source.size == target.size:
            others = tuple(one for one in fields if one not in ("bytes", "bytes?"))
            try:
                return (others if await self._same_bytes(source, target) else ("bytes", *others)), False
            except ServiceError as error:
                # Archived, or encrypted with a key that is not ours: everything but the bytes was compared.
                if error.about_caller:
                    raise
                return others, True
        return tuple(one for one in fields if one != "bytes?"), "bytes?" in fields

    async def _same_bytes(self, source: Document, target: Document) -> bool:
        try:
            read = await asyncio.gather(self.source.read_digest(source), self.target.read_digest(target))
        except Conflict as error:
            # Overwritten and its version removed while it was read: the next look shows what is there then.
            raise Retryable(str(error)) from error
        return read[0] == read[1]


def _state(document: Document | None) -> str:
    return f"{document.version} {document.etag} {sorted(document.tags.items())}" if document else ABSENT


def _listed_alike(source: Listed | None, target: Listed | None) -> Sameness:
    if source is None or target is None or source.size != target.size:
        return Sameness.DIFFERENT
    if source.storage_class != target.storage_class:
        return Sameness.DIFFERENT
    return same_etag(source.etag, target.etag)
