"""In-memory provenance and conflict store."""

from collections.abc import AsyncIterator, Sequence

from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Kept, Mark


class MemoryProvenance:
    """The `Provenance` port over a set; `conflicts` is what was kept."""

    def __init__(self) -> None:
        self.conflicts: list[Kept] = []
        self._marks: set[tuple[Kind, Mark]] = set()

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Return ours."""
        return frozenset(mark for mark in marks if (kind, mark) in self._marks)

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note marks."""
        self._marks.update((kind, mark) for mark in marks)

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep once, however often it is said."""
        kept = Kept(kind, mark, item)
        if kept not in self.conflicts:
            self.conflicts.append(kept)

    async def kept(self) -> AsyncIterator[Kept]:
        """Give what was kept."""
        for one in self.conflicts:
            yield one
