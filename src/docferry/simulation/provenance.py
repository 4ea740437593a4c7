"""In-memory provenance and conflict store."""

from dataclasses import dataclass

from docferry.domain.change import Kind
from docferry.domain.record import Item

MARKS_KEPT = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """One state that was at the target and that docferry did not put there."""

    kind: Kind
    key: str
    mark: str
    item: Item | None


class MemoryProvenance:
    """The `Provenance` port over a dictionary; `kept` is what an operator would be shown."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self._marks: dict[tuple[Kind, str], tuple[str, ...]] = {}

    async def wrote(self, kind: Kind, key: str, mark: str) -> bool:
        """Tell whether the mark is ours."""
        return mark in self._marks.get((kind, key), ())

    async def note(self, kind: Kind, key: str, mark: str) -> None:
        """Note a mark, forgetting the oldest."""
        self._marks[kind, key] = (*self._marks.get((kind, key), ()), mark)[-MARKS_KEPT:]

    async def keep(self, kind: Kind, key: str, mark: str, item: Item | None) -> None:
        """Keep once, however often it is said."""
        kept = Kept(kind, key, mark, item)
        if kept not in self.kept:
            self.kept.append(kept)
