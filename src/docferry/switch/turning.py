"""Turns the two gates of a switch, each by one conditional write on the state that was read last."""

from dataclasses import dataclass, field

from docferry.domain.errors import Conflict, GateRefused, NeedsOperator, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.migration import Migration
from docferry.ports import GateStore


@dataclass(slots=True)
class Turning:
    """Both gates as they were read or turned last. Invariant: at most one of them says application.

    `attempt` names the switch. Every turn needs the lease on switches, and fails if somebody else has turned the
    gate since.
    """

    migration: Migration
    attempt: str
    source: Gate = field(init=False)
    target: Gate = field(init=False)

    async def read(self) -> None:
        """Read both gates. Raises NeedsOperator if one is missing."""
        source, target = await self.migration.source_gate.read(), await self.migration.target_gate.read()
        if source is None or target is None:
            raise NeedsOperator("a gate is missing; nothing was changed", hint="docferry sync sets gates up")
        self.source, self.target = source, target

    async def confirm(self) -> None:
        """Read the source's gate again. Raises StaleEpoch if somebody else turned it."""
        if await self.migration.source_gate.read() != self.source:
            raise _turned()

    async def turn_source(self, writer: Writer, *, journal: bool) -> None:
        """Turn the source's gate. Raises StaleEpoch if somebody else turned it."""
        if writer is Writer.APPLICATION and self.target.writer is Writer.APPLICATION:
            raise GateRefused("the other gate says application; this one stays closed")
        self.source = await self._turn(self.migration.source_gate, self.source, writer, journal)

    async def turn_target(self, writer: Writer, *, journal: bool) -> None:
        """Turn the target's gate. Raises as `turn_source` does."""
        if writer is Writer.APPLICATION and self.source.writer is Writer.APPLICATION:
            raise GateRefused("the other gate says application; this one stays closed")
        self.target = await self._turn(self.migration.target_gate, self.target, writer, journal)

    async def _turn(self, store: GateStore, held: Gate, writer: Writer, journal: bool) -> Gate:
        self.migration.lease.check()
        desired = held.turned(writer, attempt=self.attempt, journal=journal)
        try:
            await store.change(held, desired)
        except Conflict as error:
            raise _turned() from error
        return desired


def _turned() -> StaleEpoch:
    return StaleEpoch(
        "somebody else has turned a gate, so this process stopped; nothing is lost",
        hint="docferry status shows both gates and what is under way",
    )
