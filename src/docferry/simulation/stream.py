"""An in-memory DynamoDB stream: shards that are split, closed and trimmed, and the change feed over it."""

import asyncio
import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import NeedsOperator
from docferry.domain.record import Item, digest
from docferry.ports import Clock, Delivery, Pending

KEPT_S = 24 * 3600.0
PAGE = 100
POLL_S = 0.25
LIST_SHARDS_EVERY_S = 10.0
_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Keys of one shard with their sequence numbers and times; `more` is False at the end of a closed shard."""

    changes: tuple[tuple[int, Item, float], ...]
    more: bool


@dataclass(slots=True)
class _Shard:
    changes: list[tuple[int, Item, float]] = field(default_factory=list)
    closed: bool = False
    trimmed_to: int = 0


class StreamReader(Protocol):
    """What a feed asks of a stream."""

    async def shards(self) -> tuple[str, ...]:
        """Return the names of all shards that hold anything, or may yet."""

    async def read(self, shard: str, after: int) -> StreamPage:
        """Return what comes after a sequence number. Raises NeedsOperator if it was trimmed."""


class MemoryStream:
    """A stream by the clock `now`. A key's changes are in one open shard, in order."""

    def __init__(self, now: Callable[[], float], shards: int = 2) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._shards: dict[str, _Shard] = {f"shard-{number}": _Shard() for number in range(shards)}

    def append(self, key: Item) -> None:
        """Note that an item has changed."""
        shards = [one for one in self._shards.values() if not one.closed]
        chosen = shards[int(digest(key)[:8], 16) % len(shards)]
        chosen.changes.append((next(self._numbers), key, self._now()))

    def split(self) -> None:
        """Close the oldest open shard, and open another."""
        name = next(name for name, one in self._shards.items() if not one.closed)
        self._shards[name].closed = True
        self._shards[f"shard-{len(self._shards)}-{next(self._numbers)}"] = _Shard()

    def trim(self) -> None:
        """Forget what is older than a day, and closed shards that hold nothing any more."""
        since = self._now() - KEPT_S
        for name, shard in list(self._shards.items()):
            old = [number for number, _, at in shard.changes if at < since]
            if old:
                shard.trimmed_to = old[-1]
                shard.changes = [one for one in shard.changes if one[2] >= since]
            if shard.closed and not shard.changes:
                del self._shards[name]

    async def shards(self) -> tuple[str, ...]:
        """Return the names of all shards."""
        return tuple(self._shards)

    async def read(self, shard: str, after: int) -> StreamPage:
        """Return up to a page of changes."""
        held = self._shards.get(shard)
        if held is None or 0 < after < held.trimmed_to:
            raise _lost()
        found = held.changes[bisect_right(held.changes, after, key=itemgetter(0)) :][: PAGE + 1]
        return StreamPage(tuple(found[:PAGE]), len(found) > PAGE or not held.closed)


class MemoryStreamFeed:
    """The `ChangeFeed` port over a stream, with a position for each shard in the ledger, as the real one has."""

    def __init__(self, stream: StreamReader, checkpoint: Checkpoint, clock: Clock) -> None:
        self._stream, self._checkpoint, self._clock = stream, checkpoint, clock
        self._given: dict[str, str] = {}
        self._shards: tuple[str, ...] = ()
        self._listed_at = -math.inf

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return a page of each shard that has any."""
        until = self._clock.monotonic() + wait_s
        while True:
            found = await self._poll()
            left_s = until - self._clock.monotonic()
            if found or left_s <= 0:
                return found
            await self._clock.sleep(min(POLL_S, left_s))

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Move the positions and save them."""
        if not deliveries:
            return
        moved = dict(one.receipt.split("\n", 1) for one in deliveries)
        for shard in moved:
            self._given.pop(shard, None)
        known = {name: at for name, at in {**self._positions, **moved}.items() if name in self._shards}
        await self._checkpoint.save({"positions": known})

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Do nothing: a position that was not moved is read from again."""

    async def pending(self) -> Pending:
        """Return what was given out and not taken off."""
        return Pending(0, len(self._given), 0)

    async def retention_s(self) -> float:
        """Return the 24 hours that every stream keeps."""
        return KEPT_S

    @property
    def _positions(self) -> Mapping[str, str]:
        held: Mapping[str, str] = self._checkpoint.entry.get("positions", {})
        return held

    async def _poll(self) -> tuple[Delivery, ...]:
        positions = self._positions
        if self._clock.monotonic() - self._listed_at >= LIST_SHARDS_EVERY_S:
            self._shards = await self._stream.shards()
            self._listed_at = self._clock.monotonic()
            if any(at != _CLOSED and name not in self._shards for name, at in positions.items()):
                raise _lost()
        self._given.clear()
        living = [name for name in self._shards if positions.get(name) != _CLOSED]
        pages = await asyncio.gather(*(self._stream.read(name, int(positions.get(name, 0))) for name in living))
        return tuple(
            self._delivery(name, page)
            for name, page in zip(living, pages, strict=True)
            if page.changes or not page.more
        )

    def _delivery(self, shard: str, page: StreamPage) -> Delivery:
        reached = str(page.changes[-1][0]) if page.more else _CLOSED
        self._given[shard] = reached
        keys = {digest(key): key for _, key, _ in page.changes}
        at = max((at for *_, at in page.changes), default=0.0)
        return Delivery(f"{shard}\n{reached}", records=tuple(keys.values()), at=at)


def _lost() -> NeedsOperator:
    return NeedsOperator(
        "the stream no longer holds all changes since the last read; what was carried is in place",
        hint="docferry sync --reseed compares everything again",
    )
