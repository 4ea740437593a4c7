"""The hard fence of a switch, where there is one: it denies what a gate can only ask for.

A policy takes its time to spread, and nobody is to be held for that. So it is installed ahead, for a moment to
come: all servers know by then, and tell the time alike. The gate is closed right before, so that who asks the gate
is never denied. It has an end, too, so that a controller that dies in between keeps nobody out for ever; once the
target is open, it is installed for good.
"""

from docferry.domain.errors import Refused, Retryable
from docferry.migration import Migration
from docferry.ports import Clock, HardFence
from docferry.switch.terms import Terms

ROUND_S = 1.0
"""For the last round of touched keys before the gate is closed."""
PROBES = 3
POLL_S = 0.1
LIFTED_WITHIN_S = 60.0


async def install(migration: Migration, terms: Terms) -> float:
    """Install the source's fence ahead, wait until it has spread, and return when the gate has to be closed.

    In seconds since 1970; 0.0 where there is no fence. A round of touched keys has time until then.
    """
    fence, clock = migration.source_fence, migration.clock
    if fence is None:
        return 0.0
    spread_s = migration.tuning.spread_s
    begin = clock.now() + spread_s + ROUND_S + terms.fence_lead_s
    # Whoever comes after a controller that died has time to undo or to go on; then writers are let in again.
    await fence.close_between(begin, begin + terms.max_pause_s + spread_s + LIFTED_WITHIN_S)
    await clock.sleep(spread_s)
    return begin - terms.fence_lead_s


async def wait_for(moment: float, clock: Clock) -> None:
    """Wait for the moment to close the gate. Raises Refused if it is over: writers might be denied."""
    left_s = moment - clock.now()
    if moment and left_s < 0:
        raise Refused(
            f"the last round of touched keys took {-left_s:.1f} s too long for the hard fence",
            hint="try again when fewer documents are written",
        )
    await clock.sleep(max(0.0, left_s))


async def again(migration: Migration, terms: Terms) -> None:
    """Install the fence of a switch that is gone on with: who did it before may have died long ago."""
    if migration.source_fence:
        now = migration.clock.now()
        until = now + terms.max_pause_s + migration.tuning.spread_s + LIFTED_WITHIN_S
        await migration.source_fence.close_between(now, until)


async def proved(fence: HardFence | None, clock: Clock, *, denied: bool) -> None:
    """Wait until probes in a row are denied, or allowed. Has no limit of its own."""
    row = PROBES if fence is None else 0
    while fence and row < PROBES:
        found = await fence.denials()
        row = row + 1 if all(one is denied for one in found) else 0
        await clock.sleep(0.0 if row else POLL_S)


async def lifted(migration: Migration) -> None:
    """Lift the source's fence and see that writers are let in. Raises Retryable if they are still denied."""
    fence, clock = migration.source_fence, migration.clock
    if fence is None:
        return
    await fence.lift()
    until, row = clock.monotonic() + LIFTED_WITHIN_S, 0
    while row < PROBES:
        row = 0 if any(await fence.denials()) else row + 1
        if clock.monotonic() > until:
            raise Retryable(f"the hard fence in {migration.source_region} was lifted, and denies all the same")
        await clock.sleep(0.0 if row else POLL_S)
