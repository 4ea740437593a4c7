import pytest

from docferry.domain.change import DocumentChange
from docferry.domain.errors import GateRefused, NeedsOperator
from docferry.domain.gate import Gate, Writer
from docferry.domain.reserved import CANARY, HEARTBEAT
from docferry.ports import Delivery
from docferry.resume import COMPLETE
from docferry.workers.changes import HandedOver, carry_batch
from tests.unit.workers.parting import LONG_S, begun, fill, worker
from tests.unit.world import World, key_of


def documents(*changes: DocumentChange) -> HandedOver:
    return HandedOver([Delivery(str(number), documents=(one,)) for number, one in enumerate(changes)])


async def carried(world: World, given: HandedOver, records: HandedOver | None = None, **how: bool) -> None:
    await carry_batch(
        worker(world), given, records or HandedOver(), from_source=how.get("from_source", True), seconds=LONG_S
    )


async def ready() -> World:
    world = await begun(5)
    await fill(world)
    return world


async def test_what_was_delivered_is_carried_and_nothing_is_left() -> None:
    world = await ready()
    world.source.write("k01", b"changed", metadata={}, tags={})
    world.source.erase("k02")
    given = documents(DocumentChange("k01", "v"), DocumentChange("k02"))
    await carried(world, given)
    assert given.left == ()
    assert await world.differing() == set()


async def test_records_are_carried_with_their_documents() -> None:
    world = await ready()
    await world.put_record("new", "1", "doc")
    world.source.write("doc", b"", metadata={}, tags={})
    records = HandedOver([Delivery("1", records=(key_of("new"),))])
    await carried(world, HandedOver(), records)
    assert records.left == ()
    assert await world.differing() == set()


async def test_an_event_of_the_passive_side_brings_the_source_s_state_back() -> None:
    world = await ready()
    world.target.write("k01", b"foreign", metadata={}, tags={})
    await carried(world, documents(DocumentChange("k01", "v")), from_source=False)
    assert await world.differing() == set()
    assert [one async for one in world.provenance.kept()]


async def test_what_cannot_be_read_is_left() -> None:
    world = await ready()
    given = HandedOver([Delivery("1", unreadable="no event"), Delivery("2", documents=(DocumentChange("k01"),))])
    await carried(world, given)
    assert [one.receipt for one in given.left] == ["1"]


async def test_in_the_moment_of_a_switch_everything_is_left() -> None:
    world = await ready()
    gate = await world.target_gate.read()
    assert gate
    await world.target_gate.change(gate, gate.turned(Writer.NOBODY))
    given = documents(DocumentChange("k01"))
    with pytest.raises(GateRefused):
        await carried(world, given)
    assert len(given.left) == 1


async def test_before_anybody_has_begun_everything_is_left() -> None:
    world = World()
    await world.target_gate.change(None, Gate(Writer.REPLICATOR, 1))
    given = documents(DocumentChange("k01"))
    with pytest.raises(NeedsOperator, match="nobody has begun"):
        await carried(world, given)
    assert len(given.left) == 1


async def test_once_complete_nothing_is_carried() -> None:
    world = await ready()
    gate = await world.target_gate.read()
    assert gate
    await world.target_gate.change(gate, gate.turned(Writer.NOBODY))
    await world.ledger.write(COMPLETE, {"at": 1.0}, None)
    with pytest.raises(NeedsOperator, match="complete"):
        await carried(world, documents(DocumentChange("k01")))


async def test_a_runner_s_heartbeat_is_relayed_and_the_runner_finds_it() -> None:
    world = await ready()
    beat = world.directions("sync", "runner").forward
    await beat.lease.acquire()
    await beat.heartbeat.beat()
    await world.clock.sleep(2.0)
    await carried(world, documents(DocumentChange(HEARTBEAT, "v1")))
    assert beat.heartbeat.lag_s is None
    await beat.heartbeat.beat()
    assert beat.heartbeat.lag_s == 2.0
    assert beat.heartbeat.reverse_lag_s is None
    await carried(world, documents(DocumentChange(CANARY, "v1")), from_source=False)
    await world.clock.sleep(0.5)
    await beat.heartbeat.beat()
    assert beat.heartbeat.reverse_proved_at > 0


async def test_a_relayed_heartbeat_s_echo_causes_nothing() -> None:
    world = await ready()
    beat = world.directions("sync", "runner").forward
    await beat.lease.acquire()
    await beat.heartbeat.beat()
    await carried(world, documents(DocumentChange(HEARTBEAT, "v1")))
    versions = len(world.target._versions[HEARTBEAT]), len(world.source._versions[HEARTBEAT])
    await carried(world, documents(DocumentChange(HEARTBEAT, "v1")))
    await carried(world, documents(DocumentChange(HEARTBEAT, "v1")), from_source=False)
    assert (len(world.target._versions[HEARTBEAT]), len(world.source._versions[HEARTBEAT])) == versions
