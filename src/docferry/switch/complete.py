"""Complete: the end of the way back. It checks, ends the reverse window, and removes nothing."""

import asyncio

from docferry.domain.errors import Conflict, Refused
from docferry.domain.gate import Gate, Writer
from docferry.domain.switch import State, Turn
from docferry.history import note
from docferry.holding import holding
from docferry.migration import Directions, Migration
from docferry.phase import COMPLETED, note_phase
from docferry.resume import COMPLETE, completed, refuse_other_stores
from docferry.switch.checks import Check, last_done, refuse, standing, validation
from docferry.switch.memory import last_switch
from docferry.switch.steps import Approve
from docferry.switch.terms import Terms


async def completion_checks(migration: Migration, terms: Terms) -> tuple[Check, ...]:
    """Make every check before the end. `migration` is the reverse direction, which is in force until then."""
    last = await last_done(migration)
    since = last.opened_at if last else 0.0
    return (
        await _gates(migration),
        *await standing(migration, terms),
        await validation(migration, terms.validation_age_s, since),
    )


async def _gates(migration: Migration) -> Check:
    source, target = await migration.source_gate.read(), await migration.target_gate.read()
    under_way = await last_switch(migration.ledger)
    if under_way and under_way.state is State.RUNNING:
        turn = under_way.turn.value
        hint = f"docferry {turn} goes on with it, docferry {turn} --abort undoes it"
        return Check("gates", f"a {turn} is under way", False, hint)
    last = await last_done(migration)
    ok = _says(source, Writer.APPLICATION) and _says(target, Writer.REPLICATOR)
    if last is None or last.turn is not Turn.CUTOVER or not ok:
        return Check("gates", "applications do not write at the target", False, "docferry cutover")
    return Check("gates", f"applications write in {migration.source_region}")


def _says(gate: Gate | None, writer: Writer) -> bool:
    return gate is not None and gate.writer is writer


async def complete(directions: Directions, terms: Terms, approve: Approve) -> tuple[Check, ...]:
    """End the reverse window: nothing is carried any more, and there is no rollback. The target is not touched.

    Goes on where it was cut off. Raises Refused if a check refuses, or if another turns the gates.
    """
    migration = directions.reverse
    found: tuple[Check, ...] = ()
    await migration.lease.acquire()

    async def work() -> None:
        nonlocal found
        await refuse_other_stores(migration)
        if await completed(migration.ledger):
            return
        gate = await migration.target_gate.read()
        # The gate is closed first: cut off before the ledger says so, it is gone on with here.
        if gate is None or gate.attempt != COMPLETE:
            found = await completion_checks(migration, terms)
            refuse(found)
            await approve()
            await _close(migration, gate)
        migration.lease.check()
        await migration.ledger.write(COMPLETE, {"at": migration.clock.now(), "by": migration.owner}, None)
        await note_phase(migration.ledger, COMPLETED)
        await note(migration.ledger, migration.clock, "complete: the reverse window is over")

    await holding(migration.lease, asyncio.ensure_future(work()))
    return found


async def _close(migration: Migration, checked: Gate | None) -> None:
    turned = Refused("the gates were turned meanwhile; nothing was changed", hint="docferry status")
    if checked is None or not _says(await migration.source_gate.read(), Writer.APPLICATION):
        raise turned
    migration.lease.check()
    try:
        await migration.target_gate.change(checked, checked.turned(Writer.NOBODY, attempt=COMPLETE))
    except Conflict as error:
        raise turned from error
