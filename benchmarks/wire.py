"""HTTP as the benchmark's clients speak it: one answer a request, connections kept open."""

import asyncio
from collections.abc import Callable
from typing import cast

REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 412: "Precondition Failed"}
Headers = dict[str, str]
Answering = Callable[[str, str, Headers, bytes], bytes]
"""Makes the whole answer from method, target, headers (names in lower case) and body."""


def reply(body: bytes, headers: bytes = b"", *, status: int = 200, without_body: bool = False) -> bytes:
    """Write an answer. `headers` are whole lines."""
    reason = REASONS.get(status, "Error")
    start = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
    return b"".join((start.encode(), headers, b"\r\n", b"" if without_body else body))


def refused(status: int, code: str, without_body: bool) -> bytes:
    """Write an error answer as S3 does."""
    body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
    return reply(body, status=status, without_body=without_body)


class Connection(asyncio.Protocol):
    """One client's connection. The parser is our own because it reads what these clients send and nothing else:
    a general one would cost several times what an answer costs.
    """

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._transport: asyncio.Transport | None = None
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that has come whole."""
        self._waiting = self._waiting + data if self._waiting else data
        while self._waiting:
            end = self._waiting.find(b"\r\n\r\n")
            if end < 0 or not self._answer(end):
                return

    def _answer(self, end: int) -> bool:
        assert self._transport is not None
        lines = self._waiting[:end].decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        through = end + 4 + length
        if len(self._waiting) < through:
            if headers.get("expect") == "100-continue" and len(self._waiting) == end + 4:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return False
        body = self._waiting[end + 4 : through]
        self._waiting = self._waiting[through:]
        self._transport.write(self._answering(method, target, headers, body))
        return True
