"""data_sync: batches of changes from queues and streams, steps of the state machine, and the scheduled runner."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from docferry.domain.errors import InvalidInput
from docferry.handlers.batches import QUEUE
from docferry.handlers.carrying import carry
from docferry.handlers.following import follow
from docferry.handlers.invocation import Answer, Invocation, answer
from docferry.handlers.steps import STEPS
from docferry.handlers.telemetry import logger, metrics, of_backfill


class StaysOnFeed(Exception):
    """A change that was not carried: its message or its stream record is delivered again."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Answer a queue's or a stream's batch, or one step. Raises docferry's errors; a batch tells what failed."""
    if event.get("Records"):
        return _batch(event, context)
    step = event.get("step", "")
    if step == "follow":
        return answer(event, context, follow)
    if not isinstance(step, str) or step not in STEPS:
        raise InvalidInput(f"{step!r} is no step of data_sync, which are follow, {', '.join(STEPS)}")
    return answer(event, context, _step)


async def _step(call: Invocation) -> Answer:
    answered = await STEPS[call.event["step"]](call)
    of_backfill(call.progress)
    return answered


def _batch(event: dict[str, Any], context: LambdaContext) -> Answer:
    left = set(answer(event, context, carry)["left"])

    def refuse_left(record: SQSRecord | DynamoDBRecord) -> None:
        receipt = record.message_id if isinstance(record, SQSRecord) else _sequence(record)
        if receipt in left:
            raise StaysOnFeed(receipt)

    kind = EventType.SQS if event["Records"][0]["eventSource"] == QUEUE else EventType.DynamoDBStreams
    processor = BatchProcessor(kind, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, refuse_left, processor, context))


def _sequence(record: DynamoDBRecord) -> str:
    return str(record.dynamodb.sequence_number) if record.dynamodb else ""
