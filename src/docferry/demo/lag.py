"""Measures the lag: from a write's acknowledgement at the source until the target shows it.

A few documents at a time are watched: one that was just written is picked from the operation log, and the target
is asked until it shows that operation's generation, or a later one of the same key. A watched document is asked
for again when its age has grown by a tenth, and no sooner than after POLL_S, so that a lag comes out too long by
about that much, never too short. All documents together cost at most one request in POLL_S.
Acknowledgement and sight are timed by one clock that all processes of a machine share (see `oplog`).
"""

import asyncio
import math
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from docferry.clock import SystemClock
from docferry.demo.look import looking
from docferry.demo.oplog import Begin, Tail
from docferry.demo.oracle import INGEST
from docferry.domain.change import Kind
from docferry.ports import Clock
from docferry.settings import Settings

POLL_S = 0.05
WATCHED = 8
PATIENCE_S = 60.0
"""How long after the end the last watched documents may still come to be seen, in seconds."""


class Sight(Protocol):
    """Tells which operation's metadata or tags a document at the target shows; None if it is absent."""

    def __call__(self, key: str, *, of_tags: bool) -> Awaitable[int | None]: ...


@dataclass(frozen=True, slots=True)
class Lags:
    """The lags measured, in seconds, and how many watched writes were not seen in the end."""

    samples: tuple[float, ...] = ()
    unseen: int = 0

    def quantile(self, share: float) -> float | None:
        """Return a quantile by nearest rank; None without samples."""
        ordered = sorted(self.samples)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(slots=True)
class _Watched:
    begin: Begin
    acknowledged: float
    due: float


@dataclass(slots=True)
class _Seen:
    """What the log tells: writes under way, the latest one done, and the last delete of each key."""

    begun: dict[int, Begin] = field(default_factory=dict)
    fresh: _Watched | None = None
    deleted: dict[str, int] = field(default_factory=dict)

    def take(self, tail: Tail) -> None:
        for line in tail.read():
            if isinstance(line, Begin):
                if line.store is Kind.DOCUMENT and line.by != INGEST:
                    self.begun[line.op] = line
                continue
            begin = self.begun.pop(line.op, None)
            if begin and line.acknowledged:
                self.fresh = _Watched(begin, line.end, line.end)
                if begin.state is None:
                    self.deleted[begin.key] = begin.op


async def sample(settings: Settings, log: Path, stop: asyncio.Event) -> Lags:
    """Measure until `stop` is set and, for at most PATIENCE_S longer, until all watched writes were seen.

    Raises ServiceError if the target cannot be looked at.
    """
    async with looking(settings, settings.target) as look:
        return await watch(log, look.generation, SystemClock(), stop)


async def watch(log: Path, sight: Sight, clock: Clock, stop: asyncio.Event) -> Lags:
    """Measure through `sight`; see `sample`."""
    tail, seen = Tail(log), _Seen()
    seen.take(tail)
    watched: list[_Watched] = []
    samples: list[float] = []
    stopped_at = math.inf
    while clock.monotonic() < stopped_at + PATIENCE_S and (watched or stopped_at == math.inf):
        seen.fresh = None
        seen.take(tail)
        if stop.is_set():
            stopped_at = min(stopped_at, clock.monotonic())
        elif seen.fresh and len(watched) < WATCHED:
            watched.append(seen.fresh)
        one = min(watched, key=lambda held: held.due, default=None)
        if one and one.due <= clock.monotonic():
            if await _visible(one.begin, seen.deleted, sight):
                samples.append(clock.monotonic() - one.acknowledged)
                watched.remove(one)
            now = clock.monotonic()
            one.due = now + max(POLL_S, (now - one.acknowledged) / 10)
        await clock.sleep(POLL_S)
    return Lags(tuple(samples), len(watched))


async def _visible(begin: Begin, deleted: dict[str, int], sight: Sight) -> bool:
    shown = await sight(begin.key, of_tags=begin.kind == "retag")
    if shown is None:
        # Absence is what this delete, or a later one, was to bring about.
        return deleted.get(begin.key, 0) >= begin.op
    return shown >= begin.op
