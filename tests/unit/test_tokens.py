"""What a store refuses, against what the ledger promises and what the holder believes."""

import asyncio

import pytest

from docferry.domain.errors import GateRefused, Retryable, ServiceError, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.lease import Lease
from docferry.lease_entry import run_out
from docferry.ports import Entry
from docferry.simulation.gate import MemoryGate
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.token import MemoryToken
from docferry.tokens import MARGIN_S, Tokens
from tests.unit.fakes import ManualClock

LASTS_S = 15.0


class Slow(MemoryToken):
    """A token that takes its service a while to give."""

    def __init__(self, clock: ManualClock, takes_s: float) -> None:
        super().__init__(clock)
        self.slow_clock, self.takes_s = clock, takes_s

    async def take(self, session: str, lasts_s: float) -> None:
        over_at = self.slow_clock.now() + lasts_s
        await self.slow_clock.sleep(self.takes_s)
        await super().take(session, lasts_s)
        self.over_at = over_at


class World:
    def __init__(self, *, takes_s: float = 0.0) -> None:
        self.clock, self.ledger, self.gate = ManualClock(), MemoryLedger(), MemoryGate()
        self.token = Slow(self.clock, takes_s) if takes_s else MemoryToken(self.clock)

    async def begun(self, name: str = "sync") -> Lease:
        await self.gate.change(None, Gate(Writer.REPLICATOR, 7))
        tokens = Tokens([self.token], self.clock, LASTS_S)
        lease = Lease(self.ledger, self.gate, self.clock, name=name, owner="one", duration_s=6.0, tokens=tokens)
        await lease.acquire()
        return lease


async def test_the_session_says_the_epoch_and_the_holder() -> None:
    world = World()
    await world.begun("worker/3")
    assert world.token.sessions == ["epoch-7.worker-3"]


async def test_a_token_is_renewed_while_the_lease_is_kept() -> None:
    world = World()
    lease = await world.begun()
    keeping = asyncio.ensure_future(lease.keep())
    await world.clock.sleep(10 * LASTS_S)
    lease.check()
    assert not world.token.refuses()
    keeping.cancel()


async def test_a_holder_stops_before_the_store_refuses_him() -> None:
    world = World()
    lease = await world.begun()
    keeping = asyncio.ensure_future(lease.keep())
    world.token.why_not = "may not be assumed"
    while not world.token.refuses():
        last = world.clock.now()
        await world.clock.sleep(0.25)
        try:
            lease.check()
        except StaleEpoch as error:
            assert "may not be assumed" in str(error)
            break
    assert last + MARGIN_S - 0.5 <= world.token.over_at
    assert not keeping.done()
    keeping.cancel()


async def test_a_lease_without_a_token_is_not_taken() -> None:
    world = World()
    world.token.why_not = "may not be assumed"
    with pytest.raises(ServiceError, match="may not be assumed"):
        await world.begun()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == ""


@pytest.mark.parametrize("takes_s", [0.0, 0.4, 3.0, 7.0])
@pytest.mark.parametrize("lives_s", [0.0, 0.1, 4.9, 5.1, 9.9, 17.3])
async def test_who_waits_out_a_dead_holder_waits_until_no_store_takes_his_writes(
    takes_s: float, lives_s: float
) -> None:
    world = World(takes_s=takes_s)
    beginning = asyncio.ensure_future(world.begun())
    await world.clock.sleep(takes_s + 0.01)
    lease = await beginning
    keeping = asyncio.ensure_future(lease.keep())
    await world.clock.sleep(lives_s)
    keeping.cancel()
    await run_out(world.ledger, world.clock, "sync")
    assert world.token.refuses()


async def test_a_holder_that_gives_back_is_not_waited_for() -> None:
    world = World()
    lease = await world.begun()
    await lease.release()
    before = world.clock.now()
    await run_out(world.ledger, world.clock, "sync")
    assert world.clock.now() == before


async def test_the_next_holder_of_a_dead_one_s_lease_waits_for_his_token_too() -> None:
    world = World()
    await world.begun()
    await Lease(world.ledger, world.gate, world.clock, name="sync", owner="two", duration_s=6.0).acquire()
    assert world.token.refuses()


async def test_who_was_refused_by_the_gate_and_died_is_not_waited_for_as_if_he_had_a_token() -> None:
    world = World()
    await world.gate.change(None, Gate(Writer.NOBODY, 7))

    async def lost(name: str, entry: Entry, expected: Entry | None) -> None:
        if not entry["owner"]:
            raise Retryable("the control table does not answer")
        await write(name, entry, expected)

    write, world.ledger.write = world.ledger.write, lost  # type: ignore[method-assign]
    tokens = Tokens([world.token], world.clock, LASTS_S)
    lease = Lease(world.ledger, world.gate, world.clock, name="sync", owner="one", duration_s=2.0, tokens=tokens)
    with pytest.raises(GateRefused):
        await lease.acquire()
    assert (await world.ledger.read("lease/sync") or {})["owner"] == "one"
    assert world.token.sessions == []
    before = world.clock.now()
    await run_out(world.ledger, world.clock, "sync")
    assert world.clock.now() - before < 3.0
