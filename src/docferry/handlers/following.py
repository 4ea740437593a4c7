"""The accountable runner, a few minutes at a time: docferry sync without the backfill, which others do in parts.

A schedule starts one every minute. It waits for the one before it to end, or to die, and takes over: there is
always one at work and one that waits. It holds the lease that switches ask for, beats the heartbeats, answers
whether the feeds are drained, and notes in the ledger how everything stands.
"""

import asyncio

from docferry import workflow
from docferry.checkpoint import Checkpoint
from docferry.domain.errors import DocferryError, LeaseTaken, StaleEpoch
from docferry.handlers.invocation import Answer, Invocation
from docferry.handlers.publishing import publish
from docferry.handlers.telemetry import logger, metrics, of_runner
from docferry.lease_entry import entry_of, run_out
from docferry.migration import Directions, Sync
from docferry.ports import Clock, Ledger
from docferry.resume import completed
from docferry.switch.memory import last_switch
from docferry.switch.phase import phase
from docferry.workers.working import within

NO_LATER_S = 45.0
"""Before its time is over a runner ends, unless a switch is near: then only when its time is over."""
AGAIN_S = 1.0
TELL_EVERY_S = 20.0
PHASE = "published/phase"


async def follow(call: Invocation) -> Answer:
    """Follow the changes until the time is over, once whoever does so now has ended.

    An event that says `wait: false` waits for nobody: if another follows, all is well. Returns `followed`, whether
    it was its turn, and `completed`. Raises as `workflow.sync` does.
    """
    directions = await call.directions("sync")
    ledger, clock = directions.forward.ledger, directions.forward.clock
    until = clock.monotonic() + call.seconds
    telling = asyncio.ensure_future(_keep_telling(call, directions))
    try:
        while not await completed(ledger):
            if not await _is_free(ledger, clock, until if call.event.get("wait", True) else 0.0):
                return {"followed": False, "completed": False}
            try:
                await _sync(directions, until)
            except LeaseTaken:
                # Another that waited was quicker.
                continue
            return {"followed": True, "completed": await completed(ledger)}
        return {"followed": False, "completed": True}
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _is_free(ledger: Ledger, clock: Clock, until: float) -> bool:
    """Wait until nobody holds the runner's lease, or until a moment; tell whether it is free."""
    held = await ledger.read(entry_of("sync"))
    if not held or not held["owner"]:
        return True
    return await within(until - clock.monotonic(), clock, run_out(ledger, clock, "sync"))


async def _sync(directions: Directions, until: float) -> None:
    clock, stop = directions.forward.clock, asyncio.Event()

    async def stop_in_time() -> None:
        await clock.sleep(max(0.0, until - NO_LATER_S - clock.monotonic()))
        while clock.monotonic() < until and _armed(directions):
            await clock.sleep(AGAIN_S)
        stop.set()

    stopping = asyncio.ensure_future(stop_in_time())
    try:
        await workflow.sync(directions, Sync(fill=False), stop)
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)


def _armed(directions: Directions) -> bool:
    return directions.forward.lease.armed or directions.reverse.lease.armed


async def _keep_telling(call: Invocation, directions: Directions) -> None:
    while True:
        await directions.forward.clock.sleep(TELL_EVERY_S)
        try:
            await tell(call, directions)
        except DocferryError as error:
            logger.warning("what the runner has to tell was not published", error=str(error))
        metrics.flush_metrics()


async def tell(call: Invocation, directions: Directions) -> None:
    """Publish how the runner stands, and the phase if it has changed since it was published last."""
    ledger = directions.forward.ledger
    now = await phase(ledger, await directions.forward.target_gate.read(), await last_switch(ledger))
    of_runner(await ledger.read("progress") or {}, now, directions.forward.clock)
    published = await Checkpoint.load(ledger, PHASE)
    before = published.entry.get("phase", "")
    if before == now:
        return
    try:
        await published.save({"phase": now})
    except StaleEpoch:
        return
    await publish(call.connection, "Phase Changed", {"from": before, "to": now})
