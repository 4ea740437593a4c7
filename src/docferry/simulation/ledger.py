"""An in-memory ledger with compare-and-set."""

import orjson

from docferry.domain.errors import Conflict
from docferry.ports import Entry


class MemoryLedger:
    """The `Ledger` port over a dictionary."""

    def __init__(self) -> None:
        self._entries: dict[str, bytes] = {}

    async def read(self, name: str) -> Entry | None:
        """Return an entry, or None."""
        held = self._entries.get(name)
        entry: Entry | None = orjson.loads(held) if held else None
        return entry

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write on condition. Raises Conflict."""
        wanted = _stored(entry)
        if self._entries.get(name) not in (wanted, expected if expected is None else _stored(expected)):
            raise Conflict(f"somebody else wrote the ledger entry {name!r}")
        self._entries[name] = wanted


def _stored(entry: Entry) -> bytes:
    # As bytes, so that what a caller changes later does not change what is stored.
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
