"""The pages of the journal of a switch: what was touched under each epoch, carried or compared page by page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from docferry.domain.change import Kind
from docferry.domain.journal import Touched
from docferry.migration import Migration
from docferry.ports import Entry
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.checks import dirty_from
from docferry.switch.keys import Carrier, Keys, each_page
from docferry.workflow import validate


@dataclass(frozen=True, slots=True)
class Pages:
    """What applications touched at the source, and what runners wrote to the target."""

    migration: Migration
    carrier: Carrier

    async def each_touched(self, after: int, through: int, work: Callable[[Keys], Awaitable[None]]) -> int:
        """Do the work on the keys touched under the epochs after one and up to another; return how many."""
        return await each_page(self.migration.source_journal, range(after + 1, through + 1), work)

    async def carry(self, after: int, through: int) -> tuple[int, Keys]:
        """Carry what was touched under these epochs; return how many, and what is left."""
        left: dict[str, Touched] = {}

        async def page(keys: Keys) -> None:
            left.update(await self.carrier.carry(keys))

        return await self.each_touched(after, through, page), left

    async def carry_dirty(self, through: int) -> tuple[int, bool]:
        """Carry what runners have written since the last clean validation; return how many, and if any is left."""
        left: dict[str, Touched] = {}

        async def page(keys: Keys) -> None:
            left.update(await self.carrier.carry(keys))

        epochs = range(await dirty_from(self.migration), through + 1)
        return await each_page(self.migration.target_journal, epochs, page), bool(left)

    async def differing_listings(self, after: int, through: int) -> tuple[set[str], int]:
        """Compare both listings; return what differs and is not being written to, and how many were compared."""
        found = await validate(self.migration, Scope(Level.QUICK), lambda _: None, restart=True)
        differing = {_touched(one).name async for one in found.differences()}

        async def page(keys: Keys) -> None:
            # Still being written to: the journal has it compared.
            differing.difference_update(keys)

        if differing:
            await self.each_touched(after, through, page)
        return differing, found.checkpoint.entry["documents"]


def _touched(diff: Entry) -> Touched:
    return Touched(Kind(diff["kind"]), diff["key"])
