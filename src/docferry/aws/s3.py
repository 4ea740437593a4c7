"""Documents in an S3 bucket."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import quote

from docferry.aws import s3_xml
from docferry.aws.errors import gone_is_conflict
from docferry.aws.http import COPYING, Answer, AwsClient, Guard
from docferry.aws.s3_parts import copy_parts, part_sizes
from docferry.domain.document import COPY_LIMIT_BYTES, Checksum, Document, Listed
from docferry.domain.errors import Conflict, Retryable, ServiceError
from docferry.domain.reserved import OWN, RESERVED, is_reserved
from docferry.ports import ListingPage, Written

_REDIRECT = "x-amz-website-redirect-location"
HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    _REDIRECT,
)
_ALGORITHMS = ("CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1")
_METADATA = "x-amz-meta-"
READ_BYTES = 8 * 1024**2


def path_of(bucket: str, key: str = "") -> str:
    """Return the encoded path of a document; S3 keys are signed and sent as they are, `//` and `..` included."""
    return f"/{bucket}/{quote(key, '/-_.~')}" if key else f"/{bucket}"


def on_condition(expected: Document | Listed | None) -> dict[str, str]:
    """Return the header that lets a write through only if the target is still `expected`."""
    return {"if-none-match": "*"} if expected is None else {"if-match": f'"{expected.etag}"'}


class S3Documents:
    """The `DocumentStore` port over one bucket; `source` is the bucket that `copy` copies from.

    `guard` is called right before every request that writes, repeated ones and those of an upload in parts too.
    Stores that ignore conditions on CopyObject exist; there the caller's own look right before and the confirm
    right after are what is left.
    """

    def __init__(
        self,
        client: AwsClient,
        bucket: str,
        source: "S3Documents | None" = None,
        *,
        guard: Guard | None = None,
    ) -> None:
        self._client = client
        self.bucket = bucket
        self._source = source
        self._guard = guard

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        """Return up to 1,000 documents after a key, without reserved ones; none only at the end.

        Raises Retryable if S3's pages lead nowhere.
        """
        return await self._page(after, prefix, lambda key: not is_reserved(key))

    async def stranger(self) -> str | None:
        """Return a key under the reserved prefix that is not docferry's own, or None if there is none."""
        page = await self._page("", RESERVED, lambda key: key not in OWN)
        return page.rows[0].key if page.rows else None

    async def _page(self, after: str, prefix: str, wanted: Callable[[str], bool]) -> ListingPage:
        # A page may be empty before the end: S3 sends such, and others are once what is not wanted is left out.
        start = {"start-after": after} if after else {}
        token = ""
        while True:
            asked = {"list-type": "2", "encoding-type": "url", "prefix": prefix, **start}
            answer = await self._client.send("s3", "GET", path_of(self.bucket), query=asked)
            found = s3_xml.listing_page(answer.body)
            rows = tuple(row for row in found.rows if wanted(row.key))
            if rows or not found.more:
                return ListingPage(rows, found.more)
            if found.token in ("", token):
                raise Retryable(f"the listing of {self.bucket} after {after!r} does not go on")
            token = found.token
            start = {"continuation-token": token}

    async def look(self, key: str) -> Document | None:
        """Return the latest state, tags of that very version included, or None."""
        try:
            head = await self._send("HEAD", key, headers={"x-amz-checksum-mode": "ENABLED"})
            version = head.headers.get("x-amz-version-id", "")
            query = {"tagging": "", **({"versionId": version} if version else {})}
            held = s3_xml.tags((await self._send("GET", key, query=query)).body)
        except ServiceError as error:
            # HEAD has no body to say why: a listing raises what is wrong with the bucket or with the caller.
            await self._refuse_missing_bucket()
            if error.status != 404:
                raise
            return None
        return _document(key, head, held)

    async def put(self, key: str, number: str) -> str:
        """Put a reserved document, as `Beacon` says: on no condition and without asking the guard."""
        if not is_reserved(key):
            raise ValueError(f"{key!r} is not reserved")
        body = number.encode()
        # Buckets with Object Lock take nothing without a digest.
        headers = {"content-type": "text/plain", f"{_METADATA}number": number, "content-md5": _md5(body)}
        return _written(await self._send("PUT", key, headers=headers, body=body)).version

    async def _refuse_missing_bucket(self) -> None:
        # HEAD says 404 for a missing bucket too, and taking that for a deletion would delete everything at the
        # target: a listing tells them apart by raising.
        await self._client.send("s3", "GET", path_of(self.bucket), query={"list-type": "2", "max-keys": "1"})

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy from the source bucket on condition, in parts where the source is in parts or too large."""
        if source.multipart or source.size > COPY_LIMIT_BYTES:
            shown = await self._paired().look(source.key)
            if shown is None or shown.etag != source.etag:
                raise Conflict(f"{source.key!r} changed at the source before it was copied")
            return await self._copy_in_parts(self._paired(), shown, expected)
        return await self._copy_whole(source, expected)

    async def _copy_in_parts(
        self, source: "S3Documents", shown: Document, expected: Document | Listed | None
    ) -> Written:
        with gone_is_conflict(f"{shown.key!r} at the source"):
            sizes = await part_sizes(source._client, source.bucket, shown)
            if not sizes:
                return await self._copy_whole(shown, expected)
            written = await copy_parts(
                self._client,
                source.bucket,
                self.bucket,
                shown,
                sizes,
                on_condition(expected),
                partial(source._unchanged, shown),
                self._guard,
            )
        if shown.tags:
            # AWS takes the tags when the upload is created; stores that drop them there (the embedded AWS does)
            # would leave the copy without.
            await self.put_tags(shown.key, written.version, shown.tags)
        return written

    async def _unchanged(self, shown: Document) -> None:
        await self._client.send(
            "s3", "HEAD", path_of(self.bucket, shown.key), headers={"if-match": f'"{shown.etag}"'}
        )

    async def _copy_whole(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        # One request: metadata, headers and tags come along, but an unnamed storage class would be STANDARD, and
        # an unnamed redirect none. A listing does not show it: only a copy after a look keeps it.
        headers = {
            "x-amz-copy-source": path_of(self._paired().bucket, source.key),
            "x-amz-copy-source-if-match": f'"{source.etag}"',
            "x-amz-storage-class": source.storage_class,
            **on_condition(expected),
        }
        if isinstance(source, Document) and _REDIRECT in source.headers:
            headers[_REDIRECT] = source.headers[_REDIRECT]
        with gone_is_conflict(f"{source.key!r} at the source"):
            answer = await self._client.send(
                "s3",
                "PUT",
                path_of(self.bucket, source.key),
                headers=headers,
                guard=self._guard,
                refuse_error_body=True,
                patience=COPYING,
            )
        return _written(answer)

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one version."""
        body = s3_xml.tagging(tags)
        query = {"tagging": "", **({"versionId": version} if version else {})}
        try:
            headers = {"content-md5": _md5(body)}
            await self._send("PUT", key, query=query, headers=headers, body=body, guard=self._guard)
        except ServiceError as error:
            if error.status in (404, 405):
                raise Conflict(f"{key!r} lost the version that was to be tagged") from error
            raise

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker over the document on condition.

        AWS answers 404 where there is none any more, which is one more way of no longer being `expected`
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html).
        """
        with gone_is_conflict(f"{key!r} at the target"):
            return _written(await self._send("DELETE", key, headers=on_condition(expected), guard=self._guard))

    async def read_digest(self, document: Document) -> str:
        """Read the stored bytes of one version range by range, so that memory does not grow with its size."""
        digest = hashlib.sha256()
        query = {"versionId": document.version} if document.version else {}
        for start in range(0, document.size, READ_BYTES):
            span = {"range": f"bytes={start}-{min(start + READ_BYTES, document.size) - 1}"}
            headers = {**span, "if-match": f'"{document.etag}"'}
            with gone_is_conflict(f"the version of {document.key!r} that was being read"):
                answer = await self._send("GET", document.key, query=query, headers=headers)
            if answer.status == 200:
                # A store that ignores the range (the embedded AWS does, for a version) has sent everything.
                return hashlib.sha256(answer.body).hexdigest()
            digest.update(answer.body)
        return digest.hexdigest()

    def _paired(self) -> "S3Documents":
        if self._source is None:
            raise ServiceError(f"bucket {self.bucket} is not paired with a source to copy from")
        return self._source

    async def _send(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        guard: Guard | None = None,
    ) -> Answer:
        path = path_of(self.bucket, key)
        return await self._client.send("s3", method, path, query=query, headers=headers, body=body, guard=guard)


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _document(key: str, head: Answer, tags: Mapping[str, str]) -> Document:
    held = head.headers
    if "etag" not in held or "content-length" not in held:
        raise Retryable(f"HEAD {key!r}: the answer lacks ETag or Content-Length")
    return Document(
        key=key,
        etag=held["etag"].strip('"'),
        size=int(held["content-length"]),
        version=held.get("x-amz-version-id", ""),
        storage_class=held.get("x-amz-storage-class", "STANDARD"),
        headers={name: held[name] for name in HEADERS if name in held},
        metadata={
            name.removeprefix(_METADATA): value for name, value in held.items() if name.startswith(_METADATA)
        },
        tags=dict(tags),
        checksum=_checksum(held),
        encryption="customer" if "x-amz-server-side-encryption-customer-algorithm" in held
        else held.get("x-amz-server-side-encryption", ""),
        modified=parsedate_to_datetime(held["last-modified"]).timestamp(),
    )  # fmt: skip


def _checksum(held: Mapping[str, str]) -> Checksum | None:
    kind = held.get("x-amz-checksum-type", "FULL_OBJECT")
    for algorithm in _ALGORITHMS:
        value = held.get(f"x-amz-checksum-{algorithm.lower()}")
        if value:
            return Checksum(algorithm, value, "COMPOSITE" if "-" in value else kind)
    return None


def _written(answer: Answer) -> Written:
    return Written(
        version=answer.headers.get("x-amz-version-id", ""),
        source_version=answer.headers.get("x-amz-copy-source-version-id", ""),
    )
