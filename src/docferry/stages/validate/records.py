"""Compares records, whole: what the source has with the target, then what only the target has."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docferry.domain.change import Kind
from docferry.domain.diff import Diff, differing_attributes
from docferry.domain.record import Item, by_key, digest, same
from docferry.ports import Clock, RecordStore
from docferry.stages.validate.documents import ABSENT, Compared
from docferry.stages.validate.settled import Look, Settling


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """Compares pages of records; `wanted` says which records count."""

    source: RecordStore
    target: RecordStore
    wanted: Callable[[Item], bool]
    clock: Clock
    settle_s: float
    slots: asyncio.Semaphore

    async def of_source(self, items: Sequence[Item]) -> Compared:
        """Compare items that the source has with what the target has under their keys."""
        schema = await self.source.schema()
        ours = by_key(schema, [item for item in items if self.wanted(item)])
        theirs = by_key(schema, await self.target.get_many([schema.key_of(item) for item in ours.values()]))
        suspicious = {
            name: _states(item, theirs.get(name))
            for name, item in ours.items()
            if not same(item, theirs.get(name))
        }
        return await self._settled(len(ours), ours, suspicious)

    async def of_target(self, items: Sequence[Item]) -> Compared:
        """Find those of the target's items that the source has not."""
        schema = await self.source.schema()
        ours = by_key(schema, [item for item in items if self.wanted(item)])
        theirs = by_key(schema, await self.source.get_many([schema.key_of(item) for item in ours.values()]))
        alone = {name: _states(None, item) for name, item in ours.items() if name not in theirs}
        return await self._settled(len(alone), ours, alone)

    async def _settled(self, keys: int, items: dict[str, Item], suspicious: dict[str, str]) -> Compared:
        schema = await self.source.schema()

        async def look(name: str) -> Look:
            return await self.look(schema.key_of(items[name]))

        settling = Settling(look, self.clock, self.settle_s, self.slots)
        return Compared(keys, diffs=list((await settling.settled(suspicious)).diffs))

    async def look(self, key: Item) -> Look:
        """Look at both sides of one key."""
        target, source = await self.target.get(key), await self.source.get(key)
        state = _states(source, target)
        if same(source, target):
            return Look(None, state)
        fields = differing_attributes(source, target) if source and target else ()
        return Look(Diff(Kind.RECORD, key, fields, source, target), state)


def _states(source: Item | None, target: Item | None) -> str:
    return " | ".join(digest(one) if one else ABSENT for one in (source, target))
