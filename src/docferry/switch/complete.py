"""Complete: the end of the way back. It checks, ends the reverse window, and removes nothing."""

import asyncio

from docferry.domain.errors import Refused
from docferry.domain.gate import Gate, Writer
from docferry.domain.switch import Turn
from docferry.history import note
from docferry.lease import holding
from docferry.migration import Directions, Migration
from docferry.resume import COMPLETE, completed, refuse_other_stores
from docferry.switch.checks import Check, last_done, refuse, standing, validation
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
    last = await last_done(migration)
    ok = _says(source, Writer.APPLICATION) and _says(target, Writer.REPLICATOR)
    if last is None or last.turn is not Turn.CUTOVER or not ok:
        return Check("gates", "applications do not write at the target", False, "docferry cutover")
    return Check(
        "gates", f"applications write in {migration.source_region}, at epoch {source.epoch if source else 0}"
    )


def _says(gate: Gate | None, writer: Writer) -> bool:
    return gate is not None and gate.writer is writer


async def complete(directions: Directions, terms: Terms, approve: Approve) -> tuple[Check, ...]:
    """End the reverse window: nothing is carried any more, and there is no rollback. The target is not touched.

    Goes on where it was cut off. Raises Refused if a check refuses, or if another turns the gates.
    """
    migration = directions.reverse
    await refuse_other_stores(migration)
    found: tuple[Check, ...] = ()
    await migration.lease.acquire()

    async def work() -> None:
        nonlocal found
        if not await completed(migration.ledger):
            found = await completion_checks(migration, terms)
            refuse(found)
            await approve()
            await migration.ledger.write(COMPLETE, {"at": migration.clock.now(), "by": migration.owner}, None)
        await _close(migration)

    await holding(migration.lease, asyncio.ensure_future(work()))
    return found


async def _close(migration: Migration) -> None:
    gate = await migration.target_gate.read()
    if gate is None or gate.writer is Writer.APPLICATION:
        raise Refused("the source's gate says application after all; nothing was changed", hint="docferry status")
    if gate.writer is Writer.REPLICATOR:
        await migration.target_gate.change(gate, gate.turned(Writer.NOBODY))
    await note(migration.ledger, migration.clock, "complete: the reverse window is over")
