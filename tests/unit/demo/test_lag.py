import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from docferry.demo import lag
from docferry.demo.lag import Lags, watch
from docferry.demo.oplog import Line, OperationLog
from docferry.demo.oracle import INGEST
from docferry.demo.state import State
from docferry.domain.change import Kind
from tests.unit.demo.logs import document, operation, record


class Store:
    """A target, and a clock that plays a script: what happens at which second of its time."""

    def __init__(self, script: Mapping[float, Callable[[], object]]) -> None:
        self.script = dict(script)
        self.time = 100.0
        self.written: dict[str, int] = {}
        self.tagged: dict[str, int] = {}
        self.asked: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        for at in [one for one in self.script if one <= self.time - 100.0]:
            self.script.pop(at)()

    async def generation(self, key: str, *, of_tags: bool) -> int | None:
        self.asked.append(self.time)
        return (self.tagged if of_tags else self.written).get(key)


class Play:
    def __init__(self, path: Path) -> None:
        self.log = OperationLog(path)
        self.path = path
        self.stop = asyncio.Event()
        self.store = Store({})

    def writes(self, op: int, state: State = document(), kind: str = "overwrite", **more: object) -> None:  # noqa: B008
        for line in self.lines(op, state, kind, **more):
            self.log.write(line)

    def lines(self, op: int, state: State, kind: str, **more: object) -> list[Line]:
        return operation(op, state, kind=kind, start=self.store.time, took=0.0, **more)  # type: ignore[arg-type]

    def shows(self, op: int, key: str = "k") -> None:
        self.store.written[key] = self.store.tagged[key] = op

    async def watch(self, script: Mapping[float, Callable[[], object]]) -> Lags:
        self.store.script = dict(script)
        return await watch(self.path, self.store.generation, self.store, self.stop)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path / "log")


async def test_the_lag_is_the_time_from_the_acknowledgement_until_the_target_shows_it(play: Play) -> None:
    script = {1.0: lambda: play.writes(1), 3.0: lambda: play.shows(1), 4.0: play.stop.set}
    lags = await play.watch(script)
    assert len(lags.samples) == 1
    assert 2.0 <= lags.samples[0] <= 2.0 * 1.1 + 2 * lag.POLL_S
    assert lags.unseen == 0


async def test_a_later_operation_on_the_key_counts_as_sight_and_an_earlier_one_does_not(play: Play) -> None:
    play.shows(1)
    script = {1.0: lambda: play.writes(2), 2.0: lambda: play.shows(3), 4.0: play.stop.set}
    (seconds,) = (await play.watch(script)).samples
    assert 1.0 <= seconds <= 1.3


async def test_a_tag_is_looked_for_among_the_tags(play: Play) -> None:
    def tag() -> None:
        play.store.tagged["k"] = 2

    play.shows(1)
    script = {1.0: lambda: play.writes(2, kind="retag"), 2.0: tag, 4.0: play.stop.set}
    (seconds,) = (await play.watch(script)).samples
    assert 1.0 <= seconds <= 1.3


async def test_a_delete_is_seen_once_the_document_is_gone(play: Play) -> None:
    play.shows(1)
    script = {1.0: lambda: play.writes(2, None, "delete"), 2.0: play.store.written.clear, 4.0: play.stop.set}
    (seconds,) = (await play.watch(script)).samples
    assert 1.0 <= seconds <= 1.3


async def test_absence_is_no_sight_of_a_write_until_a_later_delete_was_acknowledged(play: Play) -> None:
    script = {1.0: lambda: play.writes(1), 3.0: lambda: play.writes(2, None, "delete"), 5.0: play.stop.set}
    lags = await play.watch(script)
    assert max(lags.samples) >= 2.0


async def test_a_write_that_is_never_seen_is_counted_and_ends_the_wait(play: Play) -> None:
    lags = await play.watch({1.0: lambda: play.writes(1), 2.0: play.stop.set})
    assert lags == Lags((), 1)
    assert lag.PATIENCE_S <= play.store.time - 102.0 <= lag.PATIENCE_S + 1


async def test_what_came_before_records_the_ingest_and_failed_requests_are_not_watched(play: Play) -> None:
    play.writes(1)

    def others() -> None:
        play.writes(2, by=INGEST)
        play.writes(3, record(3), store=Kind.RECORD)
        play.writes(4, acknowledged=False)

    assert await play.watch({1.0: others, 2.0: play.stop.set}) == Lags()
    assert play.store.asked == []


async def test_the_target_is_asked_at_most_20_times_a_second(play: Play) -> None:
    script = {n / 10: partial(play.writes, n, key=f"k{n}") for n in range(1, 60)}
    await play.watch({**script, 6.0: play.stop.set})
    busiest = max(sum(at <= one < at + 1.0 for one in play.store.asked) for at in play.store.asked)
    assert 5 <= busiest <= 21


def test_quantiles_are_nearest_rank_and_none_without_samples() -> None:
    assert Lags().quantile(0.5) is None
    hundred = Lags(tuple(float(n) for n in range(100, 0, -1)))
    assert (hundred.quantile(0.5), hundred.quantile(0.99), hundred.quantile(1.0)) == (50.0, 99.0, 100.0)
    assert Lags((3.0,)).quantile(0.99) == 3.0
