import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from docferry.domain.errors import Conflict, Retryable, ServiceError, StaleEpoch
from docferry.simulation.events import Events
from docferry.simulation.faults import FAULTS, Faults, named
from docferry.simulation.loop import US, Loop, run
from docferry.simulation.network import Link, Network
from docferry.simulation.process import Process
from docferry.simulation.weather import Outage, Request, Weather


class Wire:
    """A network with one process, and a service that counts what takes effect."""

    def __init__(self, loop: Loop, faults: Faults = Faults(), seed: int = 0, **link: Any) -> None:  # noqa: B008
        self.loop = loop
        self.network = Network(loop, Events(), Weather(faults, random.Random(seed)))
        self.process = Process(loop, "p")
        self.link = Link(self.network, self.process, **link)
        self.effects = 0

    async def effect(self) -> int:
        self.effects += 1
        return self.effects

    def request(self) -> Request:
        return Request("p", "source", "documents", "copy", "k", write=True, conditional=True)

    def send(self, guard: Callable[[], None] | None = None) -> "asyncio.Task[int]":
        return self.process.start(self.link.call(self.request(), self.effect, guard))


def wired(work: Callable[[Wire], Coroutine[Any, Any, Any]], **more: Any) -> Any:
    loop = Loop(random.Random(0))
    return run(loop, work(Wire(loop, **more)))


ALL = Faults(("timeout-after",), share=1.0, budget=1)


def test_a_request_takes_effect_once_and_is_answered() -> None:
    async def work(wire: Wire) -> None:
        assert await wire.send() == 1
        assert 0 < wire.loop.us < US

    wired(work)


def test_an_answer_that_is_lost_has_the_request_repeated_after_its_effect() -> None:
    async def work(wire: Wire) -> None:
        assert await wire.send() == 2
        assert wire.loop.us > 5 * US

    wired(work, faults=ALL)


def test_a_request_lost_on_the_way_has_no_effect() -> None:
    async def work(wire: Wire) -> None:
        assert await wire.send() == 1

    wired(work, faults=Faults(("timeout-before",), share=1.0, budget=1))


def test_a_late_request_lands_although_its_sender_has_given_it_up_and_died() -> None:
    async def work(wire: Wire) -> None:
        wire.send()
        await asyncio.sleep(0.11)
        wire.process.kill()
        assert wire.effects == 0
        await asyncio.sleep(10.0)
        assert wire.effects == 1

    wired(work, faults=Faults(("late-requests",), share=1.0, budget=1), silence_s=0.1)


@pytest.mark.parametrize(("after", "effects"), [(False, 0), (True, 1)])
def test_a_process_dies_before_or_after_its_effect(after: bool, effects: int) -> None:
    async def work(wire: Wire) -> None:
        wire.process.kill_at = (1, after)
        wire.send()
        await asyncio.sleep(10.0)
        assert (wire.process.alive, wire.effects) == (False, effects)

    wired(work)


def test_a_process_dies_after_its_effect_although_another_was_sent_meanwhile() -> None:
    async def work(wire: Wire) -> None:
        wire.process.kill_at = (1, True)
        wire.send()
        wire.send()
        await asyncio.sleep(10.0)
        assert not wire.process.alive

    wired(work)


def test_what_a_stopped_process_had_in_hand_goes_out_once_it_wakes() -> None:
    async def work(wire: Wire) -> int:
        wire.send()
        await asyncio.sleep(0.0001)
        wire.process.stop()
        await asyncio.sleep(30.0)
        before = wire.effects
        wire.process.wake()
        await asyncio.sleep(1.0)
        assert wire.effects == 1
        return before

    assert {wired(work, seed=seed) for seed in range(10)} == {0, 1}


def test_a_write_that_comes_in_after_its_token_is_refused() -> None:
    async def work(wire: Wire) -> None:
        wire.link.tokens = {"source": 100.0}
        with pytest.raises(ServiceError, match="token"):
            await wire.send(lambda: None)
        assert wire.effects == 0

    wired(work)


def test_without_a_token_a_late_write_takes_effect() -> None:
    async def work(wire: Wire) -> None:
        assert await wire.send(lambda: None) == 1

    wired(work)


def test_the_guard_is_asked_before_every_attempt() -> None:
    async def work(wire: Wire) -> None:
        asked = 0

        def guard() -> None:
            nonlocal asked
            asked += 1
            if asked == 2:
                raise StaleEpoch("over")

        with pytest.raises(StaleEpoch):
            await wire.send(guard)
        assert (asked, wire.effects) == (2, 0)

    wired(work, faults=Faults(("throttle",), share=1.0, budget=1))


def test_landed_waits_for_guarded_requests_that_nobody_waits_for() -> None:
    async def work(wire: Wire) -> None:
        task = wire.send(lambda: None)
        await asyncio.sleep(0.0001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert wire.effects == 0
        await wire.link.landed()
        assert wire.effects == 1

    wired(work)


def test_an_outage_meets_whom_it_names_and_ends() -> None:
    async def work(wire: Wire) -> None:
        wire.network.weather.outages.append(Outage("revoked", "source", ("documents",), 1.0 * US, who="p"))
        with pytest.raises(ServiceError, match="denied"):
            await wire.send()
        await asyncio.sleep(1.0)
        assert await wire.send() == 1

    wired(work)


def test_a_race_is_a_conflict_and_no_effect() -> None:
    async def work(wire: Wire) -> None:
        with pytest.raises(Conflict):
            await wire.send()
        assert wire.effects == 0

    wired(work, faults=Faults(("race-409",), share=1.0, budget=1))


def test_attempts_are_used_up() -> None:
    async def work(wire: Wire) -> None:
        with pytest.raises(Retryable):
            await wire.send()
        assert wire.effects == 0

    wired(work, faults=Faults(("throttle",), share=1.0, budget=1000))


def test_faults_are_known_by_name() -> None:
    assert named("zombie, crash") == ("crash", "zombie")
    assert all(len(said) > 10 for said in FAULTS.values())
    with pytest.raises(Exception, match="there is no fault 'nonsense'"):
        named("crash,nonsense")
