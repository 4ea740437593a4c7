"""In-memory provenance and conflict store."""

from collections.abc import Sequence
from dataclasses import dataclass

from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Mark


@dataclass(frozen=True, slots=True)
class Kept:
    """One state that was at the target and that docferry did not put there."""

    kind: Kind
    mark: Mark
    item: Item | None


class MemoryProvenance:
    """The `Provenance` port over a set; `kept` is what an operator would be shown."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
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
        if kept not in self.kept:
            self.kept.append(kept)
