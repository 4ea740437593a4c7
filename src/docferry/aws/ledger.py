"""The ledger in a control table: one item an entry, compared and set as a whole."""

import orjson

from docferry.domain.record import Item
from docferry.ports import Entry, RecordStore


class DynamoLedger:
    """The `Ledger` port over a control table, whatever its key attributes are called."""

    def __init__(self, table: RecordStore) -> None:
        self._table = table

    async def read(self, name: str) -> Entry | None:
        """Return an entry, or None."""
        item = await self._table.get(await self._key(name))
        entry: Entry | None = orjson.loads(item["body"]["S"]) if item else None
        return entry

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write on condition. Raises Conflict."""
        key = await self._key(name)
        await self._table.put(_item(key, entry), _item(key, expected) if expected is not None else None)

    async def _key(self, name: str) -> Item:
        return {one: {"S": f"ledger#{name}"} for one in (await self._table.schema()).names}


def _item(key: Item, entry: Entry) -> Item:
    # Sorted, so that equal entries are equal strings and the condition compares what was read.
    return {**key, "body": {"S": orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()}}
