"""Copies a document in parts, with the source's own part boundaries.

The same boundaries give the same multipart ETag and composite checksum, so that the copy stays comparable.
UploadPartCopy carries nothing but bytes: metadata, headers, tags and storage class are set when the upload is
created (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html).
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import quote, urlencode

from docferry.aws import s3_xml
from docferry.aws.http import COPYING, AwsClient, Guard
from docferry.bounded import each
from docferry.domain.document import COPY_LIMIT_BYTES, Document
from docferry.domain.errors import Conflict, DocferryError, ServiceError
from docferry.ports import Written

PARTS_AT_ONCE = 8
PLAIN_PART_BYTES = 1024**3
"""The part size for a document above 5 GB that was itself not uploaded in parts."""
ABORT_TIMEOUT_S = 5.0
TAGS_HEADER_BYTES = 2048
"""Longer tags do not go into a header: S3 takes 8 KB of headers in all, and 2 KB is where AWS's own command line
draws the line."""
_BY_PARTS_ONLY = ("SHA1", "SHA256")
_OF_NOTHING = {
    "CRC32": bytes(4),
    "CRC32C": bytes(4),
    "CRC64NVME": bytes(8),
    "SHA1": hashlib.sha1(usedforsecurity=False).digest(),
    "SHA256": hashlib.sha256().digest(),
}


async def copy_parts(
    client: AwsClient,
    source_bucket: str,
    target_bucket: str,
    source: Document,
    sizes: Sequence[int],
    condition: Mapping[str, str],
    unchanged: Callable[[], Awaitable[None]],
    guard: Guard | None = None,
) -> Written:
    """Copy every part on condition that the source is still the one looked at, then complete on `condition`.

    `sizes` are the parts' sizes in bytes; `guard` is called right before every request but an abort, `unchanged`
    right before the completion, which cannot be sent on a condition of the source: the parts may have taken
    minutes, and a source that was deleted meanwhile must not come back by a completion that nobody hears of.
    Raises Conflict if either side changed, and what `unchanged` raises. An upload that cannot be completed is
    aborted; one that a crash leaves behind holds no document and is for the bucket's lifecycle rule to remove.
    """
    path = _path(target_bucket, source.key)
    created = await client.send("s3", "POST", path, query={"uploads": ""}, headers=_kept(source), guard=guard)
    query = {"uploadId": s3_xml.text_of(created.body, "UploadId")}
    upload = _Upload(client, path, query, _path(source_bucket, source.key), source, guard)
    parts: dict[int, _Part] = {}

    async def copy(part: tuple[int, int, int]) -> None:
        number, start, size = part
        parts[number] = await (upload.copy(number, start, size) if size else upload.put_empty(number))

    try:
        await each(_spans(sizes), copy, asyncio.Semaphore(PARTS_AT_ONCE))
        await unchanged()
        version = await upload.complete([parts[number] for number in sorted(parts)], condition)
    except BaseException:
        await upload.abort()
        raise
    versions = {one.source_version for one in parts.values()}
    return Written(version, versions.pop() if len(versions) == 1 else "")


def _spans(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    starts = [0, *accumulate(sizes)]
    return [(number, starts[number - 1], size) for number, size in enumerate(sizes, 1)]


def _path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key, '/-_.~')}"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that has arrived. `checksum` is empty where the store does not tell."""

    etag: str
    checksum: str
    source_version: str


@dataclass(frozen=True, slots=True)
class _Upload:
    """An upload that has begun: `query` names it, `copied_from` is the path of its source."""

    client: AwsClient
    path: str
    query: Mapping[str, str]
    copied_from: str
    source: Document
    guard: Guard | None

    @property
    def algorithm(self) -> str:
        """The checksum algorithm that the upload was created with, or nothing."""
        return self.source.checksum.algorithm if self.source.checksum else ""

    async def copy(self, number: int, start: int, size: int) -> _Part:
        """Copy one part of `size` bytes from byte `start` of the source."""
        answer = await self.client.send(
            "s3",
            "PUT",
            self.path,
            query={**self.query, "partNumber": str(number)},
            headers={
                "x-amz-copy-source": self.copied_from,
                "x-amz-copy-source-if-match": f'"{self.source.etag}"',
                "x-amz-copy-source-range": f"bytes={start}-{start + size - 1}",
            },
            guard=self.guard,
            refuse_error_body=True,
            patience=COPYING,
        )
        return _Part(
            etag=s3_xml.text_of(answer.body, "ETag"),
            checksum=s3_xml.text_of(answer.body, f"Checksum{self.algorithm}") if self.algorithm else "",
            source_version=answer.headers.get("x-amz-copy-source-version-id", ""),
        )

    async def put_empty(self, number: int) -> _Part:
        """Send a part of no bytes, which no range can name; S3 wants the upload's kind of checksum with it."""
        checksum = base64.b64encode(_OF_NOTHING[self.algorithm]).decode() if self.algorithm else ""
        headers = {f"x-amz-checksum-{self.algorithm.lower()}": checksum} if checksum else {}
        query = {**self.query, "partNumber": str(number)}
        answer = await self.client.send("s3", "PUT", self.path, query=query, headers=headers, guard=self.guard)
        return _Part(answer.headers["etag"], checksum, self.source.version)

    async def complete(self, parts: Sequence[_Part], condition: Mapping[str, str]) -> str:
        """Make the document of the parts and return its version."""
        checksums = [one.checksum for one in parts]
        answer = await self.client.send(
            "s3",
            "POST",
            self.path,
            query=self.query,
            headers=condition,
            body=s3_xml.completion([one.etag for one in parts], self.algorithm, checksums),
            guard=self.guard,
            refuse_error_body=True,
            patience=COPYING,
        )
        return answer.headers.get("x-amz-version-id", "")

    async def abort(self) -> None:
        """Drop the parts; not for long, because whoever interrupts is not to wait for a store that is silent."""
        try:
            async with asyncio.timeout(ABORT_TIMEOUT_S):
                await self.client.send("s3", "DELETE", self.path, query=self.query)
        except (DocferryError, TimeoutError):
            # Nothing is lost: the parts are invisible, and the error that brought us here matters more.
            return


def _kept(source: Document) -> dict[str, str]:
    # Values go back as HEAD showed them. S3 shows metadata that is not ASCII as RFC 2047 encoded words, and says
    # that it decodes such words before it stores them, so that sending them keeps the value
    # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html; read, not tried on AWS).
    headers = {**source.headers, "x-amz-storage-class": source.storage_class}
    headers |= {f"x-amz-meta-{name}": value for name, value in source.metadata.items()}
    tags = urlencode(source.tags, quote_via=quote)
    if 0 < len(tags) <= TAGS_HEADER_BYTES:
        headers["x-amz-tagging"] = tags
    if source.checksum:
        by_parts = source.checksum.algorithm in _BY_PARTS_ONLY
        headers["x-amz-checksum-algorithm"] = source.checksum.algorithm
        headers["x-amz-checksum-type"] = "COMPOSITE" if by_parts else source.checksum.kind
    return headers


async def part_sizes(client: AwsClient, bucket: str, source: Document) -> list[int]:
    """Return the sizes of a document's parts in bytes, asked of its own region. Raises Conflict if it changed.

    Where the store does not tell them (some keep the ETag of parts for an object that has none), there are none,
    and the document is to be copied whole; what is too large for that gets parts of 1 GiB.
    """
    if not source.multipart:
        return _plain(source.size)
    path = _path(bucket, source.key)
    sizes = await _sizes_by_page(client, path, source) or await _sizes_by_head(client, path, source)
    if sum(sizes) == source.size:
        return sizes
    return _plain(source.size) if source.size > COPY_LIMIT_BYTES else []


def _plain(size: int) -> list[int]:
    whole, rest = divmod(size, PLAIN_PART_BYTES)
    return [PLAIN_PART_BYTES] * whole + ([rest] if rest else [])


async def _sizes_by_page(client: AwsClient, path: str, source: Document) -> list[int]:
    # Takes no condition, so it is asked for the ETag too
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html).
    sizes: dict[int, int] = {}
    marker = ""
    while True:
        asked = {"x-amz-object-attributes": "ETag,ObjectParts", "x-amz-max-parts": "1000"}
        if marker:
            asked["x-amz-part-number-marker"] = marker
        answer = await client.send("s3", "GET", path, query={"attributes": ""}, headers=asked)
        page = s3_xml.parts_page(answer.body)
        if page.etag not in ("", source.etag):
            raise Conflict(f"{source.key!r} changed at the source before it was copied")
        sizes |= page.sizes
        if page.marker in ("", marker):
            return [sizes[number] for number in sorted(sizes)]
        marker = page.marker


async def _sizes_by_head(client: AwsClient, path: str, source: Document) -> list[int]:
    # AWS lists parts in GetObjectAttributes only where they carry an additional checksum.
    count = int(source.etag.rpartition("-")[2])
    condition = {"if-match": f'"{source.etag}"'}
    sizes = []
    for number in range(1, count + 1):
        try:
            head = await client.send("s3", "HEAD", path, query={"partNumber": str(number)}, headers=condition)
        except ServiceError as error:
            if error.status != 416:
                raise
            return []
        sizes.append(int(head.headers["content-length"]))
    return sizes
