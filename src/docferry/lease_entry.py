"""A lease as others see it: its entry in the ledger, which its holder moves while he lives."""

from docferry.ports import Clock, Entry, Ledger

POLL_S = 0.05
DRIFT = 1.05
"""The holder's clock may be slower than that of who waits."""


def entry_of(name: str) -> str:
    """Return the name of a lease's entry in the ledger."""
    return f"lease/{name}"


def silence_s(held: Entry) -> float:
    """Return for how many seconds a lease has to be silent until its holder can write no more."""
    return max(float(held["duration_s"]), float(held.get("token_s", 0.0)))


def died(held: Entry) -> int:
    """Return how many holders of a lease have died, by its entry, if who has it now does not live either.

    Dead is who did not give it back: what he had under way may have landed at any time until his silence was over.
    """
    return int(held.get("deaths", 0)) + bool(held["owner"])


async def run_out(ledger: Ledger, clock: Clock, name: str) -> None:
    """Wait until nobody holds a lease any more: it was given back, or did not move for as long as it lasts.

    Raises what the ledger raises. Has no limit of its own: a holder that lives keeps it.
    """
    held, since = await ledger.read(entry_of(name)), clock.monotonic()
    while held and held["owner"]:
        if clock.monotonic() - since >= silence_s(held) * DRIFT:
            return
        await clock.sleep(POLL_S)
        now = await ledger.read(entry_of(name))
        if now != held:
            held, since = now, clock.monotonic()
