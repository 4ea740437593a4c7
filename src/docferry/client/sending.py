"""One request of an application to S3, under a leave and within a deadline."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from docferry.aws import s3_xml
from docferry.aws.http import Answer, AwsClient, Guard, Patience
from docferry.aws.s3 import path_of
from docferry.aws.s3_parts import TAGS_HEADER_BYTES
from docferry.client.leave import Leave
from docferry.domain.errors import GateRefused, Retryable

SILENCE_SHARE = 1 / 3
"""Of the deadline: so long a store may be silent before a request is given up, so that another has time."""


def patience_of(deadline_s: float) -> Patience:
    """Return how long to wait for a store if the whole call may take `deadline_s` seconds."""
    return Patience(silence_s=max(1.0, deadline_s * SILENCE_SHARE), retry_s=deadline_s)


@contextmanager
def guarded(leave: Leave) -> Iterator[Guard]:
    """Give a guard for requests under a leave, and take back what is under way when the block is left.

    AwsClient sees guarded requests through even when nobody waits for them any more. An application's must not
    outlive its deadline: a later switch counts on it.
    """
    under_way: set[asyncio.Task[object]] = set()
    left = False

    def check() -> None:
        leave.check()
        if left:
            raise GateRefused("whoever asked for this request has gone; nothing was sent")
        task = asyncio.current_task()
        if task:
            under_way.add(task)

    try:
        yield check
    finally:
        left = True
        for task in under_way:
            # AwsClient may have sent from this very task, which is at its end anyway.
            if task is not asyncio.current_task():
                task.cancel()


@asynccontextmanager
async def in_time(seconds: float, what: str) -> AsyncIterator[None]:
    """Cancel what is still under way after so many seconds, and raise Retryable, saying `what`."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise Retryable(f"{what} within {seconds:g} s") from error


@dataclass(frozen=True, slots=True)
class Attributes:
    """What belongs to a document beside its bytes. `headers` are system headers, names in lower case."""

    headers: Mapping[str, str]
    metadata: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def sent(self) -> dict[str, str]:
        """The request headers that set all of it, tags too where they fit."""
        sent = {**self.headers, **{f"x-amz-meta-{name.lower()}": value for name, value in self.metadata.items()}}
        if self.tags and not self.tags_apart:
            sent["x-amz-tagging"] = urlencode(self.tags, quote_via=quote)
        return sent

    @property
    def tags_apart(self) -> bool:
        """Whether the tags are too long for a header, so that they take a request of their own."""
        return len(urlencode(self.tags, quote_via=quote)) > TAGS_HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests about documents of one bucket; `patience` is for each."""

    client: AwsClient
    bucket: str
    patience: Patience

    async def send(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        guard: Guard | None = None,
        refuse_error_body: bool = False,
    ) -> Answer:
        """Send one request as `AwsClient.send` does, and raise what that raises."""
        return await self.client.send(
            "s3",
            method,
            path_of(self.bucket, key),
            query=query,
            headers=headers,
            body=body,
            guard=guard,
            refuse_error_body=refuse_error_body,
            patience=self.patience,
        )

    async def tag(self, key: str, tags: Mapping[str, str], guard: Guard, version: str = "") -> Answer:
        """Replace the tags of the latest version, or of the one named."""
        query = {"tagging": "", **({"versionId": version} if version else {})}
        body = s3_xml.tagging(tags)
        return await self.send("PUT", key, query=query, headers={"content-md5": md5(body)}, body=body, guard=guard)


def md5(body: bytes) -> str:
    """Return the Content-MD5 of a body, which S3 asks for with some requests and checks with all."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
