import pytest

from docferry.aws.gate import DynamoGate
from docferry.domain.errors import Conflict, NeedsOperator
from docferry.domain.gate import Gate, Writer
from docferry.ports import GateStore, RecordStore
from docferry.simulation.gate import MemoryGate

FIRST = Gate(Writer.REPLICATOR, 1)


@pytest.fixture(params=["memory", "table"])
def gate(request: pytest.FixtureRequest, records: RecordStore) -> GateStore:
    if request.param == "memory":
        return MemoryGate()
    return DynamoGate(records)


async def test_there_is_no_gate_until_one_is_set_up(gate: GateStore) -> None:
    assert await gate.read() is None
    await gate.change(None, FIRST)
    assert await gate.read() == FIRST


async def test_only_one_of_two_controllers_that_saw_the_same_gate_wins(gate: GateStore) -> None:
    await gate.change(None, FIRST)
    await gate.change(FIRST, FIRST.turned(Writer.NOBODY, attempt="one", journal=True))
    with pytest.raises(Conflict):
        await gate.change(FIRST, FIRST.turned(Writer.NOBODY, attempt="two"))
    held = await gate.read()
    assert held == Gate(Writer.NOBODY, 2, "one", True)


async def test_a_change_whose_answer_was_lost_may_be_sent_again(gate: GateStore) -> None:
    await gate.change(None, FIRST)
    await gate.change(None, FIRST)
    assert await gate.read() == FIRST


async def test_an_epoch_grows_even_when_the_writer_stays(gate: GateStore) -> None:
    await gate.change(None, FIRST)
    await gate.change(FIRST, FIRST.turned(Writer.REPLICATOR))
    with pytest.raises(Conflict):
        await gate.change(FIRST, FIRST.turned(Writer.APPLICATION))


async def test_a_gate_item_that_somebody_edited_stops_the_engine(records: RecordStore) -> None:
    await records.put({"owner": {"S": "gate"}, "name": {"S": "gate"}, "writer": {"S": "everybody"}}, None)
    with pytest.raises(NeedsOperator, match="nothing was changed"):
        await DynamoGate(records).read()
