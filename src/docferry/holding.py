"""Work under a lease: renewed beside it, and given back when it ends."""

import asyncio
import math
from collections.abc import Awaitable, Callable

from docferry.bounded import ended
from docferry.domain.errors import GateRefused
from docferry.lease import RELEASE_WITHIN_S, Lease


async def _nothing() -> None:
    return


async def holding(
    lease: Lease,
    work: "asyncio.Future[None]",
    at_end: Callable[[], Awaitable[None]] = _nothing,
    *,
    end_s: float | None = None,
) -> None:
    """Do the work while renewing the lease; whichever fails first ends both.

    When the gate is closed, the work is cut off, requests under way are waited for, and GateRefused is raised.
    `at_end` is called before the lease is given back: by then nothing of the work can happen any more. Both have
    `end_s`, or, unless given, half a second, and all the time they need where the gate was closed.
    """
    keeper = asyncio.ensure_future(lease.keep())
    closed = False
    try:
        await asyncio.wait({keeper, work}, return_when=asyncio.FIRST_COMPLETED)
        closed = keeper.done() and isinstance(keeper.exception(), GateRefused)
    finally:
        # What the work does at its end may need the lease, and is not to be cut off by a second Ctrl-C.
        work.cancel()
        try:
            await ended(work)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, work, return_exceptions=True)
            usual_s = math.inf if closed else RELEASE_WITHIN_S
            await lease.release(at_end, usual_s if end_s is None else end_s)
    # What the work says of a lease that was lost says more than the lease.
    for one in (keeper, work) if closed else (work, keeper):
        if not one.cancelled():
            one.result()
            return
