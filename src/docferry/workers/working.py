"""A worker's time: it writes under a lease of its own, and leaves in time whatever it has not done."""

import asyncio
from collections.abc import Awaitable, Callable

from docferry.bounded import ended
from docferry.domain.errors import GateRefused, NeedsOperator
from docferry.holding import holding
from docferry.migration import Directions, Migration
from docferry.ports import Clock
from docferry.resume import Seed, completed, seed_of
from docferry.slots import take_slot

END_S = 10.0
"""For requests under way to land, and for what was left unfinished to be noted. Callers leave that much time."""


async def _nothing() -> None:
    return


async def in_force(directions: Directions) -> Migration:
    """Return the direction in force. Raises GateRefused in the moment of a switch, NeedsOperator once complete."""
    found = await directions.in_force()
    if found is not None:
        return found
    if await completed(directions.forward.ledger):
        raise NeedsOperator(
            "this migration is complete: nothing is carried any more, and nothing was written",
            hint="set migration_phase = completed, which takes the workers away",
        )
    raise GateRefused("no gate lets a worker write: a switch is under way; nothing was written")


async def begun(migration: Migration) -> Seed:
    """Return the seed that a runner began. Raises NeedsOperator if none has."""
    seed = await seed_of(migration.ledger)
    if seed is None:
        raise NeedsOperator(
            "nobody has begun this migration, so nothing was carried; what is on a feed stays there",
            hint="start the state machine, or docferry sync",
        )
    return seed


async def under_lease(
    migration: Migration,
    work: Callable[[], Awaitable[None]],
    at_end: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Do the work while holding the lease on a free slot. Raises StaleEpoch or GateRefused if that is lost.

    `at_end` is called before the lease is given back. When this returns, nothing that the lease allowed is under
    way, or else the lease was not given back, and whoever closes the gate waits for its end.
    """
    await take_slot(migration.ledger, migration.lease, migration.clock)
    await holding(migration.lease, asyncio.ensure_future(work()), at_end, end_s=END_S)


async def within(seconds: float, clock: Clock, work: Awaitable[None]) -> bool:
    """Do the work for so long at most, and tell whether it was done."""
    doing = asyncio.ensure_future(work)
    time = asyncio.ensure_future(clock.sleep(max(0.0, seconds)))
    try:
        await asyncio.wait({doing, time}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (doing, time):
            one.cancel()
        await ended(doing, time)
    if doing.cancelled():
        return False
    doing.result()
    return True
