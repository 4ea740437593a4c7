"""In which phase a migration is."""

from docferry.domain.gate import Gate, Writer
from docferry.domain.switch import State, Switch
from docferry.phase import COMPLETED, CUTOVER, PLANNING, SYNC
from docferry.ports import Ledger
from docferry.resume import completed


async def phase(ledger: Ledger, target: Gate | None, last: Switch | None) -> str:
    """Return the phase: planning, sync, cutover, completed; or the switch that is under way."""
    if await completed(ledger):
        return COMPLETED
    if last and last.state is State.RUNNING:
        return f"{last.turn.value} under way: {last.step.value}"
    if target is None:
        return PLANNING
    return CUTOVER if target.writer is Writer.APPLICATION else SYNC
