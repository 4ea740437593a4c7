"""One file: its bytes, and where a byte is."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from docferry.preflight.finding import Place


@dataclass(frozen=True, eq=False)
class Source:
    """A file's bytes. `path` is relative to the checked directory, posix."""

    path: str
    data: bytes

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return starts

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._starts)

    def place(self, offset: int) -> Place:
        """Return the place of a byte."""
        line = bisect_right(self._starts, offset)
        before = self.data[self._starts[line - 1] : offset]
        return Place(self.path, line, len(before.decode("utf-8", "replace")) + 1)

    def text(self, start: int, end: int) -> str:
        """Return what is written between two bytes."""
        return self.data[start:end].decode("utf-8", "replace")

    def line(self, number: int) -> str:
        """Return a line, counted from 1, without its end."""
        start, end = self.line_range(number)
        return self.text(start, end).rstrip("\r\n")

    def line_range(self, number: int) -> tuple[int, int]:
        """Return where a line starts and where the next one does."""
        starts = self._starts
        return starts[number - 1], starts[number] if number < len(starts) else len(self.data)
