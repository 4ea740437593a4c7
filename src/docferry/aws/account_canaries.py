"""Canaries in a bucket, and their events on its queue."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

from docferry.account.finish import finished
from docferry.account.port import Canary, Held
from docferry.aws import s3_xml
from docferry.aws.account_document_probes import NO_ETAG, digested
from docferry.aws.http import COPYING, Answer, AwsClient
from docferry.aws.queue_feed import QueueFeed
from docferry.aws.s3 import path_of
from docferry.domain.change import DocumentChange
from docferry.domain.errors import Retryable, ServiceError
from docferry.domain.reserved import PREFLIGHT, RESERVED
from docferry.ports import Delivery

HIDDEN_S = 30
"""What was seen on the queue and is not given back comes again by itself."""


class S3Canaries:
    """The `CanaryBucket` port over one bucket; `other` is the bucket at the other side.

    Writes are seen through even when the caller is cancelled: else a canary could come after it was looked for.
    """

    def __init__(self, client: AwsClient, bucket: str, other: str) -> None:
        self._client = client
        self._bucket = bucket
        self._other = other

    async def put(self, key: str, body: bytes, *, if_absent: bool = False) -> str:
        """Put a canary."""
        headers = {"content-type": "text/plain", **digested(body), **_absent(if_absent)}
        answer = await finished(self._send("PUT", key, headers=headers, body=body))
        return answer.headers.get("x-amz-version-id", "")

    async def get(self, key: str) -> Held | None:
        """Get a canary."""
        try:
            answer = await self._send("GET", key)
        except ServiceError as error:
            if error.status == 404:
                return None
            raise
        return Held(answer.body, answer.headers.get("x-amz-replication-status", ""))

    async def copy(self, key: str, *, if_absent: bool = False) -> None:
        """Copy a canary."""
        headers = {"x-amz-copy-source": path_of(self._other, key), **_absent(if_absent)}
        path = path_of(self._bucket, key)
        await finished(
            self._client.send("s3", "PUT", path, headers=headers, refuse_error_body=True, patience=COPYING)
        )

    async def remove_other(self, key: str) -> None:
        """Delete on a condition that does not hold."""
        await finished(self._send("DELETE", key, headers={"if-match": NO_ETAG}))

    async def canaries(self) -> tuple[Canary, ...]:
        """List versions and delete markers; there are never more of them than fit one page."""
        query = {"versions": "", "encoding-type": "url", "prefix": f"{RESERVED}preflight-"}
        answer = await self._client.send("s3", "GET", path_of(self._bucket), query=query)
        root = s3_xml.parse(answer.body)
        # Keys of canaries are the same encoded and not.
        found = [_canary(one) for one in root if one.tag.rpartition("}")[2] in ("Version", "DeleteMarker")]
        return tuple(one for one in found if one.key in PREFLIGHT)

    async def erase(self, key: str, version: str) -> None:
        """Delete one version."""
        await finished(self._send("DELETE", key, query={"versionId": version}))

    async def _send(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        path = path_of(self._bucket, key)
        return await self._client.send("s3", method, path, query=query, headers=headers, body=body)


def _canary(element: ET.Element) -> Canary:
    held = {one.tag.rpartition("}")[2]: one.text or "" for one in element}
    at = datetime.fromisoformat(held["LastModified"]).timestamp()
    return Canary(unquote_plus(held["Key"]), held["VersionId"], at)


def _absent(if_absent: bool) -> dict[str, str]:
    return {"if-none-match": "*"} if if_absent else {}


class SqsEvents:
    """The `EventQueue` port over one queue. Each message is seen once, and given back at the end."""

    def __init__(self, client: AwsClient, queue: str) -> None:
        self._feed = QueueFeed(client, queue, visibility_s=HIDDEN_S)
        self._seen: list[Delivery] = []

    async def waiting(self) -> int:
        """Ask the queue."""
        pending = await self._feed.pending()
        return pending.waiting + pending.in_flight

    async def take(self, change: DocumentChange, wait_s: float) -> bool:
        """Receive, and take off what is of canaries only."""
        received = await self._feed.receive(wait_s)
        ours = [one for one in received if one.documents and all(held.key in PREFLIGHT for held in one.documents)]
        self._seen += [one for one in received if one not in ours]
        await self._feed.take_off(ours)
        return any(change in one.documents for one in ours)

    async def give_back(self) -> None:
        """Let the rest be seen again; where that may not be done, it is by itself after HIDDEN_S."""
        seen, self._seen = self._seen, []
        with suppress(ServiceError, Retryable):
            await self._feed.give_back(seen)
