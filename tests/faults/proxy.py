"""A proxy on loopback between docferry and the embedded AWS, which may do harm to any request.

    with proxying(endpoint) as proxy:
        proxy.rule = lambda asked: lost_after if asked.operation == "PutItem" else None
        … a command with --endpoint-url proxy.url …

Requests and answers go through byte by byte. It runs in a thread with an event loop of its own, so that tests may
wait for processes meanwhile.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import orjson

_LINE, _END = b"\r\n", b"\r\n\r\n"
_BODILESS = (b" 204 ", b" 304 ")
HEAD_BYTES = 1024**2


@dataclass(frozen=True)
class Asked:
    """One request as it came: its first line's method and target, and header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def operation(self) -> str:
        """Return what a JSON service is asked for, such as `PutItem`; of S3 the method and what tells more."""
        held = self.headers.get("x-amz-target", "").rpartition(".")[2]
        if held:
            return held
        if "x-amz-copy-source" in self.headers:
            return "UploadPartCopy" if "partNumber=" in self.target else "CopyObject"
        return "CompleteMultipartUpload" if self._completes else self.method

    @property
    def _completes(self) -> bool:
        return self.method == "POST" and "uploadId=" in self.target

    @property
    def is_json(self) -> bool:
        return "x-amz-target" in self.headers

    @cached_property
    def payload(self) -> dict[str, Any]:
        """What a JSON service is asked with."""
        held: dict[str, Any] = orjson.loads(self.body) if self.is_json else {}
        return held

    @property
    def writes(self) -> bool:
        """Whether it may change anything at the service."""
        if self.is_json:
            return self.operation.startswith(("Put", "Update", "Delete", "BatchWrite", "Transact", "Change"))
        return self.method not in ("GET", "HEAD")

    @cached_property
    def control(self) -> str:
        """The name of the gate or the ledger's entry that is written, such as `ledger#switch`; else nothing."""
        if self.operation != "PutItem" or "-control" not in self.payload.get("TableName", ""):
            return ""
        item = self.payload["Item"]
        names = [value["S"] for value in item.values() if value.get("S", "").startswith(("ledger#", "gate"))]
        return names[0] if names else ""

    @cached_property
    def entry(self) -> dict[str, Any]:
        """The entry of the ledger that is written."""
        held: dict[str, Any] = orjson.loads(self.payload["Item"]["body"]["S"])
        return held


@dataclass
class Exchange:
    """One request, and what may be done with it: each fault does some of these."""

    asked: Asked
    _proxy: "Proxy"
    _down: asyncio.StreamWriter

    async def forward(self) -> bytes:
        """Let the service have it, and return its whole answer."""
        return await self._proxy.forward(self.asked)

    async def reply(self, answer: bytes) -> None:
        self._down.write(answer)
        await self._down.drain()

    def reset(self) -> None:
        """End the connection as a broken one ends, at once."""
        held = self._down.get_extra_info("socket")
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._down.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]
Rule = Callable[[Asked], Fault | None]


async def through(exchange: Exchange) -> None:
    """No harm is done."""
    await exchange.reply(await exchange.forward())


class Proxy:
    """`rule` says what befalls a request, nothing if it returns None; `failures` are the proxy's own defects."""

    def __init__(self, upstream: str) -> None:
        self._to = urlsplit(upstream)
        self._connections = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
        self._open = set[asyncio.StreamWriter]()
        self.rule: Rule = lambda _: None
        self.url = ""
        self.failures: list[str] = []

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._served, "127.0.0.1", 0, limit=HEAD_BYTES)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await _request(reader):
                fault = self.rule(asked) or through
                await fault(Exchange(asked, self, writer))
                if writer.transport.is_closing():
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        except Exception as error:
            self.failures.append(repr(error))
        finally:
            writer.close()

    async def forward(self, asked: Asked) -> bytes:
        """Send a request on over a connection that was kept, or a new one, and return the whole answer."""
        while not self._connections.empty():
            kept = self._connections.get_nowait()
            if not kept[0].at_eof():
                return await self._over(kept, asked)
        opened = await asyncio.open_connection(self._to.hostname, self._to.port, limit=HEAD_BYTES)
        return await self._over(opened, asked)

    async def _over(self, held: tuple[asyncio.StreamReader, asyncio.StreamWriter], asked: Asked) -> bytes:
        reader, writer = held
        self._open.add(writer)
        writer.write(asked.raw)
        answer = await _answer(reader, asked.method)
        if b"connection: close" in answer.partition(_END)[0].lower():
            writer.close()
            self._open.discard(writer)
        else:
            self._connections.put_nowait(held)
        return answer

    def close(self) -> None:
        for writer in self._open:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(_END)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    method, target, headers = _head(head)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    assert "chunked" not in headers.get("transfer-encoding", ""), "nothing here sends a body in chunks"
    return Asked(method, target, headers, body, head + body)


def _head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _answer(reader: asyncio.StreamReader, method: str) -> bytes:
    head = await reader.readuntil(_END)
    headers = _head(head)[2]
    if method == "HEAD" or any(one in head.partition(_LINE)[0] + b" " for one in _BODILESS):
        return head
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return head + await _chunks(reader)
    return head + await reader.readexactly(int(headers.get("content-length", 0)))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        line = await reader.readuntil(_LINE)
        chunk = await reader.readexactly(int(line.partition(b";")[0], 16) + len(_LINE))
        found += line + chunk
        if chunk == _LINE:
            return found


@contextmanager
def proxying(upstream: str) -> Iterator[Proxy]:
    """Run a proxy in front of an endpoint until the body ends, and fail if it had a defect of its own."""
    proxy, ready = Proxy(upstream), threading.Event()
    loop, stopped = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = await proxy.serve()
        ready.set()
        await stopped.wait()
        server.close()
        proxy.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10), "the proxy did not start"
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
    assert not proxy.failures, proxy.failures[:5]
