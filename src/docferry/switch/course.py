"""Where a switch under way stands, saved before each step that depends on it."""

from dataclasses import dataclass

from docferry.domain.switch import Step, Switch
from docferry.migration import Migration
from docferry.switch.memory import save_switch


@dataclass(slots=True)
class Course:
    """The switch as the ledger has it, and what has been found out since."""

    migration: Migration
    switch: Switch

    def note(self, **changes: object) -> None:
        """Hold on to what was found; the next save has it in the ledger."""
        self.switch = self.switch.now(**changes)

    async def save(self, step: Step, **changes: object) -> None:
        """Save that a step is under way. Raises StaleEpoch without the lease on switches."""
        await self.keep(self.switch.now(step=step, **changes))

    async def keep(self, switch: Switch) -> None:
        """Save a switch as it stands now. Raises as `save` does."""
        self.switch = switch
        self.migration.lease.check()
        await save_switch(self.migration.ledger, self.switch)
