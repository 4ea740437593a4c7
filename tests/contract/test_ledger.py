import pytest

from docferry.aws.ledger import DynamoLedger
from docferry.domain.errors import Conflict
from docferry.ports import Ledger, RecordStore
from docferry.simulation.ledger import MemoryLedger


@pytest.fixture(params=["memory", "table"])
def ledger(request: pytest.FixtureRequest, records: RecordStore) -> Ledger:
    return MemoryLedger() if request.param == "memory" else DynamoLedger(records)


async def test_an_entry_comes_back_as_it_was_written(ledger: Ledger) -> None:
    entry = {"after": "é\x00\"'", "done": False, "count": 3, "at": 1.5, "nested": {"list": [1, None]}}
    assert await ledger.read("a") is None
    await ledger.write("a", entry, None)
    assert await ledger.read("a") == entry
    assert await ledger.read("b") is None


async def test_an_entry_that_somebody_else_wrote_is_not_overwritten(ledger: Ledger) -> None:
    await ledger.write("a", {"n": 1}, None)
    await ledger.write("a", {"n": 2}, {"n": 1})
    with pytest.raises(Conflict):
        await ledger.write("a", {"n": 3}, {"n": 1})
    with pytest.raises(Conflict):
        await ledger.write("a", {"n": 3}, None)
    assert await ledger.read("a") == {"n": 2}
