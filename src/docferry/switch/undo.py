"""Undoes a switch that cannot go on: the journal off, or the source open again, or, past the opening, forward."""

from dataclasses import dataclass

from docferry.domain.errors import Conflict, NeedsOperator
from docferry.domain.gate import Writer
from docferry.migration import Migration
from docferry.switch.fencing import lifted
from docferry.switch.turning import Turning


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing came to: `forward` where the target was open already, so that the switch is done.

    `epoch` is that of the target's gate, `reverse_epoch` that of the source's.
    """

    said: str
    epoch: int
    reverse_epoch: int
    forward: bool = False


async def undo(migration: Migration, attempt: str) -> Undone:
    """Leave the gates as they were before the switch, by what the gates say alone.

    First the target's gate is won with a higher epoch, and only then the source is opened: a controller that was
    paused and still believes that it may open the target finds its epoch over. If the target says application,
    there is no way back, only forward. Raises StaleEpoch if another goes on with the switch.
    """
    turning = Turning(migration, attempt)
    await turning.read()
    said = await _undo(turning)
    forward = turning.target.writer is Writer.APPLICATION
    return Undone(said, turning.target.epoch, turning.source.epoch, forward)


async def _undo(turning: Turning) -> str:
    source, target = turning.migration.source_region, turning.migration.target_region
    _refuse_foreign(turning)
    if turning.target.writer is not Writer.APPLICATION and turning.source.writer is Writer.NOBODY:
        await _win_target(turning)
    if turning.target.writer is Writer.APPLICATION:
        if turning.source.writer is Writer.NOBODY:
            await turning.turn_source(Writer.REPLICATOR, journal=False)
        if turning.migration.source_fence:
            await turning.migration.source_fence.close()
        return f"{target} is open to applications already, which stays"
    if turning.source.writer is Writer.NOBODY:
        await lifted(turning.migration)
        if turning.migration.source_fence:
            # Some server may deny yet: while the journal is on, clients wait and are not failed.
            await turning.turn_source(Writer.APPLICATION, journal=True)
            await turning.migration.clock.sleep(turning.migration.tuning.spread_s)
        await turning.turn_source(Writer.APPLICATION, journal=False)
        return f"{source} is open to applications again"
    fence = turning.migration.source_fence
    if fence and await fence.lift():
        # Installed ahead it may deny all the same until that has spread. While the journal is on, clients wait.
        await turning.migration.clock.sleep(turning.migration.tuning.spread_s)
    if turning.source.journal and turning.source.attempt == turning.attempt:
        await turning.turn_source(Writer.APPLICATION, journal=False)
    if turning.target.journal and turning.target.attempt == turning.attempt:
        await turning.turn_target(Writer.REPLICATOR, journal=False)
    return f"{source} was open to applications all the time"


def _refuse_foreign(turning: Turning) -> None:
    source, target = turning.source, turning.target
    known = source.writer is Writer.NOBODY or (source.writer is Writer.APPLICATION) != (
        target.writer is Writer.APPLICATION
    )
    if not known or (source.writer is Writer.NOBODY and source.attempt != turning.attempt):
        raise NeedsOperator(
            f"the gates are not as this switch left them: {source.writer.value} (attempt {source.attempt!r}) and "
            f"{target.writer.value} (attempt {target.attempt!r}); nothing was changed",
            hint="docferry status shows both gates and what is under way",
        )


async def _win_target(turning: Turning) -> None:
    # A conflict here means somebody else's turn in between: what the gate says now decides anew.
    turning.migration.lease.check()
    held = turning.target
    desired = held.turned(Writer.REPLICATOR, attempt=turning.attempt)
    try:
        await turning.migration.target_gate.change(held, desired)
    except Conflict:
        await turning.read()
        if turning.target.writer is not Writer.APPLICATION:
            await _win_target(turning)
        return
    turning.target = desired
