"""One walk over two listings in key order, for everything that compares: memory holds two pages."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from docferry.domain.document import Listed
from docferry.ports import DocumentStore, ListingPage

Pair = tuple[Listed | None, Listed | None]
"""The source's row and the target's row of one key; one of them may be missing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """All pairs whose keys come after `after` and not after `through`, which is empty where nothing bounds them.

    `last` says that this is the end of what was to be walked.
    """

    after: str
    through: str
    pairs: tuple[Pair, ...]
    last: bool


@dataclass(slots=True)
class _Side:
    store: DocumentStore
    bound: str
    rows: tuple[Listed, ...] = ()
    more: bool = True
    listed_to: str = ""

    async def fill(self, prefix: str) -> None:
        if not self.rows and self.more:
            page: ListingPage = await self.store.page(self.listed_to, prefix)
            self.rows, self.more = page.rows, page.more
            self.listed_to = page.rows[-1].key if page.rows else self.listed_to
            if self.bound and self.listed_to >= self.bound:
                self.rows, self.more = tuple(row for row in page.rows if row.key <= self.bound), False

    def take(self, through: str | None) -> tuple[Listed, ...]:
        if through is None or (self.rows and self.rows[-1].key <= through):
            taken, self.rows = self.rows, ()
            return taken
        cut = next((n for n, row in enumerate(self.rows) if row.key > through), len(self.rows))
        taken, self.rows = self.rows[:cut], self.rows[cut:]
        return taken


async def march(
    source: DocumentStore, target: DocumentStore, *, after: str = "", prefix: str = "", bound: str = ""
) -> AsyncIterator[Stretch]:
    """Walk both listings from after a key up to `bound`, or to the end, stretch by stretch."""
    sides = (_Side(source, bound, listed_to=after), _Side(target, bound, listed_to=after))
    while True:
        await asyncio.gather(*(side.fill(prefix) for side in sides))
        bounds = [side.rows[-1].key for side in sides if side.more]
        through = min(bounds) if bounds else None
        pairs = tuple(_merged(sides[0].take(through), sides[1].take(through)))
        yield Stretch(after, bound if through is None else through, pairs, last=through is None)
        if through is None:
            return
        after = through


def _merged(source: tuple[Listed, ...], target: tuple[Listed, ...]) -> Iterator[Pair]:
    at_target = {row.key: row for row in target}
    keyed: list[tuple[str, Pair]] = [(row.key, (row, at_target.pop(row.key, None))) for row in source]
    if at_target:
        keyed += [(row.key, (None, row)) for row in at_target.values()]
        keyed.sort(key=lambda one: one[0])
    return (pair for _, pair in keyed)
