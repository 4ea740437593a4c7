"""The one HTTP client of the data plane: signs, sends, translates errors, retries what may be retried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
import stamina
from yarl import URL

from docferry.aws.errors import translated
from docferry.aws.signing import Credentials, Request, signed_headers
from docferry.domain.errors import Retryable
from docferry.ports import Clock

RETRY_ATTEMPTS = 10
RETRY_TIMEOUT_S = 90.0
REQUEST_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, the whole body in memory."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class AwsClient:
    """Sends signed requests to the services of one region.

    `credentials` is asked for every request, so that refreshed ones are taken up. Without `endpoint_url` the
    requests go to AWS itself.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        credentials: Callable[[], Credentials],
        clock: Clock,
        *,
        region: str,
        endpoint_url: str = "",
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._clock = clock
        self._region = region
        self._endpoint_url = endpoint_url.rstrip("/")

    async def json(self, service: str, target: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Call one operation of a JSON service, `target` being its X-Amz-Target.

        Raises Retryable when all attempts are used up, and what `aws.errors.translated` says otherwise.
        """
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
        answer = await self.send(service, "POST", "/", headers=headers, body=orjson.dumps(payload))
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
    ) -> Answer:
        """Send one request, again where that is safe. `path` is already percent-encoded."""
        base = self._endpoint_url or f"https://{service}.{self._region}.amazonaws.com"
        request = Request(method, urlsplit(base).netloc, path, query or {}, headers or {}, body)
        async for attempt in stamina.retry_context(
            on=Retryable, attempts=RETRY_ATTEMPTS, timeout=RETRY_TIMEOUT_S, wait_initial=0.05, wait_max=5.0
        ):
            with attempt:
                return await self._send_once(service, base, request)
        raise AssertionError("unreachable: a retry either returns or raises")

    async def _send_once(self, service: str, base: str, request: Request) -> Answer:
        # `streams.dynamodb` is a host of its own that is signed for as `dynamodb`.
        signed_for = service.rpartition(".")[2]
        headers = signed_headers(request, self._credentials(), self._region, signed_for, self._clock.now())
        tail = f"?{request.query_string}" if request.query else ""
        url = URL(base + request.path + tail, encoded=True)
        try:
            async with self._session.request(
                request.method,
                url,
                headers=headers,
                data=request.body or None,
                skip_auto_headers=("content-type",),
                timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Retryable(f"{service} at {base}: {type(error).__name__}: {error}") from error
        if answer.status >= 300:
            what = request.headers.get("x-amz-target", f"{request.method} {request.path}")
            raise translated(answer.status, body, what)
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)
