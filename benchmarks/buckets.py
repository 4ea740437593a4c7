"""What the benchmark's S3 server holds: buckets whose listings cost next to nothing.

Every object carries its row of a listing ready made, so a page is one join of a thousand strings. Keys are made of
characters that need no encoding, in XML or in URLs; the server refuses others.
"""

import hashlib
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

PLAIN_KEY = re.compile(r"[A-Za-z0-9/_.-]{1,1024}")
FOLDER = "documents/"
_LAST = "\U0010ffff"
_ROW = (
    "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag>"
    "<Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>"
)


@dataclass(frozen=True, slots=True)
class Held:
    """One object. `modified_s` is in whole seconds since 1970, `row` its row of a listing."""

    body: bytes
    etag: str
    modified_s: int
    version: str
    headers: bytes
    row: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing as XML rows. `last` is where the next one goes on; `more` is False at the end."""

    rows: tuple[str, ...]
    prefixes: tuple[str, ...]
    last: str
    more: bool


class Bucket(Protocol):
    """What can be listed."""

    def page(self, after: str, prefix: str, delimiter: str, limit: int) -> Page:
        """Return up to `limit` rows and common prefixes that come after a key."""


def key_of(number: int) -> str:
    """Return the key of the object of that number; their order is that of the numbers."""
    return f"{FOLDER}{number:08d}.bin"


@lru_cache(maxsize=64)
def iso_time(seconds: int) -> str:
    """Return the time as listings write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


class StoredBucket:
    """Objects in a dictionary; the keys are sorted again only when one was added or removed since."""

    def __init__(self) -> None:
        self.objects: dict[str, Held] = {}
        self._order: list[str] = []
        self._sorted = True
        self._versions = 0

    def seed(self, count: int, size: int) -> None:
        """Fill the bucket with objects of `size` bytes, each with bytes of its own."""
        for number in range(count):
            self.put(key_of(number), (b"%016d" % number * (size // 16 + 1))[:size])

    def put(self, key: str, body: bytes, etag: str = "", headers: bytes = b"") -> Held:
        """Store an object; without its ETag that is worked out."""
        etag = etag or hashlib.md5(body, usedforsecurity=False).hexdigest()
        self._versions += 1
        now = int(time.time())
        row = _ROW % (key, iso_time(now), etag, len(body))
        held = Held(body, etag, now, f"{self._versions:032d}", headers, row)
        if key not in self.objects:
            self._order.append(key)
            self._sorted = False
        self.objects[key] = held
        return held

    def remove(self, key: str) -> None:
        """Forget an object; forgetting none is success."""
        if self.objects.pop(key, None):
            self._order.remove(key)

    def page(self, after: str, prefix: str, delimiter: str, limit: int) -> Page:
        """Return a page, keys that share what comes before the delimiter rolled up into one prefix."""
        if not self._sorted:
            self._order.sort()
            self._sorted = True
        # A page that ended with a rolled-up prefix goes on behind everything under it.
        behind = after + _LAST if delimiter and after.endswith(delimiter) else after
        start = max(bisect_right(self._order, behind), bisect_left(self._order, prefix))
        end = bisect_left(self._order, prefix + _LAST)
        if delimiter:
            return self._rolled_up(start, end, prefix, delimiter, limit)
        stop = min(start + limit, end)
        keys = self._order[start:stop]
        return Page(tuple(self.objects[key].row for key in keys), (), keys[-1] if keys else after, stop < end)

    def _rolled_up(self, start: int, end: int, prefix: str, delimiter: str, limit: int) -> Page:
        rows: list[str] = []
        prefixes: list[str] = []
        last = ""
        while start < end and len(rows) + len(prefixes) < limit:
            last = self._order[start]
            found = last.find(delimiter, len(prefix))
            if found < 0:
                rows.append(self.objects[last].row)
                start += 1
            else:
                last = last[: found + len(delimiter)]
                prefixes.append(last)
                start = bisect_left(self._order, last + _LAST)
        return Page(tuple(rows), tuple(prefixes), last, start < end)


class CountedBucket:
    """A bucket of `count` objects that are not there: its listing is worked out from the numbers in the keys."""

    MODIFIED_S = 1_700_000_000

    def __init__(self, count: int, size: int) -> None:
        self._count = count
        self._size = size

    def page(self, after: str, prefix: str, delimiter: str, limit: int) -> Page:
        """Return a page. Only whole listings without a delimiter, from a key of the bucket on."""
        if prefix or delimiter:
            raise NotImplementedError("a counted bucket is listed as a whole")
        start = int(after[len(FOLDER) :].partition(".")[0]) + 1 if after else 0
        end = min(start + limit, self._count)
        when, size = iso_time(self.MODIFIED_S), self._size
        rows = tuple(_ROW % (key_of(number), when, f"{number:032x}", size) for number in range(start, end))
        return Page(rows, (), key_of(end - 1), end < self._count)


def missing_or_different(source: StoredBucket, target: StoredBucket) -> int:
    """Count the keys that are not on both sides with the same ETag and size."""
    both = source.objects.keys() & target.objects.keys()
    alike = sum(_alike(source.objects[key], target.objects[key]) for key in both)
    return len(source.objects.keys() | target.objects.keys()) - alike


def _alike(one: Held, other: Held) -> bool:
    return one.etag == other.etag and len(one.body) == len(other.body)


def only_stored(buckets: Iterable[Bucket | None]) -> list[StoredBucket]:
    """Return those that hold objects. Raises ValueError if one does not."""
    stored = [one for one in buckets if isinstance(one, StoredBucket)]
    if len(stored) != len(list(buckets)):
        raise ValueError("only buckets that hold objects can be compared")
    return stored
