"""An in-memory gate with compare-and-set."""

from docferry.domain.errors import Conflict
from docferry.domain.gate import Gate


class MemoryGate:
    """The `GateStore` port over one variable."""

    def __init__(self) -> None:
        self._gate: Gate | None = None

    async def read(self) -> Gate | None:
        """Return the gate, or None before the first change."""
        return self._gate

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Change on condition. Raises Conflict."""
        if self._gate not in (expected, desired):
            raise Conflict("somebody else changed the gate")
        self._gate = desired
