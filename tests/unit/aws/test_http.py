import asyncio
import math
import time
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web

from docferry.aws.http import COPYING, QUICK, AwsClient, Patience
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.domain.errors import Retryable, ServiceError, StaleEpoch
from tests.unit.aws.conftest import FakeAws

COPIED = b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"
TRY_AGAIN = b'<?xml version="1.0"?><Error><Code>InternalError</Code><Message>again</Message></Error>'


class Lease:
    """Allows so many requests, then raises."""

    def __init__(self, allowed: int, error: Exception) -> None:
        self.left = allowed
        self.error = error

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error


async def test_the_guard_is_asked_before_every_attempt(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((503, b""))
    with pytest.raises(StaleEpoch):
        await client.send("s3", "PUT", "/b/k", guard=Lease(2, StaleEpoch("over")).check)
    assert len(aws.seen) == 2


@pytest.mark.parametrize("error", [StaleEpoch("over"), ValueError("odd")])
async def test_what_the_guard_raises_ends_the_call_before_anything_is_sent(
    aws: FakeAws, client: AwsClient, error: Exception
) -> None:
    aws.answers((200, b""))
    lease = Lease(0, error)
    with pytest.raises(type(error)):
        await client.send("s3", "PUT", "/b/k", guard=lease.check)
    with pytest.raises(type(error)):
        await client.json("dynamodb", "PutItem", {}, guard=lease.check)
    assert (lease.left, aws.seen) == (-2, [])


async def test_the_guard_is_asked_after_credentials_that_may_take_seconds_to_refresh(
    aws: FakeAws, client: AwsClient
) -> None:
    asked: list[str] = []
    held = client._credentials()

    def credentials() -> object:
        asked.append("credentials")
        return held

    client._guarded = credentials  # type: ignore[assignment]
    aws.answers((200, b""))
    await client.send("s3", "PUT", "/b/k", guard=lambda: asked.append("guard"))
    assert asked == ["credentials", "guard"]


async def trickling(request: web.Request) -> web.StreamResponse:
    # What S3 does while a copy goes on: white space keeps the connection alive.
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b'<?xml version="1.0"?>')
    for _ in range(12):
        await answer.write(b" ")
        await asyncio.sleep(0.05)
    await answer.write(COPIED)
    return answer


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise AssertionError("unreachable")


async def test_an_answer_may_take_any_time_while_bytes_keep_coming(aws: FakeAws, client: AwsClient) -> None:
    aws.answer = trickling
    answer = await client.send("s3", "PUT", "/b/k", patience=Patience(0.3, 5.0))
    assert (answer.body.endswith(COPIED), len(aws.seen)) == (True, 1)


async def test_a_silence_beyond_patience_is_retryable(aws: FakeAws, client: AwsClient) -> None:
    aws.answer = silent
    with pytest.raises(Retryable):
        await client.send("s3", "PUT", "/b/k", patience=Patience(0.1, 0.1))


def test_a_copy_may_be_silent_for_as_long_as_the_largest_part_takes() -> None:
    largest_part, slowest_bytes_a_second = 5 * 1024**3, 20 * 1024**2
    assert COPYING.silence_s > largest_part / slowest_bytes_a_second > QUICK.silence_s
    assert COPYING.retry_s > 2 * COPYING.silence_s


async def test_cancelling_ends_a_silent_request_at_once(aws: FakeAws, client: AwsClient) -> None:
    aws.answer = silent
    request = asyncio.ensure_future(client.send("s3", "PUT", "/b/k", patience=COPYING))
    while not aws.seen:
        await asyncio.sleep(0.01)
    started = time.monotonic()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("first", [TRY_AGAIN, b"", b"  \n", b"<CopyObjectResult><ETa"])
async def test_an_error_inside_a_200_is_tried_again(aws: FakeAws, client: AwsClient, first: bytes) -> None:
    aws.answers((200, first), (200, COPIED))
    answer = await client.send("s3", "PUT", "/b/k", refuse_error_body=True)
    assert (answer.body, len(aws.seen)) == (COPIED, 2)


async def test_a_denial_inside_a_200_is_final(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))
    with pytest.raises(ServiceError) as raised:
        await client.send("s3", "PUT", "/b/k", refuse_error_body=True)
    assert (raised.value.code, len(aws.seen)) == ("AccessDenied", 1)


async def test_a_body_arrives_as_it_is_stored_whatever_its_encoding_says(aws: FakeAws, client: AwsClient) -> None:
    async def mislabelled(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"no gzip at all", headers={"content-encoding": "gzip"})

    aws.answer = mislabelled
    assert (await client.send("s3", "GET", "/b/k")).body == b"no gzip at all"
    assert aws.seen[0].headers["accept-encoding"] == "identity"


async def test_a_header_that_cannot_be_sent_is_an_error_of_ours(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, b""))
    with pytest.raises(ServiceError, match="UTF-8"):
        await client.send("s3", "PUT", "/b/k", headers={"content-disposition": "caf\udce9"})
    assert aws.seen == []


async def test_a_request_that_aiohttp_sends_again_by_itself_is_under_the_guard_too() -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        # The first request on a connection is answered, the next one finds it closed.
        await reader.readuntil(b"\r\n\r\n")
        sent += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            sent += 1
        writer.close()

    asked = 0

    def guard() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise StaleEpoch("over")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        held = Credentials("a", "b")
        client = AwsClient(session, lambda: held, SystemClock(), region="r", endpoint_url=url)
        await client.send("s3", "DELETE", "/b/k", guard=guard)
        with pytest.raises(StaleEpoch):
            await client.send("s3", "DELETE", "/b/k", guard=guard)
    assert (asked, sent) == (3, 2)
    assert client.lost_at > -math.inf


async def test_a_guarded_request_that_nobody_waits_for_any_more_is_under_way_until_it_is_answered(
    aws: FakeAws, client: AwsClient
) -> None:
    let_go = asyncio.Event()

    async def answer(_: web.Request) -> web.StreamResponse:
        await let_go.wait()
        return web.Response()

    aws.answer = answer
    sending = asyncio.ensure_future(client.send("s3", "PUT", "/b/k", guard=lambda: None))
    while not aws.seen:
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    landing = asyncio.ensure_future(client.landed())
    await asyncio.sleep(0.05)
    assert not landing.done()
    let_go.set()
    await asyncio.wait_for(landing, 2)


async def test_a_request_that_writes_nothing_is_not_waited_for(aws: FakeAws, client: AwsClient) -> None:
    aws.answer = silent
    reading = asyncio.ensure_future(client.send("s3", "GET", "/b/k"))
    while not aws.seen:
        await asyncio.sleep(0)
    await asyncio.wait_for(client.landed(), 1)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_guarded_requests_are_signed_with_credentials_of_their_own(aws: FakeAws, client: AwsClient) -> None:
    client._guarded = lambda: Credentials("worker", "secret", "session")
    aws.answers((200, b""), (200, b""))
    await client.send("s3", "PUT", "/b/k", guard=lambda: None)
    await client.send("s3", "GET", "/b/k")
    guarded, other = (one.headers["authorization"] for one in aws.seen)
    assert "Credential=worker/" in guarded
    assert "Credential=worker/" not in other


async def test_a_guarded_request_without_an_answer_is_remembered(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((503, b""), (200, b""))
    await client.send("s3", "PUT", "/b/k", guard=lambda: None)
    assert client.lost_at == -math.inf
    aws.answer = silent
    began = time.monotonic()
    with pytest.raises(Retryable):
        await client.send("s3", "GET", "/b/k", patience=Patience(0.1, 0.1))
    assert client.lost_at == -math.inf
    with pytest.raises(Retryable):
        await client.send("s3", "PUT", "/b/k", guard=lambda: None, patience=Patience(0.1, 0.1))
    assert client.lost_at > began


async def test_who_cannot_connect_has_sent_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        url = "http://127.0.0.1:9"
        client = AwsClient(session, lambda: Credentials("a", "b"), SystemClock(), region="r", endpoint_url=url)
        with pytest.raises(Retryable):
            await client.send("s3", "PUT", "/b/k", guard=lambda: None, patience=Patience(0.1, 0.1))
    assert client.lost_at == -math.inf


async def test_an_answer_that_leaves_open_what_became_of_a_request_is_none(
    aws: FakeAws, client: AwsClient
) -> None:
    aws.answers((500, b""), (200, b""))
    began = time.monotonic()
    await client.send("s3", "PUT", "/b/k", guard=lambda: None)
    assert client.lost_at > began
