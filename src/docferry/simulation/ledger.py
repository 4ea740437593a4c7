"""An in-memory ledger with compare-and-set."""

from docferry.domain.errors import Conflict
from docferry.ports import Entry


class MemoryLedger:
    """The `Ledger` port over a dictionary."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    async def read(self, name: str) -> Entry | None:
        """Return an entry, or None."""
        return self._entries.get(name)

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write on condition. Raises Conflict."""
        if self._entries.get(name) not in (expected, entry):
            raise Conflict(f"somebody else wrote the ledger entry {name!r}")
        self._entries[name] = entry
