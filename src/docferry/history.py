"""What has happened to a migration, in the ledger, newest last."""

from docferry.domain.errors import Conflict
from docferry.ports import Clock, Entry, Ledger

ENTRY = "history"
KEPT = 100


async def note(ledger: Ledger, clock: Clock, what: str) -> None:
    """Add one line. Several may write at once: the loser of a race reads again."""
    while True:
        held = await ledger.read(ENTRY)
        events = [*(held or {}).get("events", []), {"at": clock.now(), "what": what}]
        try:
            await ledger.write(ENTRY, {"events": events[-KEPT:]}, held)
        except Conflict:
            continue
        return


async def events(ledger: Ledger) -> list[Entry]:
    """Return the lines, each with `at` (seconds since 1970) and `what`."""
    found: list[Entry] = (await ledger.read(ENTRY) or {}).get("events", [])
    return found
