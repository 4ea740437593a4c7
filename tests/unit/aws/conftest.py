from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class FakeAws:
    """An HTTP server on loopback that answers what a test tells it to, and remembers what it was asked."""

    url: str = ""
    answer: Handler | None = None
    seen: list[Seen] = field(default_factory=list)

    def answers(self, *answers: tuple[int, bytes]) -> None:
        """Give these answers one after the other, the last one for ever."""
        left = list(answers)

        async def answer(_: web.Request) -> web.StreamResponse:
            status, body = left.pop(0) if len(left) > 1 else left[0]
            return web.Response(status=status, body=body)

        self.answer = answer

    async def serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        self.seen.append(Seen(request.method, request.rel_url.raw_path, dict(request.query), headers, body))
        assert self.answer is not None
        return await self.answer(request)


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    fake = FakeAws()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def client(aws: FakeAws) -> AsyncIterator[AwsClient]:
    credentials = Credentials("test", "test")
    async with aiohttp.ClientSession() as session:
        yield AwsClient(session, lambda: credentials, SystemClock(), region="eu-west-1", endpoint_url=aws.url)
