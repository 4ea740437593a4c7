"""The phase that the ledger says, for whoever cannot look at the gates: Terraform checks its own against it."""

from contextlib import suppress

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import StaleEpoch
from docferry.ports import Ledger

ENTRY = "phase"
PLANNING, SYNC, CUTOVER, COMPLETED = "planning", "sync", "cutover", "completed"


async def note_phase(ledger: Ledger, phase: str) -> None:
    """Note the phase. Who notes another at the same time has seen a later one."""
    held = await Checkpoint.load(ledger, ENTRY)
    with suppress(StaleEpoch):
        await held.save({"phase": phase})


async def note_begun(ledger: Ledger) -> None:
    """Note that documents are carried, where nothing was noted but the planning."""
    held = await ledger.read(ENTRY)
    if not held or held["phase"] == PLANNING:
        await note_phase(ledger, SYNC)
