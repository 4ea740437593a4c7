"""Looks at a store for the judge and the lag sampler: read-only, and with none of the engine's code.

The requests are plain HTTP, signed by botocore. A fault in docferry's own client cannot hide itself here.
"""

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import stamina
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

from docferry.demo.access import CONNECTIONS, credentials_of
from docferry.demo.records import RecordKey
from docferry.demo.state import GENERATION, DocumentState
from docferry.domain.errors import Retryable, ServiceError
from docferry.domain.record import Item
from docferry.settings import Settings, Side

_METADATA = "x-amz-meta-"
_CHUNK_BYTES = 1024**2


@asynccontextmanager
async def looking(settings: Settings, side: Side) -> AsyncIterator["Look"]:
    """Open a look at one side. Raises ServiceError if there are no credentials for it."""
    credentials = credentials_of(settings, side)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    # Stored bytes are compared, whatever Content-Encoding their owner gave them.
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        yield Look(session, credentials, side, settings.aws.endpoint_url)


class Look:
    """One side's bucket and table. Every method raises ServiceError, or Retryable when repeating did not help."""

    def __init__(
        self, session: aiohttp.ClientSession, credentials: Credentials, side: Side, endpoint_url: str
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._side = side
        self._s3 = endpoint_url.rstrip("/") or f"https://s3.{side.region}.amazonaws.com"
        self._dynamodb = endpoint_url.rstrip("/") or f"https://dynamodb.{side.region}.amazonaws.com"

    async def document(self, key: str) -> DocumentState | None:
        """Read a document, its bytes and tags included."""
        status, headers, body = await self._object("GET", key, digest=True)
        if status == 404:
            _refuse_missing_bucket(body, self._side.bucket)
            return None
        tags = await self._tags(key)
        return DocumentState(
            sha256=body.decode(),
            content_type=headers.get("content-type", ""),
            metadata=_metadata(headers),
            tags=tags,
        )

    async def generation(self, key: str, *, of_tags: bool) -> int | None:
        """Return the number of the operation whose metadata, or whose tags, a document shows; None if absent.

        A document without a number shows 0.
        """
        if of_tags:
            status, _, body = await self._object("GET", key, "?tagging=")
            return None if status == 404 else int(_tags_in(body).get(GENERATION, 0))
        status, headers, _ = await self._object("HEAD", key)
        return None if status == 404 else int(_metadata(headers).get(GENERATION, 0))

    async def records(self) -> dict[str, Item]:
        """Read the whole table with consistent reads, by the records' names."""
        found: dict[str, Item] = {}
        request: dict[str, Any] = {"TableName": self._side.table, "ConsistentRead": True}
        while True:
            page = await self._scan(request)
            for item in page["Items"]:
                found[RecordKey(item["owner"]["S"], item["record_id"]["S"]).name] = item
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    async def _scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"}
        signer = SigV4Auth(self._credentials, "dynamodb", self._side.region)
        asked = AWSRequest("POST", f"{self._dynamodb}/", headers=headers, data=orjson.dumps(request))
        status, _, body = await self._send(signer, asked)
        if status != 200:
            raise ServiceError(f"Scan of {self._side.table}: {body[:200]!r}", status=status)
        page: dict[str, Any] = orjson.loads(body)
        return page

    async def _tags(self, key: str) -> dict[str, str]:
        status, _, body = await self._object("GET", key, "?tagging=")
        return {} if status == 404 else _tags_in(body)

    async def _object(
        self, method: str, key: str, query: str = "", *, digest: bool = False
    ) -> tuple[int, Mapping[str, str], bytes]:
        url = f"{self._s3}/{self._side.bucket}/{quote(key, '/-_.~')}{query}"
        signer = S3SigV4Auth(self._credentials, "s3", self._side.region)
        status, headers, body = await self._send(signer, AWSRequest(method, url), digest=digest)
        if query and status == 405:
            # What S3 says of the tags of a deleted document.
            status = 404
        if status not in (200, 404):
            raise ServiceError(f"{method} {key!r} in {self._side.bucket}: {status} {body[:200]!r}", status=status)
        return status, headers, body

    async def _send(
        self, signer: SigV4Auth, asked: AWSRequest, *, digest: bool = False
    ) -> tuple[int, Mapping[str, str], bytes]:
        async for attempt in stamina.retry_context(on=Retryable, attempts=8, timeout=60.0, wait_initial=0.05):
            with attempt:
                signer.add_auth(asked)
                try:
                    async with self._session.request(
                        asked.method,
                        URL(asked.url, encoded=True),
                        headers=dict(asked.headers),
                        data=asked.data or None,
                        skip_auto_headers=("content-type",),
                    ) as answer:
                        if answer.status in (429, 500, 502, 503, 504):
                            raise Retryable(f"{asked.method} {asked.url}: {answer.status}")
                        body = await _read(answer, digest=digest and answer.status == 200)
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    raise Retryable(f"{asked.method} {asked.url}: {error!r}") from error
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, body
        raise AssertionError("unreachable: a retry either returns or raises")


async def _read(answer: aiohttp.ClientResponse, *, digest: bool) -> bytes:
    # Of a document only the digest is kept, whatever its size.
    if not digest:
        return await answer.read()
    held = hashlib.sha256()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        held.update(chunk)
    return held.hexdigest().encode()


def _refuse_missing_bucket(body: bytes, bucket: str) -> None:
    if b"NoSuchBucket" in body:
        raise ServiceError(f"there is no bucket {bucket}", status=404)


def _metadata(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(_METADATA): value for name, value in headers.items() if name.startswith(_METADATA)}


def _tags_in(body: bytes) -> dict[str, str]:
    names = [
        one.text or "" for one in ET.fromstring(body).iter() if one.tag.rpartition("}")[2] in ("Key", "Value")
    ]
    return dict(zip(names[::2], names[1::2], strict=True))
