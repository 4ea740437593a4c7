"""What the ledger keeps of switches: the last one, which whoever comes next goes on with, and those that ended."""

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import StaleEpoch
from docferry.domain.switch import State, Switch, from_entry
from docferry.ports import Entry, Ledger

LAST, ENDED = "switch", "switches"
KEPT = 50


async def last_switch(ledger: Ledger) -> Switch | None:
    """Return the switch that is under way, or the last one; None if there was none."""
    entry = await ledger.read(LAST)
    return from_entry(entry) if entry else None


async def save_switch(ledger: Ledger, switch: Switch) -> None:
    """Save where a switch stands; one that has ended is listed too. For who holds the lease on switches only.

    Raises StaleEpoch if another switch is under way by now.
    """
    last = await last_switch(ledger)
    if last and last.state is State.RUNNING and last.attempt != switch.attempt:
        raise StaleEpoch(f"another {last.turn.value} is under way by now; this one changed nothing more")
    if switch.state is not State.RUNNING:
        ended = await Checkpoint.load(ledger, ENDED)
        others = [one for one in ended.entry.get("switches", []) if one["number"] != switch.number]
        await ended.save({"switches": [*others, switch.as_entry()][-KEPT:]})
    await (await Checkpoint.load(ledger, LAST)).save(switch.as_entry())


async def ended_switches(ledger: Ledger) -> tuple[Switch, ...]:
    """Return the switches that have ended, the oldest first."""
    held: list[Entry] = (await ledger.read(ENDED) or {}).get("switches", [])
    return tuple(map(from_entry, held))
