"""validation: compares a range of documents or a segment of records, and sums up what all parts have found."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from docferry.domain.errors import InvalidInput
from docferry.handlers.invocation import Answer, Invocation, answer
from docferry.handlers.publishing import publish
from docferry.handlers.telemetry import logger, metrics
from docferry.migration import Migration
from docferry.workers.validation import Validated, begin_validation, sum_up, validate_range, validate_segment
from docferry.workers.working import in_force


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Answer one step. Raises docferry's errors."""
    step = event.get("step", "")
    if not isinstance(step, str) or step not in STEPS:
        raise InvalidInput(f"{step!r} is no step of validation, which are {', '.join(STEPS)}")
    return answer(event, context, STEPS[step])


async def _migration(call: Invocation) -> Migration:
    # Under no lease: nothing is written but what the ledger and the gates hold.
    return await in_force(await call.directions("validation"))


async def begin(call: Invocation) -> Answer:
    """Begin a validation of everything; `ranges` and `segments` are the numbers of its parts."""
    begun = await begin_validation(await _migration(call))
    return {"ranges": list(range(begun["ranges"])), "segments": list(range(begun["segments"]))}


async def documents(call: Invocation) -> Answer:
    """Compare the documents of one range."""
    return _said(await validate_range(await _migration(call), call.number("range"), call.seconds))


async def records(call: Invocation) -> Answer:
    """Compare the records of one segment."""
    return _said(await validate_segment(await _migration(call), call.number("segment"), call.seconds))


def _said(validated: Validated) -> Answer:
    return {"done": validated.done, "differences": validated.differences}


async def summary(call: Invocation) -> Answer:
    """Sum up: from then on it counts as the last validation."""
    total = await sum_up(await _migration(call))
    counts = {name: total[name] for name in ("differences", "documents", "records", "undecided")}
    metrics.add_metric("ValidationDifferences", MetricUnit.Count, counts["differences"])
    await publish(call.connection, "Validation Finished", counts)
    return counts


STEPS = {"begin": begin, "documents": documents, "records": records, "summary": summary}
