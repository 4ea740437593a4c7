"""Compares what the oracle expects with what the two stores hold, without asking docferry."""

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from docferry.bounded import each
from docferry.demo import oracle
from docferry.demo.look import Look, looking
from docferry.demo.oracle import Expected, Oracle
from docferry.demo.state import State, shown
from docferry.domain.change import Kind
from docferry.settings import Settings, Side

AT_ONCE = 32


class Verdict(Enum):
    """What is wrong with one key."""

    LOST = "lost write"
    STALE = "stale write"
    RESURRECTED = "resurrected delete"


@dataclass(frozen=True, slots=True)
class Finding:
    """One key that is wrong at one side."""

    verdict: Verdict
    store: str
    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Stores:
    """What one side holds under the keys of the log; absent keys may be left out."""

    documents: Mapping[str, State]
    records: Mapping[str, State]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the acknowledged writes.

    `writes_acknowledged`, and `max_write_pause_s` (seconds from asking for one write to its success, the wait for
    an open region and the client's repeats included), are those of the live writers; `failed_requests` those of
    everybody, after all repeats. Lost, stale and resurrected are keys at the target. `source_differences` are keys
    where the source is not as the log says, though it was kept up to date when they were touched last. Examples
    are limited.
    """

    writes_acknowledged: int
    writes_ingested: int
    failed_requests: int
    max_write_pause_s: float
    lost_writes: int
    stale_writes: int
    resurrected_deletes: int
    source_differences: int
    examples: tuple[Finding, ...]
    source_examples: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether no write failed, and both sides are as the acknowledged writes left them."""
        wrong = self.lost_writes + self.stale_writes + self.resurrected_deletes
        return not (wrong or self.failed_requests or self.source_differences)


async def judge(settings: Settings, log: Path, examples: int = 10, *, source_until: float = math.inf) -> Judgement:
    """Read the log, look at every one of its keys at both sides, and judge.

    To be called once the writers have stopped and the feeds are drained. Where the source was kept up to date
    until some time only, on the clock of the log, `source_until` names it: what keys that were touched later are
    at the source counts for nothing. Raises InvalidInput if the log cannot be judged by, ServiceError if a side
    cannot be looked at.
    """
    learned = oracle.read(log)
    source = await _look_at(settings, settings.source, learned)
    target = await _look_at(settings, settings.target, learned)
    return judged(learned, source, target, examples, source_until=source_until)


async def _look_at(settings: Settings, side: Side, learned: Oracle) -> Stores:
    documents: dict[str, State] = {}
    async with looking(settings, side) as look:
        await each(learned.documents, lambda key: _one(look, key, documents), asyncio.Semaphore(AT_ONCE))
        return Stores(documents, dict(await look.records()))


async def _one(look: Look, key: str, documents: dict[str, State]) -> None:
    documents[key] = await look.document(key)


def judged(
    learned: Oracle, source: Stores, target: Stores, examples: int = 10, *, source_until: float = math.inf
) -> Judgement:
    """Judge what was found at both sides; see `judge`."""
    at_target, at_source = tuple(findings(learned, target)), tuple(findings(learned, source, source_until))
    return Judgement(
        writes_acknowledged=learned.acknowledged,
        writes_ingested=learned.ingested,
        failed_requests=learned.failed,
        max_write_pause_s=learned.max_pause_s,
        lost_writes=_count(at_target, Verdict.LOST),
        stale_writes=_count(at_target, Verdict.STALE),
        resurrected_deletes=_count(at_target, Verdict.RESURRECTED),
        source_differences=len(at_source),
        examples=at_target[:examples],
        source_examples=at_source[:examples],
    )


def _count(found: Iterable[Finding], verdict: Verdict) -> int:
    return sum(one.verdict is verdict for one in found)


def findings(learned: Oracle, stores: Stores, until: float = math.inf) -> Iterator[Finding]:
    """Give every key of the log that one side has wrong, documents first, without those touched after `until`."""
    for store, held in ((Kind.DOCUMENT, stores.documents), (Kind.RECORD, stores.records)):
        for key, expected in sorted(learned.of(store).items()):
            if expected.touched_at > until:
                continue
            found = held.get(key)
            verdict = verdict_on(expected, found)
            if verdict:
                wanted = " or ".join(map(shown, (expected.last, *expected.maybes)))
                yield Finding(verdict, store.value, key, wanted, shown(found))


def verdict_on(expected: Expected, found: State) -> Verdict | None:
    """Say what is wrong with what was found under one key, if anything is."""
    if expected.allows(found):
        return None
    if found is None:
        return Verdict.LOST
    return Verdict.RESURRECTED if expected.last is None else Verdict.STALE
