from collections.abc import Sequence

import pytest

from docferry.client.route import LEASE_S, Held, Leave
from docferry.domain.change import Kind
from docferry.domain.errors import GateRefused, Retryable
from docferry.domain.gate import Writer
from docferry.domain.journal import Touched
from docferry.domain.record import Item
from docferry.simulation.journal import MemoryJournal
from tests.unit.client.regions import HaltingClock, Regions

KEY: Item = {"id": {"S": "7"}}


class Slow(MemoryJournal):
    """A journal that takes its time, and fails as often as told."""

    def __init__(self, clock: HaltingClock, *, takes_s: float = 0.0, fails: int = 0) -> None:
        super().__init__()
        self._clock, self.takes_s, self.fails = clock, takes_s, fails
        self.notes = 0

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        self.notes += 1
        self._clock.time += self.takes_s
        if self.fails:
            self.fails -= 1
            raise Retryable("the journal table does not answer")
        await super().note(epoch, touched)


def armed() -> Regions:
    regions = Regions()
    regions.source.turn(Writer.APPLICATION, journal=True)
    return regions


async def names(journal: MemoryJournal, epoch: int) -> set[str]:
    return {one.name async for one in journal.touched(epoch)}


async def test_keys_are_noted_before_they_are_sent_while_the_journal_is_on() -> None:
    regions = armed()

    async def send(leave: Leave) -> set[str]:
        leave.check()
        return await names(regions.source_journal, leave.epoch)

    noted = await regions.route().write(send, documents=["a//b"], records=[KEY])
    assert noted == {"document a//b", Touched(Kind.RECORD, KEY).name}


async def test_nothing_is_noted_while_the_journal_is_off_or_where_no_keys_are_named() -> None:
    regions = Regions()
    regions.source_journal = Slow(regions.clock)
    route = regions.route()

    async def send(leave: Leave) -> None:
        leave.check()

    await route.write(send, documents=["k"])
    regions.source.turn(Writer.APPLICATION, journal=True)
    regions.clock.time += LEASE_S
    await route.write(send)
    assert regions.source_journal.notes == 0


async def test_a_redo_is_noted_under_its_own_epoch_and_in_its_own_region() -> None:
    regions = armed()
    done: list[tuple[str, int]] = []

    async def send(leave: Leave) -> None:
        done.append((leave.region, leave.epoch))
        if len(done) == 1:
            regions.source.turn(Writer.APPLICATION, journal=True)
            regions.clock.time += LEASE_S
        elif len(done) == 2:
            regions.switch(journal=True)
            regions.clock.time += LEASE_S

    await regions.route().write(send, documents=["k"])
    assert done == [("source", 2), ("source", 3), ("target", 3)]
    assert await names(regions.source_journal, 2) == await names(regions.source_journal, 3) == {"document k"}
    assert await names(regions.target_journal, 3) == {"document k"}


async def test_nothing_is_sent_under_a_leave_that_ended_while_its_key_was_noted() -> None:
    regions = armed()
    journal = regions.source_journal = Slow(regions.clock, takes_s=LEASE_S)
    sent: list[float] = []

    async def send(leave: Leave) -> None:
        leave.check()
        sent.append(leave.until)

    # The key is noted once for the epoch, so that a journal slower than the lease does not hold it for ever.
    await regions.route().write(send, documents=["k"])
    assert journal.notes == len(sent) == 1


async def test_a_fence_that_comes_while_a_key_is_noted_lets_nothing_through() -> None:
    regions = armed()
    regions.source_journal = Slow(regions.clock, takes_s=LEASE_S)
    route = regions.route()
    assert await route.current()
    regions.switch()
    sent: list[str] = []

    async def send(leave: Leave) -> None:
        sent.append(leave.region)

    await route.write(send, documents=["k"])
    assert sent == ["target"]


@pytest.mark.parametrize(("fails", "held"), [(3, False), (10_000, True)])
async def test_a_journal_that_does_not_answer_holds_writes_but_does_not_fail_them(fails: int, held: bool) -> None:
    regions = armed()
    regions.source_journal = Slow(regions.clock, fails=fails)

    async def send(leave: Leave) -> bool:
        return True

    if held:
        with pytest.raises(Held) as raised:
            await regions.route().write(send, documents=["k"])
        assert isinstance(raised.value.__cause__, Retryable)
    else:
        assert await regions.route().write(send, documents=["k"])


async def test_a_refusal_under_a_leave_that_holds_is_no_reason_to_go_on_for_ever() -> None:
    async def refused(leave: Leave) -> None:
        raise GateRefused("somebody else's gate")

    with pytest.raises(GateRefused, match="somebody"):
        await Regions().route().write(refused)
