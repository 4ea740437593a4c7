"""An in-memory bucket with S3's semantics: versions, delete markers, conditions, listings in key order."""

import copy
import hashlib
import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from docferry.domain.change import DocumentChange
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Conflict, ServiceError
from docferry.domain.reserved import is_reserved
from docferry.ports import ListingPage, Written


class MemoryDocuments:
    """The `DocumentStore` port over a dictionary of version stacks; `source` is where `copy` copies from.

    `events` is told of every change, as a notification is.
    """

    def __init__(
        self,
        source: "MemoryDocuments | None" = None,
        *,
        page_rows: int = 1000,
        events: Callable[[DocumentChange], None] | None = None,
    ) -> None:
        self._source = source
        self._page_rows = page_rows
        self._events = events
        self._versions: dict[str, list[Document | None]] = {}
        # Versions are unique among paired buckets, as S3's are everywhere.
        self._numbers: Iterator[int] = source._numbers if source else itertools.count(1)
        self._digests: dict[str, str] = source._digests if source else {}

    def paired_with(self, source: "MemoryDocuments") -> "MemoryDocuments":
        """Return this very bucket, with another one to copy from."""
        paired = copy.copy(self)
        paired._source = source
        return paired

    def write(self, key: str, body: bytes, *, metadata: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Write as an application does, on no condition."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        self._digests[etag] = hashlib.sha256(body).hexdigest()
        self._push(key, Document(key, etag, len(body), metadata=metadata, tags=tags))

    def erase(self, key: str) -> None:
        """Delete as an application does, on no condition."""
        self._push(key, None)

    async def put(self, key: str, number: str) -> str:
        """Put a reserved document, as `Beacon` says."""
        if not is_reserved(key):
            raise ValueError(f"{key!r} is not reserved")
        self.write(key, number.encode(), metadata={"number": number}, tags={})
        held = self._latest(key)
        assert held
        return held.version

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
        """Copy on condition."""
        if self._source is None:
            raise ServiceError("this bucket is not paired with a source to copy from")
        held = self._source._latest(source.key)
        if held is None or held.etag != source.etag:
            raise Conflict(f"{source.key!r} changed at the source")
        self._check(source.key, expected)
        return Written(self._push(source.key, held), held.version)

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace tags in place: neither version, ETag nor date changes."""
        stack = self._versions.get(key, [])
        for index, one in enumerate(stack):
            if one and one.version == version:
                stack[index] = replace(one, tags=dict(tags))
                if self._events:
                    self._events(DocumentChange(key))
                return
        raise Conflict(f"{key!r} lost the version that was to be tagged")

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker on condition."""
        self._check(key, expected)
        return Written(self._push(key, None))

    async def read_digest(self, document: Document) -> str:
        """Return the digest of what was written under the version's ETag."""
        if document not in self._versions.get(document.key, []):
            raise Conflict(f"{document.key!r} lost the version that was being read")
        return self._digests[document.etag]

    def _latest(self, key: str) -> Document | None:
        return self._versions.get(key, [None])[-1]

    def _check(self, key: str, expected: Document | Listed | None) -> None:
        held = self._latest(key)
        if (held and held.etag) != (expected and expected.etag):
            raise Conflict(f"{key!r} is no longer the one looked at")

    def _push(self, key: str, document: Document | None) -> str:
        version = f"v{next(self._numbers)}"
        self._versions.setdefault(key, []).append(document and replace(document, version=version))
        if self._events:
            self._events(DocumentChange(key, version if document else ""))
        return version
