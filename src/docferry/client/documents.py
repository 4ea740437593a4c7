"""The documents of an application, in whatever region is open: what `docferry.client.connect` opens."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import BinaryIO

from docferry.aws.http import Answer, AwsClient
from docferry.aws.s3 import HEADERS
from docferry.client.bodies import Body, BodyLike, readable
from docferry.client.leave import Leave
from docferry.client.route import Route
from docferry.client.sending import Attributes, Sender, guarded, in_time, patience_of
from docferry.client.uploads import Landed, Uploader
from docferry.domain.errors import Conflict, InvalidInput, Retryable, ServiceError
from docferry.domain.reserved import RESERVED, is_reserved

WHOLE_BYTES = 16 * 1024**2
"""Larger bodies are uploaded in parts."""
READ_BYTES = 8 * 1024**2
PARTS_AT_ONCE = 4
"""Of a store, whatever the number of uploads: this times the size of a part is what they take of memory."""
READS_LIMIT = 5
"""How often a document is read from its beginning again because the version being read has gone."""
NOTHING: Mapping[str, str] = MappingProxyType({})
_METADATA = "x-amz-meta-"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that was put. `version` is empty in a bucket without versions; `region` is the route's name."""

    key: str
    etag: str
    version: str
    region: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A document that was deleted, or was not there. `version` is that of the delete marker."""

    key: str
    version: str
    region: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document that was read. `size` is in bytes; `body` is None if it was read into a file.

    `headers` are the system headers that belong to it, names in lower case, `metadata` the user metadata.
    """

    key: str
    etag: str
    version: str
    region: str
    size: int
    headers: Mapping[str, str]
    metadata: Mapping[str, str]
    body: bytes | None = None

    @property
    def content_type(self) -> str:
        """What the document says it is."""
        return self.headers.get("content-type", "")


class DocumentStore:
    """Puts, reads, deletes and tags documents where applications may write now. Safe among tasks.

    Every method raises what `Route.write` and `Route.read` raise, InvalidInput for a key or body that cannot be,
    and ServiceError for what S3 refuses. Nothing is conditional: as in S3, the last write wins.
    """

    def __init__(self, route: Route, clients: Mapping[str, AwsClient], buckets: Mapping[str, str]) -> None:
        patience = patience_of(route.deadline_s)
        self.route = route
        self._senders = {name: Sender(one, buckets[name], patience) for name, one in clients.items()}
        self._uploader = Uploader(route, self._senders, asyncio.Semaphore(PARTS_AT_ONCE))

    async def put(
        self,
        key: str,
        body: BodyLike,
        *,
        content_type: str = "",
        metadata: Mapping[str, str] = NOTHING,
        tags: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> Stored:
        """Put a document. `headers` are further system headers, such as `cache-control`.

        Up to 16 MiB it is one request; larger ones are uploaded in parts, of which four are in memory at a time,
        and may take longer than the deadline, which is for each request then.
        """
        _refuse_reserved(key)
        named = {name.lower(): value for name, value in headers.items()}
        if content_type:
            named["content-type"] = content_type
        attributes = Attributes(named, metadata, tags)
        async with readable(body) as again:
            if again.size > WHOLE_BYTES:
                region, landed = await self._uploader.put(key, again, attributes)
            else:
                work = partial(self._put_whole, key, again, attributes)
                region, landed = await self.route.write(work, documents=[key])
        return Stored(key, landed.etag, landed.version, region)

    async def _put_whole(self, key: str, body: Body, attributes: Attributes, leave: Leave) -> tuple[str, Landed]:
        sender = self._senders[leave.region]
        held = await body.read(0, body.size)
        with guarded(leave) as guard:
            answer = await sender.send("PUT", key, headers=attributes.sent, body=held, guard=guard)
            landed = Landed(_etag(answer), _version(answer))
            if attributes.tags_apart:
                await sender.tag(key, attributes.tags, guard, landed.version)
        return leave.region, landed

    async def delete(self, key: str) -> Deleted:
        """Delete a document: a delete marker goes over it where there are versions. Finding none is no error."""
        _refuse_reserved(key)

        async def delete(leave: Leave) -> Deleted:
            with guarded(leave) as guard:
                answer = await self._senders[leave.region].send("DELETE", key, guard=guard)
            return Deleted(key, _version(answer), leave.region)

        return await self.route.write(delete, documents=[key])

    async def tag(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of a document. Raises ServiceError with status 404 if there is none."""
        _refuse_reserved(key)

        async def tag(leave: Leave) -> None:
            with guarded(leave) as guard:
                await self._senders[leave.region].tag(key, tags, guard)

        await self.route.write(tag, documents=[key])

    async def get(self, key: str, into: BinaryIO | None = None) -> Fetched | None:
        """Read a document, None if there is none. With `into`, a seekable file, write it there from its position.

        It is read in ranges of 8 MiB, all of one version: the latest at the time of the first range. If that
        version goes while it is read, which needs somebody who deletes versions, or a bucket without them, it is
        read from its beginning again, and `into` is written over.
        """
        if into is not None and not into.seekable():
            raise InvalidInput("a document is read into a seekable file: it may have to be written over")
        start = 0 if into is None else into.tell()
        for _ in range(READS_LIMIT):
            first = await self.route.read(partial(self._first_range, key))
            if first is None:
                return None
            answer, region = first
            try:
                return await self._rest(key, answer, region, into, start)
            except Conflict:
                continue
            except ServiceError as error:
                if error.status != 404:
                    raise
        raise Retryable(f"{key!r} was written over {READS_LIMIT} times while it was read")

    async def _first_range(self, key: str, leave: Leave) -> tuple[Answer, str] | None:
        sender = self._senders[leave.region]
        try:
            return await sender.send("GET", key, headers={"range": _span(0)}), leave.region
        except ServiceError as error:
            if error.status == 404:
                return None
            if error.status != 416:
                raise
        # No range fits into an empty document.
        try:
            return await sender.send("GET", key), leave.region
        except ServiceError as error:
            if error.status != 404:
                raise
            return None

    async def _rest(self, key: str, answer: Answer, region: str, into: BinaryIO | None, start: int) -> Fetched:
        size = int(answer.headers.get("content-range", f"/{len(answer.body)}").rpartition("/")[2])
        fetched = _fetched(key, answer, region, size)
        pieces: list[bytes] = []

        async def take(piece: bytes) -> None:
            if into is None:
                pieces.append(piece)
            else:
                await asyncio.to_thread(into.write, piece)

        if into is not None:
            await asyncio.to_thread(into.seek, start)
            await asyncio.to_thread(into.truncate)
        await take(answer.body)
        query = {"versionId": fetched.version} if fetched.version else {}
        for offset in range(len(answer.body), size, READ_BYTES):
            headers = {"range": _span(offset), "if-match": answer.headers["etag"]}
            async with in_time(self.route.deadline_s, f"a range of {key!r} did not come"):
                more = await self._senders[region].send("GET", key, query=query, headers=headers)
            if more.status != 206:
                # Any server may ignore a range; the embedded AWS does where a version is named.
                await take(more.body[offset:])
                break
            await take(more.body)
        return fetched if into is not None else replace(fetched, body=b"".join(pieces))


def _refuse_reserved(key: str) -> None:
    if is_reserved(key):
        raise InvalidInput(f"{key!r}: docferry keeps everything under {RESERVED} to itself and never moves it")
    if not key:
        raise InvalidInput("a document needs a key")


def _span(offset: int) -> str:
    return f"bytes={offset}-{offset + READ_BYTES - 1}"


def _etag(answer: Answer) -> str:
    return answer.headers.get("etag", "").strip('"')


def _version(answer: Answer) -> str:
    return answer.headers.get("x-amz-version-id", "")


def _fetched(key: str, answer: Answer, region: str, size: int) -> Fetched:
    held = answer.headers
    return Fetched(
        key=key,
        etag=_etag(answer),
        version=_version(answer),
        region=region,
        size=size,
        headers={name: held[name] for name in HEADERS if name in held},
        metadata={
            name.removeprefix(_METADATA): value for name, value in held.items() if name.startswith(_METADATA)
        },
    )
