"""The one HTTP client of the data plane: signs, sends, translates errors, retries what may be retried."""

import asyncio
import math
import random
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
import stamina
from yarl import URL

from docferry.aws import s3_xml
from docferry.aws.errors import translated
from docferry.aws.signing import Credentials, Request, signed_headers
from docferry.domain.errors import Retryable, ServiceError
from docferry.ports import Clock

RETRY_ATTEMPTS = 10
CONNECT_TIMEOUT_S = 5.0
FIRST_WAIT_S = 0.05
Guard = Callable[[], None]
"""Raises if a write must not go out any more; never Retryable."""

UNKNOWN = frozenset({500, 502, 504})
"""Answers that leave open what became of a request, or becomes of it yet
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: `silence_s` for the next byte of an answer, `retry_s` in all for one request.

    After `retry_s` no further attempt begins. There is no limit to an answer that keeps coming.
    """

    silence_s: float
    retry_s: float


QUICK = Patience(silence_s=60.0, retry_s=90.0)
COPYING = Patience(silence_s=300.0, retry_s=900.0)
"""For requests that move data inside S3. CopyObject and CompleteMultipartUpload send white space while they work,
which may take minutes; of UploadPartCopy the documentation promises no such thing, so that 5 GB at 20 MB/s, slow
for a copy between regions, must fit into the silence
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, the whole body in memory."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class AwsClient:
    """Sends signed requests to the services of one region.

    `credentials` is asked for every attempt, so that refreshed ones are taken up; guarded requests are signed with
    `guarded` ones where there are any. Without `endpoint_url` the requests go to AWS itself.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        credentials: Callable[[], Credentials],
        clock: Clock,
        *,
        region: str,
        endpoint_url: str = "",
        guarded: Callable[[], Credentials] | None = None,
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._guarded = guarded or credentials
        self._clock = clock
        self._region = region
        self._endpoint_url = endpoint_url.rstrip("/")
        self._in_flight: set[asyncio.Task[Answer]] = set()
        self.lost_at = -math.inf
        """When a guarded request last ended without an answer that says what became of it, by the clock."""

    async def landed(self) -> None:
        """Wait until no guarded request is under way, whatever came of it.

        Who gives up waiting for a guarded request does not take it back: it stays under way until it is answered.
        """
        while self._in_flight:
            await asyncio.wait(set(self._in_flight))

    async def json(
        self, service: str, target: str, payload: Mapping[str, Any], *, guard: Guard | None = None
    ) -> dict[str, Any]:
        """Call one operation of a JSON service, `target` being its X-Amz-Target. `guard` is as in `send`.

        Raises Retryable when all attempts are used up, and what `aws.errors.translated` says otherwise.
        """
        version = "1.1" if service == "events" else "1.0"
        headers = {"x-amz-target": target, "content-type": f"application/x-amz-json-{version}"}
        body = orjson.dumps(payload)
        answer = await self.send(service, "POST", "/", headers=headers, body=body, guard=guard)
        result: dict[str, Any] = orjson.loads(answer.body or b"{}")
        return result

    async def send(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        guard: Guard | None = None,
        refuse_error_body: bool = False,
        patience: Patience = QUICK,
    ) -> Answer:
        """Send one request, again where that is safe. `path` is already percent-encoded.

        `guard` is called right before every attempt, aiohttp's own included, and what it raises ends the call.
        With `refuse_error_body` an error or nothing at all in the body of a 200 counts as an error, and is tried
        again like one. Raises Retryable when all attempts are used up, and what `aws.errors.translated` says
        otherwise.
        """
        base = self._endpoint_url or f"https://{service}.{self._region}.amazonaws.com"
        request = Request(method, urlsplit(base).netloc, path, query or {}, headers or {}, body)

        async def attempt_one() -> Answer:
            sending = self._send_once(service, base, request, guard, patience)
            answer = await (self._seen_through(sending) if guard else sending)
            if refuse_error_body and s3_xml.is_error(answer.body):
                raise translated(500, answer.body, _named(request))
            return answer

        # Retries are set up only where one is needed: that takes nearly as much CPU time as a request.
        began = self._clock.monotonic()
        try:
            return await attempt_one()
        except Retryable:
            left_s = patience.retry_s - (self._clock.monotonic() - began)
            if left_s <= FIRST_WAIT_S:
                raise
            await self._clock.sleep(random.uniform(0, FIRST_WAIT_S))
        async for attempt in stamina.retry_context(
            on=Retryable, attempts=RETRY_ATTEMPTS - 1, timeout=left_s, wait_initial=2 * FIRST_WAIT_S, wait_max=5.0
        ):
            with attempt:
                return await attempt_one()
        raise AssertionError("unreachable: a retry either returns or raises")

    async def _seen_through(self, sending: Coroutine[Any, Any, Answer]) -> Answer:
        task = asyncio.ensure_future(sending)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        # Nobody may be left to ask what became of it.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def _send_once(
        self,
        service: str,
        base: str,
        request: Request,
        guard: Guard | None,
        patience: Patience,
    ) -> Answer:
        tail = f"?{request.query_string}" if request.query else ""
        try:
            async with self._session.request(
                request.method,
                URL(base + request.path + tail, encoded=True),
                headers=self._headers(service, request, self._guarded if guard else self._credentials),
                data=request.body or None,
                skip_auto_headers=("content-type",),
                # Stored bytes are compared, whatever Content-Encoding their owner gave them.
                auto_decompress=False,
                # aiohttp sends again by itself where a kept connection turns out to be closed.
                middlewares=(self._under(guard),) if guard else (),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=patience.silence_s
                ),
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if guard:
                self._lost(error)
            raise Retryable(f"{service} at {base}: {type(error).__name__}: {error}") from error
        if answer.status >= 300:
            if guard and answer.status in UNKNOWN:
                self.lost_at = self._clock.monotonic()
            raise translated(answer.status, body, _named(request))
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)

    def _under(self, guard: Guard) -> aiohttp.ClientMiddlewareType:
        async def asked(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
            guard()
            try:
                return await send(request)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self._lost(error)
                raise

        return asked

    def _lost(self, error: Exception) -> None:
        # Who could not connect has sent nothing.
        if not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            self.lost_at = self._clock.monotonic()

    def _headers(self, service: str, request: Request, credentials: Callable[[], Credentials]) -> dict[str, str]:
        # `streams.dynamodb` is a host of its own that is signed for as `dynamodb`.
        signed_for = service.rpartition(".")[2]
        try:
            headers = signed_headers(request, credentials(), self._region, signed_for, self._clock.now())
        except UnicodeEncodeError as error:
            raise ServiceError(f"{_named(request)}: a header is no UTF-8, so that nothing was sent") from error
        headers["accept-encoding"] = "identity"
        return headers


def _named(request: Request) -> str:
    return request.headers.get("x-amz-target", f"{request.method} {request.path}")
