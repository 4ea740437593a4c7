"""What comes before anything is written: the stores are ready and the ledger's own, the gates are there."""

from docferry.domain.errors import Conflict, Refused
from docferry.domain.gate import Gate, Writer
from docferry.migration import Migration
from docferry.ports import GateStore
from docferry.resume import refuse_other_stores


async def prepare(migration: Migration) -> None:
    """See that the stores are ready and the ledger's, and that both gates are there.

    Raises Refused, before anything is written, if they are not ready or are others than the ledger's.
    """
    await migration.ready()
    await refuse_other_stores(migration)
    await set_up_gates(migration)


async def begin_writing(migration: Migration) -> None:
    """Take the lease, once it is sure that these stores may be written to.

    Raises as `prepare` does, and LeaseTaken if another is at work.
    """
    await prepare(migration)
    await migration.lease.acquire()


async def set_up_gates(migration: Migration) -> None:
    """Give each region its first gate: applications write at the source, the replicator at the target.

    Gates that are there stay as they are. Raises Refused if one is missing beside one that a switch has turned.
    """
    target = await _set_up(migration.target_gate, Writer.REPLICATOR, beside=await migration.source_gate.read())
    await _set_up(migration.source_gate, Writer.APPLICATION, beside=target)


async def _set_up(store: GateStore, writer: Writer, beside: Gate | None) -> Gate:
    held = await store.read()
    if held is not None:
        return held
    if beside is not None and beside.epoch > 1:
        raise Refused(
            f"a gate is missing while the other says {beside.writer.value} at epoch {beside.epoch}; "
            "nothing was written",
            hint="restore the control table's gate item; docferry status shows both",
        )
    try:
        await store.change(None, Gate(writer, 1))
    except Conflict:
        return await _set_up(store, writer, beside)
    return Gate(writer, 1)
