import asyncio
import math

import pytest

from docferry.domain.errors import GateRefused, Refused, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.holding import holding
from docferry.lease import Lease
from docferry.ports import Entry
from docferry.simulation.gate import MemoryGate
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.token import MemoryToken
from docferry.tokens import Tokens
from tests.unit.fakes import ManualClock

OPEN = Gate(Writer.REPLICATOR, 1)


class World:
    def __init__(self) -> None:
        self.ledger, self.gate = MemoryLedger(), MemoryGate()

    def lease(self, owner: str, clock: ManualClock) -> Lease:
        return Lease(self.ledger, self.gate, clock, name="sync", owner=owner, duration_s=6.0)


@pytest.fixture
async def world() -> World:
    made = World()
    await made.gate.change(None, OPEN)
    return made


async def test_a_lease_lets_write_until_it_ends(world: World) -> None:
    clock = ManualClock()
    lease = world.lease("one", clock)
    with pytest.raises(StaleEpoch):
        lease.check()
    await lease.acquire()
    lease.check()
    clock.time += 6.0
    with pytest.raises(StaleEpoch, match="nothing is lost"):
        lease.check()


@pytest.mark.parametrize("renewed", [False, True])
async def test_a_lease_is_counted_from_before_it_was_asked_for(world: World, renewed: bool) -> None:
    clock = ManualClock()
    lease = world.lease("one", clock)
    if renewed:
        await lease.acquire()
    write = world.ledger.write

    async def slowly(name: str, entry: Entry, expected: Entry | None) -> None:
        clock.time += 4.0
        await write(name, entry, expected)

    world.ledger.write = slowly  # type: ignore[method-assign]
    await (lease._renew() if renewed else lease.acquire())
    lease.check()
    # Who waits for it has seen it move when it was written at the latest.
    clock.time += 2.0
    with pytest.raises(StaleEpoch):
        lease.check()


async def test_a_second_runner_takes_over_only_after_a_silence_as_long_as_promised(world: World) -> None:
    await world.lease("killed", ManualClock()).acquire()
    clock = ManualClock()
    second = world.lease("second", clock)
    await second.acquire()
    second.check()
    assert clock.time - 1000.0 >= 6.0


async def test_a_second_runner_is_refused_while_the_first_lives(world: World) -> None:
    first = world.lease("first", ManualClock())
    await first.acquire()

    class Renewing(ManualClock):
        async def sleep(self, seconds: float) -> None:
            self.time += seconds
            await first._renew()

    with pytest.raises(Refused, match="first"):
        await world.lease("second", Renewing()).acquire()
    first.check()


async def test_a_runner_that_was_taken_over_stops(world: World) -> None:
    first = world.lease("first", ManualClock())
    await first.acquire()
    await world.lease("second", ManualClock()).acquire()
    with pytest.raises(StaleEpoch):
        await first._renew()
    with pytest.raises(StaleEpoch):
        first.check()


async def test_a_released_lease_can_be_taken_at_once(world: World) -> None:
    first = world.lease("first", ManualClock())
    await first.acquire()
    await first.release()
    with pytest.raises(StaleEpoch):
        first.check()
    clock = ManualClock()
    await world.lease("second", clock).acquire()
    assert clock.time == 1000.0


async def test_a_gate_that_does_not_say_replicator_refuses(world: World) -> None:
    lease = world.lease("one", ManualClock())
    await lease.acquire()
    await world.gate.change(OPEN, OPEN.turned(Writer.NOBODY))
    with pytest.raises(GateRefused):
        await lease._renew()
    with pytest.raises(StaleEpoch):
        lease.check()
    await lease.release()
    with pytest.raises(GateRefused, match="nobody"):
        await world.lease("two", ManualClock()).acquire()


async def test_an_epoch_that_grew_is_taken_up_by_a_lease_that_never_ended(world: World) -> None:
    lease = world.lease("one", ManualClock())
    await lease.acquire()
    await world.gate.change(OPEN, OPEN.turned(Writer.REPLICATOR))
    await lease._renew()
    lease.check()


async def test_an_epoch_that_grew_while_the_lease_was_over_ends_it(world: World) -> None:
    clock = ManualClock()
    lease = world.lease("one", clock)
    await lease.acquire()
    await world.gate.change(OPEN, OPEN.turned(Writer.REPLICATOR))
    clock.time += 6.0
    with pytest.raises(StaleEpoch, match="epoch 2"):
        await lease._renew()
    with pytest.raises(StaleEpoch):
        lease.check()


async def test_a_gate_with_its_journal_on_makes_the_lease_short_and_often_renewed(world: World) -> None:
    clock = ManualClock()
    lease = world.lease("one", clock)
    await lease.acquire()
    await world.gate.change(OPEN, OPEN.turned(Writer.REPLICATOR, journal=True))
    await lease._renew()
    assert lease.armed
    assert (await world.ledger.read("lease/sync") or {})["duration_s"] == 2.0
    clock.time += 2.0
    with pytest.raises(StaleEpoch):
        lease.check()


async def test_a_renewal_that_was_cut_off_after_it_was_written_is_given_back_all_the_same(world: World) -> None:
    lease = world.lease("one", ManualClock())
    await lease.acquire()
    held = await world.ledger.read("lease/sync")
    assert held
    await world.ledger.write("lease/sync", {**held, "beat": held["beat"] + 1}, held)
    await lease.release()
    clock = ManualClock()
    await world.lease("two", clock).acquire()
    assert clock.time == 1000.0


async def test_a_lease_that_another_took_over_is_not_given_back_for_him(world: World) -> None:
    first = world.lease("one", ManualClock())
    await first.acquire()
    second = world.lease("two", ManualClock())
    await second.acquire()
    await first.release()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == "two"


async def test_a_lease_that_cannot_be_used_is_given_back_at_once(world: World) -> None:
    await world.gate.change(OPEN, OPEN.turned(Writer.NOBODY))
    with pytest.raises(GateRefused):
        await world.lease("one", ManualClock()).acquire()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == ""


async def test_a_lease_whose_gate_was_closed_is_given_back_only_when_nothing_is_under_way(world: World) -> None:
    landed, order = asyncio.Event(), list[str]()

    async def landing() -> None:
        await landed.wait()

    clock = ManualClock()
    lease = Lease(world.ledger, world.gate, clock, name="sync", owner="one", duration_s=1.0, landed=landing)
    await lease.acquire()

    async def work() -> None:
        await asyncio.Event().wait()

    async def at_end() -> None:
        order.append("noted")
        assert (await world.ledger.read("lease/sync") or {})["owner"] == "one"

    running = asyncio.ensure_future(holding(lease, asyncio.ensure_future(work()), at_end))
    await world.gate.change(OPEN, OPEN.turned(Writer.NOBODY))
    await asyncio.sleep(0.05)
    beat = (await world.ledger.read("lease/sync") or {})["beat"]
    await asyncio.sleep(0.25)
    held = await world.ledger.read("lease/sync") or {}
    assert (held["owner"], order) == ("one", [])
    assert held["beat"] > beat
    landed.set()
    with pytest.raises(GateRefused):
        await running
    assert ((await world.ledger.read("lease/sync") or {})["owner"], order) == ("", ["noted"])


async def test_a_lease_with_something_under_way_is_left_to_run_out(world: World) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    lease = Lease(world.ledger, world.gate, ManualClock(), name="sync", owner="one", duration_s=1.0, landed=never)
    await lease.acquire()
    await lease.release()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == "one"


@pytest.mark.parametrize(("ago_s", "owner"), [(0.0, "one"), (16.9, "one"), (17.1, ""), (math.inf, "")])
async def test_a_lease_is_kept_until_what_had_no_answer_is_over(world: World, ago_s: float, owner: str) -> None:
    lease, _ = answered(world, ago_s)
    await lease.acquire()
    await lease.release()
    held = await world.ledger.read("lease/sync") or {}
    assert (held["owner"], held["token_s"]) == (owner, 17.0)


async def test_without_tokens_nobody_can_tell_what_is_over(world: World) -> None:
    clock = ManualClock()
    lease = Lease(
        world.ledger, world.gate, clock, name="sync", owner="one", duration_s=6.0, lost_at=clock.monotonic
    )
    await lease.acquire()
    await lease.release()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == ""


async def test_others_read_for_how_long_something_may_land_yet(world: World) -> None:
    lease, _ = answered(world, 5.0)
    await lease.acquire()
    assert (await world.ledger.read("lease/sync") or {})["unanswered_s"] == pytest.approx(12.0)


async def test_a_lease_that_was_kept_is_not_touched_while_its_gate_is_closed(world: World) -> None:
    lease, _ = answered(world, 0.0)
    await lease.acquire()
    await lease.release()
    kept = await world.ledger.read("lease/sync")
    await world.gate.change(OPEN, OPEN.turned(Writer.NOBODY))
    with pytest.raises(GateRefused):
        await lease.acquire()
    assert await world.ledger.read("lease/sync") == kept


async def test_who_kept_its_lease_takes_it_again_at_once_and_counts_as_one_that_died(world: World) -> None:
    lease, clock = answered(world, 0.0)
    await lease.acquire()
    await lease.release()
    before = clock.time
    await lease.acquire()
    held = await world.ledger.read("lease/sync") or {}
    assert (held["deaths"], clock.time) == (1, before)


def answered(world: World, ago_s: float) -> tuple[Lease, ManualClock]:
    """A lease with tokens, whose last request without an answer was so many seconds ago."""
    clock = ManualClock()
    clock.time += 30.0
    tokens, lost_at = Tokens([MemoryToken(clock)], clock, 15.0), clock.time - ago_s
    lease = Lease(
        world.ledger,
        world.gate,
        clock,
        name="sync",
        owner="one",
        duration_s=6.0,
        lost_at=lambda: lost_at,
        tokens=tokens,
    )
    return lease, clock
