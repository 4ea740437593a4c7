"""The ledger in a control table: one item an entry, compared and set as a whole."""

from typing import Any

import orjson

from docferry.domain.errors import NeedsOperator
from docferry.domain.record import Item
from docferry.ports import Entry, RecordStore

_NUMBER = (int, float)
_SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "follow": {"seed": int, "began_at": _NUMBER},
    "history": {"events": list},
    "lease/": {"owner": str, "beat": int, "duration_s": _NUMBER},
    "phase": {"phase": str},
    "switches": {"switches": list},
}
"""What an entry has to have, by the beginning of its name, for anybody to go on from it."""


class DynamoLedger:
    """The `Ledger` port over a control table, whatever its key attributes are called."""

    def __init__(self, table: RecordStore) -> None:
        self._table = table

    async def read(self, name: str) -> Entry | None:
        """Return an entry, or None. Raises NeedsOperator if it is not one that docferry wrote."""
        item = await self._table.get(await self._key(name))
        return _entry(name, item) if item else None

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write on condition. Raises Conflict."""
        key = await self._key(name)
        await self._table.put(_item(key, entry), _item(key, expected) if expected is not None else None)

    async def _key(self, name: str) -> Item:
        return {one: {"S": f"ledger#{name}"} for one in (await self._table.schema()).names}


def _entry(name: str, item: Item) -> Entry:
    try:
        entry: dict[str, Any] = orjson.loads(item["body"]["S"])
        if not isinstance(entry, dict):
            raise ValueError("it is no object")
        shape = next((one for start, one in _SHAPES.items() if name.startswith(start)), {})
        wrong = [field for field, kind in shape.items() if not isinstance(entry.get(field), kind)]
        if wrong:
            raise ValueError(f"its {wrong[0]} is missing or wrong")
    except (KeyError, TypeError, ValueError) as error:
        raise NeedsOperator(
            f"the entry {name!r} in the control table cannot be read: {error}; it is left as it is",
            hint=f"look at the item 'ledger#{name}': another version may have written it; if it was edited, "
            "restore it from the table's point-in-time backup",
        ) from error
    return entry


def _item(key: Item, entry: Entry) -> Item:
    # Sorted, so that equal entries are equal strings and the condition compares what was read.
    return {**key, "body": {"S": orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()}}
