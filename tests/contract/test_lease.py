import pytest

from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.ledger import DynamoLedger
from docferry.domain.errors import GateRefused, Refused
from docferry.domain.gate import Gate, Writer
from docferry.lease import Lease
from docferry.lease_entry import run_out
from docferry.ports import GateStore, Ledger
from docferry.simulation.gate import MemoryGate
from docferry.simulation.ledger import MemoryLedger
from tests.contract.conftest import dynamo_table
from tests.unit.fakes import ManualClock

REPLICATOR = Gate(Writer.REPLICATOR, 1)
Control = tuple[Ledger, GateStore]


@pytest.fixture(params=["memory", "embedded"])
async def control(request: pytest.FixtureRequest, client: AwsClient) -> Control:
    if request.param == "memory":
        made: Control = MemoryLedger(), MemoryGate()
    else:
        table = await dynamo_table(client)
        made = DynamoLedger(table), DynamoGate(table)
    await made[1].change(None, REPLICATOR)
    return made


def lease(control: Control, owner: str, clock: ManualClock, *, gate: bool = True) -> Lease:
    ledger, store = control
    return Lease(ledger, store if gate else None, clock, name="sync", owner=owner, duration_s=2.0)


async def test_one_holds_it_and_the_other_is_told_who_does(control: Control) -> None:
    first = lease(control, "first", ManualClock())
    await first.acquire()

    class Renewing(ManualClock):
        async def sleep(self, seconds: float) -> None:
            self.time += seconds
            await first._renew()

    with pytest.raises(Refused, match="first"):
        await lease(control, "second", Renewing()).acquire()


async def test_a_lease_given_back_is_waited_for_no_longer_and_a_silent_one_until_its_end(control: Control) -> None:
    ledger, _ = control
    held, clock = lease(control, "held", ManualClock()), ManualClock()
    await run_out(ledger, clock, "sync")
    assert clock.time == 1000.0
    await held.acquire()
    await run_out(ledger, clock, "sync")
    assert clock.time >= 1002.0
    await held.release()
    at = clock.time
    await run_out(ledger, clock, "sync")
    assert clock.time == at


async def test_a_closed_gate_ends_the_lease_and_a_lease_without_a_gate_goes_on(control: Control) -> None:
    _, gate = control
    held = lease(control, "held", ManualClock())
    await held.acquire()
    await gate.change(REPLICATOR, REPLICATOR.turned(Writer.NOBODY))
    with pytest.raises(GateRefused, match="nobody"):
        await held._renew()
    await held.release()
    other = lease(control, "other", ManualClock(), gate=False)
    await other.acquire()
    await other._renew()
    other.check()
