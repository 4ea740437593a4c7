"""The steps of data_sync as the state machine asks for them. Each may be asked for again and again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from docferry.approval import ask
from docferry.domain.errors import NeedsOperator, Refused
from docferry.domain.switch import State, Step, Turn
from docferry.handlers.invocation import Answer, Invocation
from docferry.handlers.publishing import publish
from docferry.handlers.telemetry import logger
from docferry.ports import Entry, Ledger
from docferry.stages.validate.walk import differences
from docferry.switch.checks import last_done, standing
from docferry.switch.complete import complete
from docferry.switch.memory import last_switch
from docferry.switch.perform import UNDO_FOR_S, of, perform
from docferry.switch.phase import phase
from docferry.switch.terms import Terms
from docferry.wiring import SWITCH
from docferry.workers.backfill import begin_backfill, fill_range, fill_segment, finish_backfill
from docferry.workers.ranges import ENTRY as RANGES
from docferry.workers.ranges import divide
from docferry.workers.validation import WHOLE
from docferry.workers.working import in_force, within
from docferry.workflow import mend

SWITCHED_HERE = 1_000_000
"""So many documents can be listed on both sides by one invocation, as a switch does before anybody is held. Above
that, docferry cutover switches from a machine that has the time, and the state machine goes on from there."""
GRACE_S = 120.0
"""After a switch, until runner and heartbeats of the new direction are missed."""
WORKER = "worker"
_TERMS = ("max_pause_s", "max_lag_s", "without_client")


async def prepare(call: Invocation) -> Answer:
    """See that the stores are ready, set up the gates, and begin the migration."""
    directions = await call.directions("sync")
    seed = await begin_backfill(directions.forward)
    return {"seed": seed.number}


async def plan(call: Invocation) -> Answer:
    """Divide the documents into ranges; `ranges` and `segments` are the numbers of the parts, once `done`."""
    migration = await in_force(await call.directions(WORKER))
    dividing = divide(migration.documents.source, migration.ledger, migration.tuning.scan_segments)
    done = await within(call.seconds, migration.clock, dividing)
    held = await migration.ledger.read(RANGES) or {}
    return {
        "done": done,
        "ranges": list(range(held["count"])) if done else [],
        "segments": list(range(held.get("segments", 0))) if done else [],
        "documents": held.get("documents", 0),
    }


async def backfill_documents(call: Invocation) -> Answer:
    """Bring the documents of one range."""
    migration = await in_force(await call.directions(WORKER))
    return {"done": await fill_range(migration, call.number("range"), call.seconds)}


async def backfill_records(call: Invocation) -> Answer:
    """Bring the records of one segment."""
    migration = await in_force(await call.directions(WORKER))
    return {"done": await fill_segment(migration, call.number("segment"), call.seconds)}


async def finish(call: Invocation) -> Answer:
    """Note that all parts of the backfill are done."""
    filled = await finish_backfill(await in_force(await call.directions(WORKER)))
    return {"documents": filled.documents, "records": filled.records}


async def repair(call: Invocation) -> Answer:
    """Bring the differences of the last validation to the source's state."""
    migration = await in_force(await call.directions("repair"))
    stop = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(max(0.0, call.seconds), stop.set)
    try:
        repaired = await mend(migration, _found(migration.ledger), stop)
    finally:
        timer.cancel()
    return {"repaired": repaired, "done": not stop.is_set()}


async def _found(ledger: Ledger) -> AsyncIterator[Entry]:
    async for one in differences(ledger, WHOLE, await ledger.read(WHOLE.name) or {}):
        yield one


async def approval(call: Invocation) -> Answer:
    """Note what is asked for and the token that answers it, for docferry approve."""
    forward = (await call.directions(WORKER)).forward
    about, token = str(call.event.get("about", "")), str(call.event.get("token", ""))
    await ask(forward.ledger, forward.clock, about, token)
    await publish(call.connection, "Approval Asked", {"about": about})
    return {"asked": about}


async def cutover(call: Invocation) -> Answer:
    """Switch to the target, unless that was done by hand meanwhile."""
    return await _switch(call, Turn.CUTOVER)


async def rollback(call: Invocation) -> Answer:
    """Switch back to the source."""
    return await _switch(call, Turn.ROLLBACK)


async def _switch(call: Invocation, turn: Turn) -> Answer:
    directions = await call.directions(SWITCH)
    migration, last = of(directions, turn), await last_switch(directions.forward.ledger)
    gate = await migration.target_gate.read()
    if last and last.state is State.DONE and last.turn is turn and gate and gate.epoch == last.epoch:
        return last.summary()
    await _refuse_too_many(migration.ledger, turn)
    switched: list[Answer] = []

    async def work() -> None:
        switch = await perform(directions, turn, _terms(call), _tell, _approved)
        switched.append(switch.summary())

    # An undo needs its time, too: writers are held meanwhile.
    seconds = call.seconds - UNDO_FOR_S
    if not await within(seconds, migration.clock, work()):
        ended = await last_switch(directions.forward.ledger)
        # One that was done before this call says nothing of this one.
        if ended is None or ended == last or ended.state is not State.DONE or ended.turn is not turn:
            raise Refused(f"the {turn.value} was not done in {seconds:.0f} s and was undone; nothing is lost")
        switched.append(ended.summary())
    await publish(call.connection, turn.value.capitalize(), switched[0])
    return switched[0]


async def _refuse_too_many(ledger: Ledger, turn: Turn) -> None:
    documents = (await ledger.read(RANGES) or {}).get("documents", 0)
    if documents > SWITCHED_HERE:
        raise NeedsOperator(
            f"{documents:,} documents are listed before a {turn.value}, for which a function has too little time",
            hint=f"run docferry {turn.value} on a machine, then redrive the state machine: it goes on from there",
        )


def _terms(call: Invocation) -> Terms:
    settings, event = call.connection.settings, call.event
    asked: dict[str, Any] = {name: event[name] for name in _TERMS if name in event}
    return Terms(lease_s=settings.client.lease_s, deadline_s=settings.deadline_s, **asked)


def _tell(step: Step, said: str) -> None:
    logger.info("switch", step=step.value, said=said)


async def _approved() -> None:
    """The state machine has asked before."""


async def watch(call: Invocation) -> Answer:
    """Say whether the migration is healthy after a switch: followed, caught up, nothing stuck, nothing dead."""
    directions = await call.directions(WORKER)
    migration = await in_force(directions)
    checks = await standing(migration, _terms(call))
    last = await last_done(migration)
    # The runner has to turn, and heartbeats to go the new way first.
    fresh = last is not None and migration.clock.now() - last.ended_at < GRACE_S
    patient = ("runner", "lag") if fresh else ()
    wrong = [f"{one.name}: {one.figure}" for one in checks if not one.ok and one.name not in patient]
    ledger, gate = directions.forward.ledger, await directions.forward.target_gate.read()
    now = await phase(ledger, gate, await last_switch(ledger))
    return {"healthy": not wrong, "reason": "; ".join(wrong), "phase": now}


async def end(call: Invocation) -> Answer:
    """Declare the migration complete: the end of the way back."""
    await complete(await call.directions(SWITCH), _terms(call), _approved)
    return {"completed": True}


STEPS = {
    "prepare": prepare,
    "plan": plan,
    "backfill_documents": backfill_documents,
    "backfill_records": backfill_records,
    "finish_backfill": finish,
    "repair": repair,
    "approval": approval,
    "cutover": cutover,
    "rollback": rollback,
    "watch": watch,
    "complete": end,
}
