"""What may befall a request: each is a `Fault` for the proxy, in AWS's own words where AWS speaks."""

import asyncio
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from tests.faults.proxy import Asked, Exchange, Fault, through


def _http(status: str, kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _says(asked: Asked, status: str, code: str) -> bytes:
    if asked.is_json:
        body = orjson.dumps({"__type": f"com.amazonaws#{code}", "message": "said on purpose"})
        return _http(status, "application/x-amz-json-1.0", body)
    body = b"" if asked.method == "HEAD" else f"<Error><Code>{code}</Code><Message>x</Message></Error>".encode()
    return _http(status, "application/xml", body)


async def throttled(exchange: Exchange) -> None:
    """Refused before anything happened: each service has its own status and name for it."""
    asked = exchange.asked
    service = asked.headers.get("x-amz-target", "").partition("_")[0].partition(".")[0]
    status, code = {
        "DynamoDB": ("400 Bad Request", "ProvisionedThroughputExceededException"),
        "DynamoDBStreams": ("400 Bad Request", "LimitExceededException"),
        "AmazonSQS": ("400 Bad Request", "RequestThrottled"),
    }.get(service, ("503 Slow Down", "SlowDown"))
    await exchange.reply(_says(asked, status, code))


async def reset_before(exchange: Exchange) -> None:
    """The connection breaks before the service has it."""
    exchange.reset()


async def lost_after(exchange: Exchange) -> None:
    """It takes effect, and the connection breaks before the answer."""
    await exchange.forward()
    exchange.reset()


async def failed_before(exchange: Exchange) -> None:
    await exchange.reply(_says(exchange.asked, "500 Internal Server Error", "InternalError"))


async def failed_after(exchange: Exchange) -> None:
    """It takes effect, and the service says that it failed."""
    await exchange.forward()
    await failed_before(exchange)


async def cut(exchange: Exchange) -> None:
    """The connection breaks in the middle of the answer."""
    answer = await exchange.forward()
    await exchange.reply(answer[: len(answer) * 2 // 3])
    exchange.reset()


async def slow(exchange: Exchange) -> None:
    """The answer takes longer than most leases' renewals."""
    answer = await exchange.forward()
    await asyncio.sleep(0.4)
    await exchange.reply(answer)


async def error_in_200(exchange: Exchange) -> None:
    """The status says 200, and the body that it failed, or that it was done in part."""
    asked = exchange.asked
    if asked.operation == "BatchGetItem":
        body = {"Responses": {}, "UnprocessedKeys": asked.payload["RequestItems"]}
        await exchange.reply(_http("200 OK", "application/x-amz-json-1.0", orjson.dumps(body)))
    elif asked.operation == "DeleteMessageBatch":
        failed = [
            {"Id": one["Id"], "SenderFault": False, "Code": "InternalError"} for one in asked.payload["Entries"]
        ]
        body = {"Successful": [], "Failed": failed}
        await exchange.reply(_http("200 OK", "application/x-amz-json-1.0", orjson.dumps(body)))
    elif asked.operation in _SAY_SO_IN_200:
        await exchange.reply(_says(asked, "200 OK", "InternalError"))
    else:
        await through(exchange)


async def error_in_200_after(exchange: Exchange) -> None:
    """A copy takes effect, and 200 with an error in its body comes back."""
    if exchange.asked.operation not in _SAY_SO_IN_200:
        await through(exchange)
        return
    await exchange.forward()
    await exchange.reply(_says(exchange.asked, "200 OK", "InternalError"))


_SAY_SO_IN_200 = ("CopyObject", "UploadPartCopy", "CompleteMultipartUpload")
"""What sends its status before it is done
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""
ALL: tuple[Fault, ...] = (
    throttled,
    reset_before,
    lost_after,
    failed_before,
    failed_after,
    cut,
    slow,
    error_in_200,
    error_in_200_after,
)


class Weather:
    """A rule that harms a share of all requests, drawn from a seed. `met` counts what befell whom."""

    def __init__(self, seed: int, share: float, faults: tuple[Fault, ...] = ALL) -> None:
        self._random = random.Random(seed)
        self._share, self._faults = share, faults
        self.met = Counter[tuple[str, str]]()

    def __call__(self, asked: Asked) -> Fault | None:
        if self._random.random() >= self._share:
            return None
        fault = self._random.choice(self._faults)
        # What has its status before its work is done is rare: it is to meet its own fault often enough.
        if asked.operation in _SAY_SO_IN_200 and self._random.random() < 0.5:
            fault = self._random.choice((error_in_200, error_in_200_after))
        self.met[fault.__name__, asked.operation] += 1
        return fault

    @property
    def kinds(self) -> set[str]:
        """The names of the faults that anything met."""
        return {name for name, _ in self.met}


@dataclass
class Death:
    """A rule that kills a process with SIGKILL at the first request that is `when`, before its effect or after."""

    when: Callable[[Asked], bool]
    after: bool
    pid: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    _known: threading.Event = field(default_factory=threading.Event)

    def of(self, pid: int) -> None:
        """Say whom to kill."""
        self.pid = pid
        self._known.set()

    def __call__(self, asked: Asked) -> Fault | None:
        if self.done.is_set() or not self.when(asked):
            return None
        self.done.set()
        return self._die

    async def _die(self, exchange: Exchange) -> None:
        await asyncio.to_thread(self._known.wait, 10)
        if self.after:
            await exchange.forward()
        os.kill(self.pid, signal.SIGKILL)
        exchange.reset()
