"""Uploads in parts, for documents that are too large for one request.

    create      in the region open now
    parts       a few at a time; nothing of them is visible, so they need neither leave nor journal
    complete    the write: under a leave, its key noted, acknowledged under the epoch like any other

An epoch that rises meanwhile in the same region costs nothing: the parts are there. If another region is open by
the time they have arrived, the upload is dropped and made again there.
"""

import asyncio
import hashlib
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from docferry.aws import s3_xml
from docferry.bounded import each
from docferry.client.bodies import Body
from docferry.client.leave import Leave
from docferry.client.route import Route
from docferry.client.sending import Attributes, Sender, guarded, in_time
from docferry.domain.errors import DocferryError, Retryable, ServiceError

PART_BYTES = 16 * 1024**2
MOST_PARTS = 10_000
"""S3 takes no more (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""
UPLOADS_LIMIT = 5
"""How often an upload is begun before it is given up. Each needs a switch, or somebody who drops uploads."""
ABORT_TIMEOUT_S = 5.0


class _Elsewhere(Exception):
    """Another region is open by now."""


class _Dropped(Exception):
    """The upload is there no more, and it did not become the document."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What a store said of a document that it has taken. `etag` is without its quotes."""

    etag: str
    version: str


@dataclass(frozen=True, slots=True)
class _Upload:
    leave: Leave
    query: Mapping[str, str]


class Uploader:
    """Uploads to whatever region is open; `slots` bounds the parts in memory, over all uploads of a store."""

    def __init__(self, route: Route, senders: Mapping[str, Sender], slots: asyncio.Semaphore) -> None:
        self._route = route
        self._senders = senders
        self._slots = slots

    async def put(self, key: str, body: Body, attributes: Attributes) -> tuple[str, Landed]:
        """Upload a document and return the region it is in, and what the store said.

        The route's deadline is for each request, not for the whole. Raises what `Route.write` raises, and
        Retryable if the upload had to be begun anew too often; what was begun is dropped then.
        """
        for _ in range(UPLOADS_LIMIT):
            upload = await self._create(key, attributes)
            try:
                etags = await self._send_parts(key, body, upload)
                complete = partial(self._complete, key, upload, etags, attributes)
                landed = await self._route.write(complete, documents=[key])
            except _Dropped:
                continue
            except BaseException as error:
                await self._abort(key, upload)
                if not isinstance(error, _Elsewhere):
                    raise
            else:
                return upload.leave.region, landed
        raise Retryable(f"the upload of {key!r} was dropped {UPLOADS_LIMIT} times; nothing was stored")

    async def _create(self, key: str, attributes: Attributes) -> _Upload:
        async def create(leave: Leave) -> _Upload:
            sender = self._senders[leave.region]
            with guarded(leave) as guard:
                answer = await sender.send(
                    "POST", key, query={"uploads": ""}, headers=attributes.sent, guard=guard
                )
            return _Upload(leave, {"uploadId": s3_xml.text_of(answer.body, "UploadId")})

        return await self._route.write(create)

    async def _send_parts(self, key: str, body: Body, upload: _Upload) -> list[str]:
        size = part_bytes(body.size)
        etags: dict[int, str] = {}
        sender = self._senders[upload.leave.region]

        async def send(number: int) -> None:
            start = (number - 1) * size
            part = await body.read(start, min(size, body.size - start))
            query = {**upload.query, "partNumber": str(number)}
            async with in_time(self._route.deadline_s, f"a part of {key!r} was not taken"):
                answer = await sender.send("PUT", key, query=query, body=part)
            etags[number] = answer.headers["etag"]

        try:
            await each(range(1, math.ceil(body.size / size) + 1), send, self._slots)
        except DocferryError as error:
            # Behind a fence parts are denied too; and an upload may have been dropped by whoever drains a region.
            if not await self._route.in_force(upload.leave):
                raise _Elsewhere from error
            raise
        return [etags[number] for number in sorted(etags)]

    async def _complete(
        self, key: str, upload: _Upload, etags: list[str], attributes: Attributes, leave: Leave
    ) -> Landed:
        if leave.region != upload.leave.region:
            raise _Elsewhere
        sender = self._senders[leave.region]
        with guarded(leave) as guard:
            try:
                answer = await sender.send(
                    "POST",
                    key,
                    query=upload.query,
                    body=s3_xml.completion(etags),
                    guard=guard,
                    refuse_error_body=True,
                )
                etag = s3_xml.text_of(answer.body, "ETag").strip('"')
                landed = Landed(etag, answer.headers.get("x-amz-version-id", ""))
            except ServiceError as error:
                if error.status != 404:
                    raise
                landed = await self._completed_before(sender, key, etags)
            if attributes.tags_apart:
                await sender.tag(key, attributes.tags, guard, landed.version)
        return landed

    async def _completed_before(self, sender: Sender, key: str, etags: list[str]) -> Landed:
        # There is no such upload: either it was completed by a request whose answer was lost or did not count, and
        # is what is there now, or somebody dropped it.
        try:
            head = await sender.send("HEAD", key)
        except ServiceError as error:
            raise _Dropped from error
        if head.headers["etag"].strip('"') != _whole(etags):
            raise _Dropped
        return Landed(_whole(etags), head.headers.get("x-amz-version-id", ""))

    async def _abort(self, key: str, upload: _Upload) -> None:
        # Parts that stay are invisible, and for the bucket's lifecycle rule to remove.
        with suppress(DocferryError, TimeoutError):
            async with asyncio.timeout(ABORT_TIMEOUT_S):
                await self._senders[upload.leave.region].send("DELETE", key, query=upload.query)


def part_bytes(size: int) -> int:
    """Return the size of each part but the last, in bytes, so that there are never too many."""
    mebibytes = math.ceil(size / MOST_PARTS / 1024**2)
    return max(PART_BYTES, mebibytes * 1024**2)


def _whole(etags: list[str]) -> str:
    # S3 makes a document's ETag of the parts' ones, where these are digests. Where they are not, nothing matches.
    try:
        parts = b"".join(bytes.fromhex(one.strip('"')) for one in etags)
    except ValueError:
        return ""
    return f"{hashlib.md5(parts, usedforsecurity=False).hexdigest()}-{len(etags)}"
