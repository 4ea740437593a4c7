import asyncio

from docferry.client.presence import PRESENCE_S
from docferry.client.route import LEASE_S, Leave, Route
from docferry.domain.errors import Retryable
from docferry.domain.gate import Writer
from docferry.domain.journal import Presence
from docferry.simulation.journal import MemoryJournal
from tests.unit.client.regions import Regions


class Counting(MemoryJournal):
    """A journal that counts presences, and fails or hangs as told."""

    def __init__(self) -> None:
        super().__init__()
        self.said = 0
        self.fails = 0
        self.hangs = False

    async def present(self, presence: Presence) -> None:
        self.said += 1
        if self.hangs:
            await asyncio.sleep(60)
        if self.fails:
            self.fails -= 1
            raise Retryable("the journal table does not answer")
        await super().present(presence)


async def send(leave: Leave) -> None:
    leave.check()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def counting() -> tuple[Regions, Counting, Route]:
    regions, journal = Regions(), Counting()
    regions.source_journal = journal
    return regions, journal, regions.route(client="app", lease_s=1.0, deadline_s=30.0)


async def test_a_client_says_where_it_writes_and_how_long_it_may_take() -> None:
    regions, journal, route = counting()
    await route.write(send)
    await route.close()
    assert await journal.clients() == (Presence("app", "source", 1, False, 1.0, 30.0, regions.clock.now()),)


async def test_a_client_says_so_at_once_under_a_new_epoch_or_region_and_else_now_and_then() -> None:
    regions, journal, route = counting()
    for _ in range(9):
        await route.write(send)
        await settled()
        regions.clock.time += LEASE_S
    assert journal.said == 1
    regions.clock.time += PRESENCE_S
    await route.write(send)
    await settled()
    assert journal.said == 2
    regions.source.turn(Writer.APPLICATION, journal=True)
    regions.clock.time += LEASE_S
    await route.write(send)
    await settled()
    assert [(one.epoch, one.journal) for one in await journal.clients()] == [(2, True)]
    regions.switch()
    regions.clock.time += LEASE_S
    await route.write(send)
    await settled()
    assert [one.region for one in await regions.target_journal.clients()] == ["target"]


async def test_no_write_waits_for_a_presence_and_closing_does_not_wait_for_long() -> None:
    _, journal, route = counting()
    journal.hangs = True
    await asyncio.wait_for(route.write(send), 1.0)
    await asyncio.wait_for(route.close(), 5.0)
    assert journal.said == 1


async def test_a_presence_that_failed_is_said_again_with_the_next_leave() -> None:
    regions, journal, route = counting()
    journal.fails = 2
    for _ in range(4):
        await route.write(send)
        await settled()
        regions.clock.time += LEASE_S
    assert journal.said == 3
    assert len(await journal.clients()) == 1


async def test_clients_that_are_not_named_have_names_of_their_own() -> None:
    regions = Regions()
    assert regions.route().client != regions.route().client


async def test_a_client_that_only_reads_takes_no_leave_and_says_nothing() -> None:
    _, journal, route = counting()

    async def read(leave: Leave) -> str:
        return leave.region

    await route.read(read)
    await route.close()
    assert journal.said == 0
