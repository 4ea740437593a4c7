"""Writes the strings of a .tf.json file as Terraform's language has them, so that one grammar reads both.

JSON escapes what is within `${}` once more: `"${join(\\",\\", [1])}"`. Bytes move only within such quotes.
"""

import re

STRING = rb'"(?:[^"\\]|\\.)*"'
STRINGS = re.compile(STRING, re.DOTALL)
_OPENED = (b"${", b"%{")
_ESCAPED_MARK = (b"$${", b"%%{")
_SPACES = (b"\\n", b"\\r", b"\\t")


def as_language(data: bytes) -> bytes:
    """Return the file with quotes inside of templates written without a backslash: it is as long as before."""
    if b"{" not in data or b"\\" not in data:
        return data
    return STRINGS.sub(lambda found: _Writing(found[0]).written(), data)


class _Writing:
    """Goes through one string.

    The stack has a number for each template, how many braces are open, and each string in one, how many bytes
    shorter it has become.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._out: list[bytes] = []
        self._stack: list[list[int]] = []

    def written(self) -> bytes:
        """Return the string. One whose templates are not closed is returned as it was: it cannot be read."""
        if not any(one in self._text for one in _OPENED):
            return self._text
        while self._at < len(self._text):
            if not self._stack:
                self._in_text()
            elif len(self._stack) % 2:
                self._in_code()
            else:
                self._in_quotes()
        return self._text if self._stack else b"".join(self._out)

    def _take(self, length: int, written: bytes | None = None) -> None:
        self._out.append(self._text[self._at : self._at + length] if written is None else written)
        self._at += length

    def _next(self, length: int) -> bytes:
        return self._text[self._at : self._at + length]

    def _in_text(self) -> None:
        if self._next(3) in _ESCAPED_MARK:
            self._take(3)
        elif self._next(2) in _OPENED:
            self._take(2)
            self._stack.append([1])
        else:
            self._take(2 if self._next(1) == b"\\" else 1)

    def _in_code(self) -> None:
        one = self._next(1)
        if self._next(2) == b'\\"':
            # The space is outside of what is quoted.
            self._take(2, b' "')
            self._stack.append([0])
        elif self._next(2) in _SPACES:
            self._take(2, b"  ")
        else:
            self._stack[-1][0] += (one == b"{") - (one == b"}")
            self._take(1)
            if not self._stack[-1][0]:
                self._stack.pop()

    def _in_quotes(self) -> None:
        if self._next(2) == b'\\"':
            owed = self._stack.pop()[0]
            self._take(2, b'" ' + b" " * owed)
        elif self._next(2) == b"\\\\":
            length = 4 if self._text[self._at + 2 : self._at + 3] == b"\\" else 3
            self._take(length, b"\\" + self._text[self._at + length - 1 : self._at + length])
            self._stack[-1][0] += length - 2
        else:
            self._in_text()
