"""Batches as AWS delivers them, from a change queue or from a table's stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docferry.aws.queue_feed import delivery
from docferry.domain.errors import InvalidInput
from docferry.ports import Delivery
from docferry.settings import Settings

QUEUE, STREAM = "aws:sqs", "aws:dynamodb"


@dataclass(frozen=True, slots=True)
class Batch:
    """What was delivered together, all from one side. Receipts are what a response names what failed by."""

    kind: str
    from_source: bool
    deliveries: tuple[Delivery, ...]
    handles: Mapping[str, str]
    """A queue's own receipt handles, by receipt."""


def batch_of(records: Sequence[Mapping[str, Any]], settings: Settings) -> Batch:
    """Read a batch. Raises InvalidInput if it is of neither side's queue or stream, or none at all."""
    try:
        return _batch_of(records, settings)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"a batch is not what queues and streams deliver: {error}; it stays there") from error


def _batch_of(records: Sequence[Mapping[str, Any]], settings: Settings) -> Batch:
    kind, arn = records[0].get("eventSource", ""), records[0].get("eventSourceARN", "")
    if kind == QUEUE:
        sent = (one["attributes"]["SentTimestamp"] for one in records)
        given = tuple(delivery(one["messageId"], one["body"], at) for one, at in zip(records, sent, strict=True))
        handles = {one["messageId"]: one["receiptHandle"] for one in records}
    elif kind == STREAM:
        given, handles = tuple(map(_of_stream, records)), {}
    else:
        raise InvalidInput(f"a batch from {kind or 'nowhere'} is neither a queue's nor a stream's")
    return Batch(kind, _is_source(kind, arn, settings), given, handles)


def _of_stream(record: Mapping[str, Any]) -> Delivery:
    change = record["dynamodb"]
    at = float(change.get("ApproximateCreationDateTime", 0.0))
    return Delivery(change["SequenceNumber"], records=(change["Keys"],), at=at)


def _is_source(kind: str, arn: str, settings: Settings) -> bool:
    # arn:aws:sqs:region:account:queue and arn:aws:dynamodb:region:account:table/name/stream/label
    _, _, _, region, _, name = arn.split(":", 5) if arn.count(":") >= 5 else [""] * 6
    held = name if kind == QUEUE else name.split("/")[1] if "/" in name else ""
    for is_source, side in ((True, settings.source), (False, settings.target)):
        if (region, held) == (side.region, side.queue if kind == QUEUE else side.table):
            return is_source
    raise InvalidInput(f"{arn} is neither the source's nor the target's", hint="see the event source mappings")
