"""An in-memory bucket with S3's semantics: versions, delete markers, conditions, parts, listings in key order."""

import copy
import hashlib
import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from docferry.domain.change import DocumentChange
from docferry.domain.document import COPY_LIMIT_BYTES, Document, Listed
from docferry.domain.errors import Conflict, ServiceError
from docferry.domain.reserved import is_reserved
from docferry.ports import ListingPage, Written

NOTHING: Mapping[str, str] = {}


class MemoryDocuments:
    """The `DocumentStore` port over a dictionary of version stacks; `source` is where `copy` copies from.

    `events` is told of every change, as a notification is. `now` gives the time of day that documents are dated
    with, in seconds since 1970. Above `copy_limit` bytes one request copies nothing, as in S3; parts do.
    """

    def __init__(
        self,
        source: "MemoryDocuments | None" = None,
        *,
        page_rows: int = 1000,
        events: Callable[[DocumentChange], None] | None = None,
        now: Callable[[], float] | None = None,
        copy_limit: int = COPY_LIMIT_BYTES,
    ) -> None:
        self._source = source
        self._page_rows = page_rows
        self._events = events
        self._now = now or (lambda: 0.0)
        self.copy_limit = copy_limit
        self._versions: dict[str, list[Document | None]] = {}
        # Versions are unique among paired buckets, as S3's are everywhere.
        self._numbers: Iterator[int] = source._numbers if source else itertools.count(1)
        self._digests: dict[str, str] = source._digests if source else {}
        self._parts: dict[str, tuple[int, ...]] = source._parts if source else {}
        self._rotten: dict[str, str] = {}

    def paired_with(self, source: "MemoryDocuments") -> "MemoryDocuments":
        """Return this very bucket, with another one to copy from."""
        paired = copy.copy(self)
        paired._source = source
        return paired

    def write(
        self,
        key: str,
        body: bytes,
        *,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
        headers: Mapping[str, str] = NOTHING,
        parts: Sequence[int] = (),
    ) -> str:
        """Write as an application does, on no condition, in `parts` of these sizes where there are any."""
        etag = _etag(body, parts)
        self._digests[etag] = hashlib.sha256(body).hexdigest()
        if parts:
            self._parts[etag] = tuple(parts)
        document = Document(key, etag, len(body), metadata=metadata, tags=tags, headers=headers)
        return self._push(key, document)

    def erase(self, key: str) -> None:
        """Delete as an application does, on no condition."""
        self._push(key, None)

    def tag(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of the latest version as an application does. Raises ServiceError if there is none."""
        held = self._latest(key)
        if held is None:
            raise ServiceError(f"{key!r} is not there", code="NoSuchKey", status=404)
        self._retag(key, held.version, tags)

    def spoil(self, key: str, *, unseen: bool) -> bool:
        """Give the latest version wrong bytes of the right length, and tell whether there were any to spoil.

        Nobody is told. `unseen` ones have the ETag of the right ones, so that only reading them finds them.
        """
        held = self._latest(key)
        if held is None or not held.size:
            return False
        wrong = hashlib.sha256(f"wrong {held.version}".encode()).hexdigest()
        if unseen:
            self._rotten[held.version] = wrong
        else:
            etag = wrong[:32]
            self._digests[etag] = wrong
            self._versions[key][-1] = replace(held, etag=etag)
        return True

    async def put(self, key: str, number: str) -> str:
        """Put a reserved document, as `Beacon` says."""
        if not is_reserved(key):
            raise ValueError(f"{key!r} is not reserved")
        return self.write(key, number.encode(), metadata={"number": number}, tags={})

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        """Return documents after a key, without reserved ones."""
        keys = sorted(key for key in self._versions if key.startswith(prefix) and self._latest(key))
        keys = [key for key in keys if not is_reserved(key)]
        keys = keys[bisect_right(keys, after) :]
        rows = (self._latest(key) for key in keys[: self._page_rows])
        listed = tuple(Listed(one.key, one.etag, one.size, one.modified, one.storage_class) for one in rows if one)
        return ListingPage(listed, len(keys) > self._page_rows)

    async def look(self, key: str) -> Document | None:
        """Return the latest version, or None."""
        return self._latest(key)

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy on condition, in parts where it has to be."""
        if source.multipart or source.size > self.copy_limit:
            held = await self._paired().look(source.key)
            if held is None or held.etag != source.etag:
                raise Conflict(f"{source.key!r} changed at the source")
            return await self.assemble(held, expected)
        return await self.copy_whole(source, expected)

    async def copy_whole(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy with one request. Raises ServiceError above the limit."""
        return await self.assemble(self.taken(source), expected)

    def taken(self, source: Document | Listed) -> Document:
        """Read what is to be copied with one request. Raises Conflict, and ServiceError above the limit."""
        held = self._paired()._latest(source.key)
        if held is None or held.etag != source.etag:
            raise Conflict(f"{source.key!r} changed at the source")
        if held.size > self.copy_limit:
            raise ServiceError("the copy source is larger than the limit", code="InvalidRequest", status=400)
        return held

    def part_sizes(self, document: Document) -> tuple[int, ...]:
        """Return the parts that a document was uploaded in."""
        return self._parts.get(document.etag, (document.size,))

    async def part(self, document: Document) -> None:
        """Copy one part of a document of the paired source: invisible. Raises Conflict if that has changed."""
        held = self._paired()._latest(document.key)
        if held is None or held.etag != document.etag:
            raise Conflict(f"{document.key!r} changed at the source")

    async def assemble(self, document: Document, expected: Document | Listed | None) -> Written:
        """Make a document out of the parts that were copied, on condition, whatever the source is by now."""
        self._check(document.key, expected)
        return Written(self._push(document.key, document), document.version)

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace tags in place: neither version, ETag nor date changes."""
        self._retag(key, version, tags)

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker on condition."""
        self._check(key, expected)
        return Written(self._push(key, None))

    async def read_digest(self, document: Document) -> str:
        """Return the digest of what was written under the version's ETag."""
        if not any(one and one.version == document.version for one in self._versions.get(document.key, [])):
            raise Conflict(f"{document.key!r} lost the version that was being read")
        return self.bytes_of(document)

    def bytes_of(self, document: Document) -> str:
        """Return the digest of a document's bytes as they really are, for who looks on from outside."""
        return self._rotten.get(document.version) or self._digests[document.etag]

    def now(self, key: str) -> Document | None:
        """Return the latest version as it is, for who looks on from outside."""
        return self._latest(key)

    @property
    def written(self) -> frozenset[str]:
        """Every key that was ever written."""
        return frozenset(self._versions)

    def _paired(self) -> "MemoryDocuments":
        if self._source is None:
            raise ServiceError("this bucket is not paired with a source to copy from")
        return self._source

    def _latest(self, key: str) -> Document | None:
        return self._versions.get(key, [None])[-1]

    def _check(self, key: str, expected: Document | Listed | None) -> None:
        held = self._latest(key)
        if (held and held.etag) != (expected and expected.etag):
            raise Conflict(f"{key!r} is no longer the one looked at")

    def _retag(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        stack = self._versions.get(key, [])
        for index, one in enumerate(stack):
            if one and one.version == version:
                stack[index] = replace(one, tags=dict(tags))
                if self._events:
                    self._events(DocumentChange(key))
                return
        raise Conflict(f"{key!r} lost the version that was to be tagged")

    def _push(self, key: str, document: Document | None) -> str:
        version = f"v{next(self._numbers)}"
        # A listing shows whole seconds.
        modified = float(int(self._now()))
        stored = document and replace(document, version=version, modified=modified)
        self._versions.setdefault(key, []).append(stored)
        if self._events:
            self._events(DocumentChange(key, version if document else ""))
        return version


def _etag(body: bytes, parts: Sequence[int]) -> str:
    if not parts:
        return hashlib.md5(body, usedforsecurity=False).hexdigest()
    start, digests = 0, b""
    for size in parts:
        digests += hashlib.md5(body[start : start + size], usedforsecurity=False).digest()
        start += size
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
