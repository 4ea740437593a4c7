"""Heartbeats: two small documents of docferry's own go the whole way, to measure it and to prove the way back.

    beat    puts HEARTBEAT at the source and CANARY at the target
    heard   HEARTBEAT came through the source's feed: it is copied to the target, and the lag is known
            CANARY came through the target's feed: it is copied to the source, and the way back is proved

A runner copies only a version that this very object put, and only once. Our copy comes back on the other side's
feed as a version that nobody put: it causes nothing, so nothing goes to and fro. A heartbeat that gets lost
measures nothing and holds up nothing; the next one tries again.

Workers take changes off the same feeds. One that meets a runner's heartbeat relays it: it copies what is there.
The runner finds it at the other end, looking every LOOK_EVERY_S while the last one has not come through.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from docferry.bounded import each
from docferry.domain.change import DocumentChange
from docferry.domain.document import Document
from docferry.domain.errors import Conflict, Retryable, ServiceError
from docferry.domain.reserved import CANARY, HEARTBEAT
from docferry.ports import Clock, DocumentStore
from docferry.stages.apply import DocumentSides

EVERY_S = 15.0
WITHIN_S = 10.0
"""A put or a copy that takes longer is given up: rounds wait for it, and data may be copied for minutes."""
LOOK_EVERY_S = 0.5
REMEMBERED = 1000
"""So many puts wait for their event at most; the oldest are forgotten."""


class Beacon(Protocol):
    """Puts reserved documents into one bucket. They are docferry's own, so that no gate is asked."""

    async def put(self, key: str, number: str) -> str:
        """Put a tiny document, the number in its body and its metadata, and return its version.

        Raises ValueError for a key that is not reserved.
        """


@dataclass(slots=True)
class _Way:
    """The way of one document from the side it is put at to the other. `sent` is monotonic time by version.

    `awaited` is the number of the last one that was put, and when, until it has come through.
    """

    key: str
    beacon: Beacon
    origin: DocumentStore
    end: DocumentStore
    sent: dict[str, float] = field(default_factory=dict)
    awaited: tuple[str, float] | None = None
    looked_at: float = -math.inf
    lag_s: float | None = None
    seen_at: float = 0.0

    def remember(self, version: str, number: str, at: float) -> None:
        self.awaited, self.looked_at = (number, at), at
        if version:
            self.sent[version] = at
        while len(self.sent) > REMEMBERED:
            del self.sent[next(iter(self.sent))]

    def versions(self, changes: Sequence[DocumentChange]) -> set[str]:
        return {one.version for one in changes if one.key == self.key and one.version}

    def recognise(self, changes: Sequence[DocumentChange]) -> float | None:
        """Return when the first of our own versions among these changes was put, and forget them."""
        ours = self.versions(changes) & self.sent.keys()
        return min((self.sent.pop(one) for one in ours), default=None)

    def came_through(self, since: float, clock: Clock) -> None:
        self.lag_s, self.seen_at = clock.monotonic() - since, clock.now()
        if self.awaited and self.awaited[1] <= since:
            self.awaited = None
        # Events of earlier ones that still come would measure how late they are, not how late the copy was.
        self.sent = {version: at for version, at in self.sent.items() if at > since}


class Heartbeat:
    """The heartbeats of one runner in one direction; another direction takes another object.

    `source` and `target` put documents at the two sides of `documents`, and `reverse` is the source's bucket with
    the target to copy from. `every_s` may be changed at any time; math.inf stops the beats. What was learned:
    `conditional_copies` is whether the target honours the condition of a copy, None until that was tried, and
    `last_failure` what kept a heartbeat back last.
    """

    def __init__(
        self,
        documents: DocumentSides,
        reverse: DocumentStore,
        source: Beacon,
        target: Beacon,
        clock: Clock,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._permit = documents.permit
        self._clock = clock
        self._forward = _Way(HEARTBEAT, source, documents.source, documents.target)
        self._reverse = _Way(CANARY, target, documents.target, reverse)
        self._beaten_at = -math.inf
        self._beats = 0
        self.every_s = every_s
        self.conditional_copies: bool | None = None
        self.last_failure = ""

    @property
    def lag_s(self) -> float | None:
        """Return how long the last heartbeat took, from the answer to its put to its copy at the target."""
        return self._forward.lag_s

    @property
    def seen_at(self) -> float:
        """Return when the last heartbeat had come through, in seconds since 1970; 0.0 if none has."""
        return self._forward.seen_at

    @property
    def reverse_lag_s(self) -> float | None:
        """Return how long the last canary took, from the answer to its put to its copy at the source."""
        return self._reverse.lag_s

    @property
    def reverse_proved_at(self) -> float:
        """Return when the last canary had come through, in seconds since 1970; 0.0 if none has."""
        return self._reverse.seen_at

    def as_entry(self) -> dict[str, Any]:
        """Return what was measured as plain values."""
        return {
            "lag_s": self.lag_s,
            "seen_at": self.seen_at,
            "reverse_lag_s": self.reverse_lag_s,
            "reverse_proved_at": self.reverse_proved_at,
            "conditional_copies": self.conditional_copies,
            "last_failure": self.last_failure,
        }

    async def beat(self) -> None:
        """Put both documents if that is due, and look for those that a worker may have carried.

        What fails is remembered, and tried again when it is due again.
        """
        await self._both(self._look)
        now = self._clock.monotonic()
        if math.isinf(self.every_s) or now - self._beaten_at < self.every_s:
            return
        self._beaten_at = now
        self._beats += 1
        # Never the same twice, not by another runner either: the ETag is to tell one beat from the next.
        number = f"{self._clock.now():.3f}-{self._beats}"

        async def put(way: _Way) -> None:
            way.remember(await way.beacon.put(way.key, number), number, self._clock.monotonic())

        await self._both(put)

    async def heard(self, at_source: Sequence[DocumentChange], at_target: Sequence[DocumentChange]) -> None:
        """Copy what came through the two feeds, if it is ours, and note how long it took.

        A failure is remembered. Raises what the permit raises.
        """
        since = {HEARTBEAT: self._forward.recognise(at_source), CANARY: self._reverse.recognise(at_target)}

        async def carry(way: _Way) -> None:
            if (put_at := since[way.key]) is not None:
                await self._carry(way, put_at)

        await self._both(carry)

    async def relay(self, at_source: Sequence[DocumentChange], at_target: Sequence[DocumentChange]) -> None:
        """Copy what came through the two feeds, whoever put it, as `heard` does.

        The copy comes back on the other feed, where this key is not listened for.
        """
        came = {HEARTBEAT: self._forward.versions(at_source), CANARY: self._reverse.versions(at_target)}

        async def carry(way: _Way) -> None:
            if came[way.key]:
                await self._copy(way)

        await self._both(carry)

    async def _look(self, way: _Way) -> None:
        now = self._clock.monotonic()
        if way.awaited is None or now - way.looked_at < LOOK_EVERY_S:
            return
        way.looked_at = now
        number, since = way.awaited
        found = await way.end.look(way.key)
        if found and found.metadata.get("number") == number:
            way.came_through(since, self._clock)

    async def _both(self, work: Callable[[_Way], Awaitable[None]]) -> None:
        async def tried(way: _Way) -> None:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await work(way)
            except TimeoutError:
                self.last_failure = f"{way.key}: not done within {WITHIN_S:.0f} s"
            except (Retryable, Conflict, ServiceError) as error:
                self.last_failure = f"{way.key}: {error}"

        await each((self._forward, self._reverse), tried, asyncio.Semaphore(2))

    async def _carry(self, way: _Way, since: float) -> None:
        found = await self._copy(way)
        way.came_through(since, self._clock)
        if way is self._forward and self.conditional_copies is None:
            await self._probe(found)

    async def _copy(self, way: _Way) -> Document:
        expected = await way.end.look(way.key)
        found = await way.origin.look(way.key)
        if found is None:
            raise Retryable("somebody deleted it before it was copied")
        if expected is None or expected.etag != found.etag:
            self._permit.check()
            await way.end.copy(found, expected)
        return found

    async def _probe(self, copied: Document) -> None:
        self._permit.check()
        try:
            await self._forward.end.copy(copied, None)
        except Conflict:
            # A beat in between is a conflict at the source, and proves nothing about the target.
            if await self._forward.origin.look(HEARTBEAT) == copied:
                self.conditional_copies = True
        else:
            self.conditional_copies = False
