"""Copies a document in parts, with the source's own part boundaries.

The same boundaries give the same multipart ETag and composite checksum, so that the copy stays comparable.
UploadPartCopy carries nothing but bytes: metadata, headers, tags and storage class are set when the upload is
created (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html).
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import accumulate
from urllib.parse import quote, urlencode

from docferry.aws import s3_xml
from docferry.aws.errors import translated
from docferry.aws.http import Answer, AwsClient
from docferry.bounded import each
from docferry.domain.document import Document
from docferry.domain.errors import DocferryError, ServiceError
from docferry.ports import Written

PARTS_AT_ONCE = 8
PLAIN_PART_BYTES = 1024**3
"""The part size for a document above 5 GB that was itself not uploaded in parts."""


async def copy_parts(
    client: AwsClient,
    source_bucket: str,
    target_bucket: str,
    source: Document,
    sizes: Sequence[int],
    condition: Mapping[str, str],
) -> Written:
    """Copy every part on condition that the source is still the one looked at, then complete on `condition`.

    `sizes` are the parts' sizes in bytes. Raises Conflict if either side changed. An upload that cannot be
    completed is aborted; one that a crash leaves behind holds no document and is for the bucket's lifecycle rule
    to remove.
    """
    path = _path(target_bucket, source.key)
    created = await client.send("s3", "POST", path, query={"uploads": ""}, headers=_kept(source))
    upload = {"uploadId": s3_xml.text_of(created.body, "UploadId")}
    etags: dict[int, str] = {}
    versions: set[str] = set()

    async def copy(part: tuple[int, int, int]) -> None:
        number, start, size = part
        query = {**upload, "partNumber": str(number)}
        span = f"bytes={start}-{start + size - 1}"
        answer = await _copy_part(client, path, source_bucket, source, query, span)
        etags[number] = s3_xml.text_of(answer.body, "ETag")
        versions.add(answer.headers.get("x-amz-copy-source-version-id", ""))

    try:
        await each(_spans(sizes), copy, asyncio.Semaphore(PARTS_AT_ONCE))
        body = s3_xml.completion([etags[number] for number in sorted(etags)])
        done = await client.send("s3", "POST", path, query=upload, headers=condition, body=body)
        _refuse_error(done, f"CompleteMultipartUpload {source.key!r}")
    except (DocferryError, asyncio.CancelledError):
        await _abort(client, path, upload)
        raise
    return Written(done.headers.get("x-amz-version-id", ""), versions.pop() if len(versions) == 1 else "")


def _spans(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    starts = [0, *accumulate(sizes)]
    return [(number, starts[number - 1], size) for number, size in enumerate(sizes, 1)]


def _path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key, '/-_.~')}"


async def _copy_part(
    client: AwsClient, path: str, source_bucket: str, source: Document, query: Mapping[str, str], span: str
) -> Answer:
    headers = {
        "x-amz-copy-source": _path(source_bucket, source.key),
        "x-amz-copy-source-if-match": f'"{source.etag}"',
        "x-amz-copy-source-range": span,
    }
    answer = await client.send("s3", "PUT", path, query=query, headers=headers)
    _refuse_error(answer, f"UploadPartCopy {source.key!r}")
    return answer


def _kept(source: Document) -> dict[str, str]:
    headers = {**source.headers, "x-amz-storage-class": source.storage_class}
    headers |= {f"x-amz-meta-{name}": value for name, value in source.metadata.items()}
    if source.tags:
        headers["x-amz-tagging"] = urlencode(source.tags, quote_via=quote)
    if source.checksum:
        headers["x-amz-checksum-algorithm"] = source.checksum.algorithm
        headers["x-amz-checksum-type"] = source.checksum.kind
    return headers


async def part_sizes(client: AwsClient, bucket: str, source: Document) -> list[int]:
    """Return the sizes of a document's parts in bytes, asked of its own region."""
    if not source.multipart:
        whole, rest = divmod(source.size, PLAIN_PART_BYTES)
        return [PLAIN_PART_BYTES] * whole + ([rest] if rest else [])
    path = _path(bucket, source.key)
    asked = {"x-amz-object-attributes": "ObjectParts", "x-amz-max-parts": "10000"}
    answer = await client.send("s3", "GET", path, query={"attributes": ""}, headers=asked)
    sizes = s3_xml.part_sizes(answer.body) or await _sizes_by_head(client, path, source)
    if sum(sizes) != source.size:
        raise ServiceError(
            f"the part sizes of {source.key!r} add up to {sum(sizes)} bytes, not {source.size}; nothing was copied"
        )
    return sizes


async def _sizes_by_head(client: AwsClient, path: str, source: Document) -> list[int]:
    # AWS lists parts in GetObjectAttributes only where they carry an additional checksum.
    count = int(source.etag.rpartition("-")[2])
    condition = {"if-match": f'"{source.etag}"'}
    sizes = []
    for number in range(1, count + 1):
        head = await client.send("s3", "HEAD", path, query={"partNumber": str(number)}, headers=condition)
        sizes.append(int(head.headers["content-length"]))
    return sizes


def _refuse_error(answer: Answer, what: str) -> None:
    if s3_xml.is_error(answer.body):
        raise translated(500, answer.body, what)


async def _abort(client: AwsClient, path: str, upload: Mapping[str, str]) -> None:
    try:
        await client.send("s3", "DELETE", path, query=upload)
    except DocferryError:
        # Nothing is lost: the parts are invisible, and the error that brought us here matters more.
        return
