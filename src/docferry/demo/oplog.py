"""The log of every operation of the demo's applications, from which the oracle learns what must be there.

One JSON line before a request is sent, one after its answer. Each is a single write to a file opened for append,
so a killed process loses nothing: an operation without its second line may or may not have happened, and a line
without its newline was not written as far as the log is concerned. An unfinished first line means that nothing was
sent yet, an unfinished second line that nobody was told of success.

Times are seconds of one clock that all processes of a machine share (`SystemClock.monotonic`); `wall` is seconds
since 1970, for people.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from docferry.demo.state import DocumentState, State
from docferry.domain.change import Kind
from docferry.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Begin:
    """An operation on one key of one store is about to be sent; `state` is what the key will then hold."""

    op: int
    by: str
    kind: str
    store: Kind
    key: str
    state: State
    start: float


@dataclass(frozen=True, slots=True)
class End:
    """The answer: success, which is what `acknowledged` means, or an error after all retries."""

    op: int
    acknowledged: bool
    end: float
    wall: float
    version: str = ""
    error: str = ""


Line = Begin | End


class OperationLog:
    """Appends to a log and hands out the numbers of operations, which grow from `after`."""

    def __init__(self, path: Path, after: int = 0) -> None:
        self._file = path.open("ab", buffering=0)
        self._last = after

    def number(self) -> int:
        """Return the next operation's number."""
        self._last += 1
        return self._last

    def write(self, line: Line) -> None:
        """Append one line. Raises OSError if the disk does not take it whole."""
        data = (
            orjson.dumps(asdict(line) | {"store": line.store.value} if isinstance(line, Begin) else line) + b"\n"
        )
        if self._file.write(data) != len(data):
            raise OSError(f"{self._file.name}: a line of the log was cut short")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


class Tail:
    """Reads a log while it is being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> Iterator[Line]:
        """Give the whole lines that have come since the last read, at first all.

        Raises InvalidInput for a line that is no operation.
        """
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield _parsed(self._path, line)


def _parsed(path: Path, line: bytes) -> Line:
    try:
        held: dict[str, Any] = orjson.loads(line)
        if "start" not in held:
            return End(**held)
        store = Kind(held["store"])
        return Begin(**{**held, "store": store, "state": _state(store, held["state"])})
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput(f"{path} holds a line that is no operation: {line[:80]!r}") from error


def _state(store: Kind, held: Any) -> State:
    return DocumentState(**held) if store is Kind.DOCUMENT and held is not None else held
