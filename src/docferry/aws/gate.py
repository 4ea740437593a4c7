"""A region's gate, one item of its control table."""

from docferry.domain.errors import NeedsOperator
from docferry.domain.gate import Gate, Writer
from docferry.domain.record import Item
from docferry.ports import RecordStore

GATE_ID = "gate"


class DynamoGate:
    """The `GateStore` port over a control table, whatever its key attributes are called."""

    def __init__(self, table: RecordStore) -> None:
        self._table = table

    async def read(self) -> Gate | None:
        """Return the gate, or None. Raises NeedsOperator if the item is not one docferry wrote."""
        item = await self._table.get(await self._key())
        return None if item is None else _gate(item)

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Change on condition. Raises Conflict."""
        key = await self._key()
        before = None if expected is None else _item(key, expected)
        await self._table.put(_item(key, desired), before)

    async def _key(self) -> Item:
        return {name: {"S": GATE_ID} for name in (await self._table.schema()).names}


def _item(key: Item, gate: Gate) -> Item:
    return {
        **key,
        "writer": {"S": gate.writer.value},
        "epoch": {"N": str(gate.epoch)},
        "attempt": {"S": gate.attempt},
        "journal": {"BOOL": gate.journal},
    }


def _gate(item: Item) -> Gate:
    try:
        return Gate(
            writer=Writer(item["writer"]["S"]),
            epoch=int(item["epoch"]["N"]),
            attempt=item["attempt"]["S"],
            journal=item["journal"]["BOOL"],
        )
    except (KeyError, ValueError) as error:
        raise NeedsOperator(
            f"the gate item in the control table cannot be read: {error}; nothing was changed",
            hint="look at the item, and restore it from the table's point-in-time backup if it was edited",
        ) from error
