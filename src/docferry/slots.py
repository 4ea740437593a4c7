"""Slots of workers: leases by number, so that whoever closes a gate knows all whose end to wait for.

A worker writes beside the runner, under a lease of its own: `worker/0`, `worker/1` and so on. How many there are
is in the ledger before the first of them is taken, and only grows. A worker takes its lease first and reads the
gate then; who closes the gate first and reads the number then misses none that got past the gate.
"""

import asyncio
import random
from contextlib import suppress

from docferry.domain.errors import Conflict, LeaseTaken
from docferry.lease import Lease
from docferry.lease_entry import DRIFT, died, entry_of, run_out, silence_s
from docferry.ports import Clock, Entry, Ledger

ENTRY = "workers"
GROWTH = 8
LIMIT = 1024
TRIES = 3
"""So many of those that did not move are watched, before a worker gives up for this time."""
REST_S = 0.05


async def slots(ledger: Ledger) -> tuple[str, ...]:
    """Return the names of all slots there ever were."""
    count = (await ledger.read(ENTRY) or {}).get("slots", 0)
    return tuple(f"worker/{number}" for number in range(count))


async def take_slot(ledger: Ledger, lease: Lease, clock: Clock) -> None:
    """Take the lease on a free slot; one whose holder has died is free once nothing else is.

    Raises LeaseTaken if all are held by the living, and what else `Lease.acquire` raises.
    """
    tries = 0
    while tries < TRIES:
        names = await slots(ledger)
        held = await asyncio.gather(*(ledger.read(entry_of(name)) for name in names))
        free = [name for name, entry in zip(names, held, strict=True) if not entry or not entry["owner"]]
        if not free and len(names) < LIMIT:
            await _grow(ledger, len(names))
            continue
        lease.name = random.choice(free or names)
        try:
            await lease.acquire(patient=not free)
        except LeaseTaken:
            # Many that begin at once want the same few.
            tries += not free
            await clock.sleep(random.uniform(0, REST_S))
            continue
        return
    raise LeaseTaken("all slots of workers are taken; nothing was written", hint="it is tried again by itself")


async def _grow(ledger: Ledger, known: int) -> None:
    held: Entry | None = {"slots": known} if known else None
    with suppress(Conflict):
        await ledger.write(ENTRY, {"slots": min(LIMIT, max(GROWTH, 2 * known))}, held)


async def dismiss_dead(ledger: Ledger, clock: Clock, *others: str) -> int:
    """Give back the leases of workers, and those of these names, whose holders have died; return how many.

    Waits for as long as such a lease lasts. One that died later only costs that wait when the gate is closed.
    """
    names = (*await slots(ledger), *others)
    return sum(await asyncio.gather(*(_dismiss(ledger, clock, name) for name in names)))


async def _dismiss(ledger: Ledger, clock: Clock, name: str) -> bool:
    held = await ledger.read(entry_of(name))
    if not held or not held["owner"]:
        return False
    await clock.sleep(silence_s(held) * DRIFT)
    try:
        # Who lives has moved it meanwhile; who wakes up later finds that it is not his any more.
        await ledger.write(entry_of(name), {**held, "owner": "", "deaths": died(held)}, held)
    except Conflict:
        return False
    return True


async def workers_run_out(ledger: Ledger, clock: Clock) -> None:
    """Wait until no worker holds a lease any more. Raises what the ledger raises."""
    await asyncio.gather(*(run_out(ledger, clock, name) for name in await slots(ledger)))


async def deaths(ledger: Ledger, *others: str, all_over: bool) -> int:
    """Return how often a worker, or a holder of these leases, has died so far.

    Where all leases are over, who has one still is among the dead.
    """
    names = (*await slots(ledger), *others)
    held = await asyncio.gather(*(ledger.read(entry_of(name)) for name in names))
    return sum(died(one) if all_over else int(one.get("deaths", 0)) for one in held if one)
