"""An in-memory gate with compare-and-set."""

from collections.abc import Callable

from docferry.domain.errors import Conflict
from docferry.domain.gate import Gate


class MemoryGate:
    """The `GateStore` port over one variable. `turned` is told of every change, before and after."""

    def __init__(self, turned: Callable[[Gate | None, Gate], None] | None = None) -> None:
        self._gate: Gate | None = None
        self._turned = turned

    @property
    def now(self) -> Gate | None:
        """The gate as it is, for who looks on from outside."""
        return self._gate

    async def read(self) -> Gate | None:
        """Return the gate, or None before the first change."""
        return self._gate

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Change on condition. Raises Conflict."""
        if self._gate not in (expected, desired):
            raise Conflict("somebody else changed the gate")
        before, self._gate = self._gate, desired
        if self._turned and before != desired:
            self._turned(before, desired)
