"""Bodies that can be read again, whatever they were given as: a write held or moved is sent more than once."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from io import BytesIO, TextIOBase
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from docferry.domain.errors import InvalidInput

SPOOL_BYTES = 16 * 1024**2
"""A body that had to be spooled stays in memory up to this size, and goes to a temporary file above it."""
READ_BYTES = 1024**2

BodyLike: TypeAlias = (
    bytes | bytearray | memoryview | os.PathLike[str] | BinaryIO | Iterable[bytes] | AsyncIterable[bytes]
)
"""What may be put: bytes, a path, a binary file from where it stands, or chunks of bytes, sync or async."""


class Body:
    """`size` bytes of a file from `start` on. Several tasks may read at once."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self.size = size
        self._one_read = asyncio.Lock()

    async def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on. Raises InvalidInput if the file has become shorter."""
        async with self._one_read:
            if isinstance(self._file, BytesIO):
                found = self._read(offset, size)
            else:
                found = await asyncio.to_thread(self._read, offset, size)
        if len(found) != size:
            raise InvalidInput("the body became shorter while it was being sent; nothing was stored")
        return found

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(self._start + offset)
        found = bytearray()
        while len(found) < size and (more := self._file.read(size - len(found))):
            found += more
        return bytes(found)


@asynccontextmanager
async def readable(given: BodyLike) -> AsyncIterator[Body]:
    """Give a body that can be read again, and remove what had to be spooled for it.

    A file of the caller's is left open, wherever reading has left it. Raises InvalidInput for what is no body, and
    OSError for what cannot be read.
    """
    if isinstance(given, (str, TextIOBase)):
        raise _no_body(given)
    if isinstance(given, (bytes, bytearray, memoryview)):
        held = bytes(given)
        yield Body(BytesIO(held), 0, len(held))
    elif isinstance(given, os.PathLike):
        with Path(given).open("rb") as opened:
            yield Body(opened, 0, os.fstat(opened.fileno()).st_size)
    elif _seekable(given):
        file = cast(BinaryIO, given)
        start = file.tell()
        yield Body(file, start, file.seek(0, os.SEEK_END) - start)
    else:
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
            size = 0
            async for chunk in _chunks(given):
                size += await asyncio.to_thread(_write, spool, chunk)
            yield Body(cast(BinaryIO, spool), 0, size)


def _seekable(given: object) -> bool:
    return hasattr(given, "read") and hasattr(given, "seekable") and bool(given.seekable())


async def _chunks(given: object) -> AsyncIterator[bytes]:
    if isinstance(given, AsyncIterable):
        async for chunk in given:
            yield chunk
        return
    if hasattr(given, "read"):
        while more := await asyncio.to_thread(given.read, READ_BYTES):
            yield more
        return
    if not isinstance(given, Iterable):
        raise _no_body(given)
    chunks = iter(given)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


def _no_body(given: object) -> InvalidInput:
    return InvalidInput(f"a body is bytes, a path, a binary file or chunks of bytes, not {type(given).__name__}")


def _write(spool: "tempfile.SpooledTemporaryFile[bytes]", chunk: object) -> int:
    if not isinstance(chunk, (bytes, bytearray, memoryview)):
        raise InvalidInput(f"a body comes in chunks of bytes, not of {type(chunk).__name__}; nothing was stored")
    return spool.write(chunk)
