"""A document: what S3 holds under one key, as far as a copy must keep it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

_MD5_ETAG = re.compile(r"[0-9a-f]{32}")
_MULTIPART_ETAG = re.compile(r"[0-9a-f]{32}-[0-9]{1,5}")
_ETAG_IS_DIGEST_UNDER = ("", "AES256")
COPY_LIMIT_BYTES = 5 * 1024**3
"""CopyObject stops above this size; larger documents are copied in parts
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""


class Sameness(Enum):
    """The answer of a comparison that may be unable to tell."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as one row of a listing shows it: no metadata and no tags.

    `size` is in bytes, `modified` in seconds since 1970, `etag` without its quotes.
    """

    key: str
    etag: str
    size: int
    modified: float
    storage_class: str = "STANDARD"

    @property
    def multipart(self) -> bool:
        """Whether the ETag shows that the document was uploaded in parts."""
        return _MULTIPART_ETAG.fullmatch(self.etag) is not None


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum that the store itself keeps. `kind` is FULL_OBJECT or COMPOSITE (over the parts' checksums)."""

    algorithm: str
    value: str
    kind: str = "FULL_OBJECT"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a look (HEAD and tags) shows it; absence is `None` in its place.

    `headers` are the system headers that belong to the document (Content-Type and the like, lower case),
    `metadata` the user metadata without its `x-amz-meta-` prefix. `version` is empty in an unversioned bucket.
    """

    key: str
    etag: str
    size: int
    version: str = ""
    storage_class: str = "STANDARD"
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None
    encryption: str = ""
    modified: float = 0.0

    @property
    def multipart(self) -> bool:
        """Whether the ETag shows that the document was uploaded in parts."""
        return _MULTIPART_ETAG.fullmatch(self.etag) is not None


def same_bytes(one: Document, other: Document) -> Sameness:
    """Tell whether two documents hold the same bytes, without reading them.

    An ETag counts as a digest only where AWS says it is one: plain or SSE-S3 encryption
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html). Equal multipart ETags mean equal parts;
    unequal ones may only mean other part boundaries. Checksums compare only within one algorithm and kind.
    """
    if one.size != other.size:
        return Sameness.DIFFERENT
    digests = {one.encryption, other.encryption} <= set(_ETAG_IS_DIGEST_UNDER)
    by_etag = same_etag(one.etag, other.etag) if digests else Sameness.UNKNOWN
    if by_etag is Sameness.DIFFERENT:
        # Two MD5s that differ settle it: a checksum of 32 bits may be equal by chance or on purpose.
        return by_etag
    by_checksum = _compare_checksums(one.checksum, other.checksum)
    return by_etag if by_checksum is Sameness.UNKNOWN else by_checksum


def same_etag(one: str, other: str) -> Sameness:
    """Compare two ETags of objects that are not encrypted with KMS or customer keys."""
    if one == other and (_MD5_ETAG.fullmatch(one) or _MULTIPART_ETAG.fullmatch(one)):
        return Sameness.SAME
    if _MD5_ETAG.fullmatch(one) and _MD5_ETAG.fullmatch(other):
        return Sameness.DIFFERENT
    return Sameness.UNKNOWN


def _compare_checksums(one: Checksum | None, other: Checksum | None) -> Sameness:
    if one is None or other is None or (one.algorithm, one.kind) != (other.algorithm, other.kind):
        return Sameness.UNKNOWN
    if one.value == other.value:
        return Sameness.SAME
    return Sameness.DIFFERENT if one.kind == "FULL_OBJECT" else Sameness.UNKNOWN


def differing_fields(one: Document, other: Document) -> tuple[str, ...]:
    """Name what differs between two looks, bytes first. `bytes?` means that only reading both can tell."""
    found = []
    bytes_are = same_bytes(one, other)
    if bytes_are is not Sameness.SAME:
        found.append("bytes" if bytes_are is Sameness.DIFFERENT else "bytes?")
    for name in ("headers", "metadata", "tags"):
        if dict(getattr(one, name)) != dict(getattr(other, name)):
            found.append(name)
    if one.storage_class != other.storage_class:
        found.append("storage_class")
    return tuple(found)
