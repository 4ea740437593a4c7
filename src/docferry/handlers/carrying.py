"""Carries one batch of changes, and says what stays on its feed."""

from docferry.domain.errors import DocferryError
from docferry.handlers.batches import QUEUE, batch_of
from docferry.handlers.invocation import Answer, Invocation
from docferry.handlers.publishing import publish
from docferry.handlers.telemetry import logger, of_changes
from docferry.workers.changes import HandedOver, carry_batch

NAMED = 50
"""So many of the messages that stay on a feed are named in an event."""


async def carry(call: Invocation) -> Answer:
    """Carry a batch; `left` are the receipts of what stays on its feed. Raises InvalidInput if it is not ours."""
    batch = batch_of(call.event["Records"], call.connection.settings)
    documents = HandedOver([one for one in batch.deliveries if batch.kind == QUEUE])
    records = HandedOver([one for one in batch.deliveries if batch.kind != QUEUE])
    why = ""
    try:
        directions = await call.directions("worker")
        await carry_batch(directions, documents, records, from_source=batch.from_source, seconds=call.seconds)
    except DocferryError as error:
        why = str(error)
        logger.warning("a batch stays on its feed", error=why)
    left = [*documents.left, *records.left]
    await _tell(call, [one.receipt for one in left], why or call.progress.last_failure)
    if batch.handles and left:
        await call.give_back(batch.from_source, [batch.handles[one.receipt] for one in left])
    return {"left": [one.receipt for one in left]}


async def _tell(call: Invocation, left: list[str], why: str) -> None:
    progress = call.progress
    of_changes(progress, len(left))
    applied = {"documents": progress.documents_applied, "records": progress.records_applied}
    if any(applied.values()):
        await publish(call.connection, "Documents Synced", applied)
    if left:
        await publish(
            call.connection, "Documents Failed", {"left": len(left), "first": left[:NAMED], "reason": why}
        )
