"""What waits for an operator's approval, in the ledger."""

from dataclasses import dataclass

from docferry.checkpoint import Checkpoint
from docferry.ports import Clock, Ledger

ENTRY = "approval"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be approved, the `token` that answers it, and since when it waits, in seconds since 1970."""

    about: str
    token: str
    at: float


async def ask(ledger: Ledger, clock: Clock, about: str, token: str) -> None:
    """Note what is asked for. A later question takes the place of an earlier one."""
    held = await Checkpoint.load(ledger, ENTRY)
    await held.save({"about": about, "token": token, "at": clock.now()})


async def asked(ledger: Ledger) -> Asked | None:
    """Return what waits, None if nothing does."""
    held = await ledger.read(ENTRY)
    return Asked(held["about"], held["token"], held["at"]) if held else None


async def answered(ledger: Ledger) -> None:
    """Forget what was asked for."""
    await (await Checkpoint.load(ledger, ENTRY)).save({})
