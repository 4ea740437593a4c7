"""Cutover and rollback, begun, gone on with or undone, by whoever holds the lease on switches."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress

from docferry.bounded import ended
from docferry.domain.errors import DocferryError, NeedsOperator, Refused, Retryable, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.domain.switch import State, Step, Switch, Turn
from docferry.history import note
from docferry.holding import holding
from docferry.migration import Directions, Migration
from docferry.phase import CUTOVER, SYNC, note_phase
from docferry.resume import completed, refuse_other_stores
from docferry.switch.live import Live
from docferry.switch.memory import last_switch, save_switch
from docferry.switch.steps import Approve, Tell, take
from docferry.switch.terms import Terms
from docferry.switch.undo import undo

UNDO_FOR_S = 60.0
UNDO_AGAIN_S = 0.5
_SAFE = "no acknowledged write is lost, but writers may be held"


def of(directions: Directions, turn: Turn) -> Migration:
    """Return the migration in the direction that is in force before a switch."""
    return directions.forward if turn is Turn.CUTOVER else directions.reverse


async def perform(directions: Directions, turn: Turn, terms: Terms, tell: Tell, approve: Approve) -> Switch:
    """Do a switch, or go on with the one that is under way, and return what came of it.

    Whatever ends it before the target is open undoes it: the source is open to applications again. Raises Refused
    if a check refuses or the pause bound would be broken, NeedsOperator if it could not be undone.
    """
    migration = of(directions, turn)
    done: list[Switch] = []

    async def work() -> None:
        done.append(await _perform(migration, turn, terms, tell, approve))

    await _exclusively(migration, work)
    return done[0]


async def abort(directions: Directions, turn: Turn) -> str:
    """Undo a switch that was left under way, from the ledger and the gates alone, and say what was done.

    Raises Refused if there is none, or if whoever runs it is still alive.
    """
    migration = of(directions, turn)
    said: list[str] = []

    async def work() -> None:
        switch = await _under_way(migration, turn)
        if switch is None:
            raise Refused(f"no {turn.value} is under way; nothing was changed", hint="docferry status")
        said.append(await _undone(migration, switch))

    await _exclusively(migration, work)
    return said[0]


async def _exclusively(migration: Migration, work: Callable[[], Awaitable[None]]) -> None:
    async def alone() -> None:
        await refuse_other_stores(migration)
        await _refuse_complete(migration)
        await work()

    await _refuse_complete(migration)
    await migration.lease.acquire()
    await holding(migration.lease, asyncio.ensure_future(alone()))


async def _refuse_complete(migration: Migration) -> None:
    if await completed(migration.ledger):
        said = "the migration is complete, there is no way back; nothing was changed"
        raise Refused(said, hint="docferry status")


async def _under_way(migration: Migration, turn: Turn) -> Switch | None:
    last = await last_switch(migration.ledger)
    if last is None or last.state is not State.RUNNING:
        return None
    if last.turn is not turn:
        raise Refused(
            f"a {last.turn.value} is under way; nothing was changed",
            hint=f"docferry {last.turn.value} goes on with it, docferry {last.turn.value} --abort undoes it",
        )
    return last


async def _perform(migration: Migration, turn: Turn, terms: Terms, tell: Tell, approve: Approve) -> Switch:
    last = await _under_way(migration, turn)
    source, target = await migration.source_gate.read(), await migration.target_gate.read()
    first = _position(source, target) if last else Step.CHECK
    if last and first is Step.CHECK:
        # It was given up before anybody was held: its journal goes off, and everything is checked anew.
        await _undone(migration, last)
    switch = last if last and first is not Step.CHECK else await _new(migration, turn, terms)
    terms = terms.at_least(switch)
    live = Live(migration, switch, terms, tell, approve)
    if first is not Step.CHECK:
        tell(first, f"goes on with the {turn.value} that was begun as attempt {switch.attempt}")
    try:
        if first is not Step.CHECK:
            await live.go_on()
        await take(live, first, tell)
    except BaseException as error:
        undoing = asyncio.ensure_future(_after(migration, live.switch, tell, error))
        with suppress(asyncio.CancelledError):
            await ended(undoing)
        raise undoing.result() from error
    return live.switch


def _position(source: Gate | None, target: Gate | None) -> Step:
    if source is None or target is None or source.writer is Writer.APPLICATION:
        return Step.CHECK
    if target.writer is Writer.APPLICATION:
        return Step.REVERSE
    return Step.CLOSE if target.writer is Writer.NOBODY else Step.FENCE


async def _new(migration: Migration, turn: Turn, terms: Terms) -> Switch:
    last = await last_switch(migration.ledger)
    return Switch(
        number=last.number + 1 if last else 1,
        turn=turn,
        attempt=uuid.uuid4().hex[:12],
        source_region=migration.source_region,
        target_region=migration.target_region,
        started_at=migration.clock.now(),
        without_client=terms.without_client,
        lease_s=terms.lease_s,
    )


async def _after(migration: Migration, switch: Switch, tell: Tell, error: BaseException) -> BaseException:
    """Undo, and return the error that says both what happened and what was done about it."""
    if switch.step is Step.CHECK:
        return error
    go_on = f"docferry {switch.turn.value} goes on with it, docferry {switch.turn.value} --abort undoes it"
    lapsed = not _holds(migration)
    try:
        said = await _undone_soon(migration, switch)
    except (StaleEpoch, Refused) as failed:
        why = f"this process has lost its lease on switches ({failed}), so it did nothing more; {_SAFE}"
        # Told as well: where Ctrl-C ended it, nobody sees the error.
        tell(switch.step, f"not undone: {why}; unless another process is at it, {go_on}")
        return StaleEpoch(why, hint=f"docferry status; unless another process is at it, {go_on}")
    except DocferryError as failed:
        tell(switch.step, f"not undone: {failed}; {_SAFE}; {go_on}")
        return NeedsOperator(f"{error}; and it could not be undone: {failed}; {_SAFE}", hint=go_on)
    tell(switch.step, f"ended early: {said}, nothing is lost")
    if lapsed:
        why = "this process did not renew its lease on switches in time"
        return Refused(f"{why}; {said}, nothing is lost", hint="try again when the machine is less busy")
    if isinstance(error, DocferryError):
        told = type(error)(f"{error}; {said}, nothing is lost")
        told.hint = error.hint
        return told
    return error


async def _undone_soon(migration: Migration, switch: Switch) -> str:
    # Writers are held: what may pass is waited for.
    until = migration.clock.monotonic() + UNDO_FOR_S
    while True:
        try:
            if not _holds(migration):
                # A slow machine or control table. If another process has the lease by now, that one decides.
                await migration.lease.acquire()
            return await _undone(migration, switch)
        except Retryable:
            if migration.clock.monotonic() >= until:
                raise
            await migration.clock.sleep(UNDO_AGAIN_S)


def _holds(migration: Migration) -> bool:
    try:
        migration.lease.check()
    except StaleEpoch:
        return False
    return True


async def _undone(migration: Migration, switch: Switch) -> str:
    migration.lease.check()
    undone = await undo(migration, switch.attempt)
    now = migration.clock.now()
    over = switch.now(state=State.ABORTED, ended_at=now)
    if undone.forward:
        over = switch.done(now, epoch=undone.epoch, reverse_epoch=undone.reverse_epoch)
        await note_phase(migration.ledger, CUTOVER if switch.turn is Turn.CUTOVER else SYNC)
    await save_switch(migration.ledger, over)
    said = f"{switch.turn.value} ended in step {switch.step.value}: {undone.said}"
    await note(migration.ledger, migration.clock, said)
    return undone.said
