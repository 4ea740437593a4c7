"""A queue hides a message for at least as long as the function that reads it may take."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._lambda import MAPPING, QUEUE, function_of, resource_of, whole

ARGUMENT = "visibility_timeout_seconds"
LONGEST_S = 12 * 3600
# What AWS takes where nothing is written.
QUEUE_DEFAULT_S = 30
FUNCTION_DEFAULT_S = 3
ADVISED = 6
"""AWS advises a visibility timeout of six times the function's timeout, so that it can try again if throttled."""


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for mappings of a queue to a function with a longer timeout."""
    for mapping in module.resources(MAPPING):
        queue = resource_of(mapping.value("event_source_arn"), module, QUEUE)
        function = function_of(mapping.value("function_name"), module)
        if queue is None or function is None:
            continue
        hidden, timeout = (
            _seconds(queue, ARGUMENT, QUEUE_DEFAULT_S),
            _seconds(function, "timeout", FUNCTION_DEFAULT_S),
        )
        if hidden is None or timeout is None:
            yield RULE.undecided(
                at=mapping, what_is_unknown=f"the timeouts of {queue.address} and {function.address}"
            )
        elif hidden < timeout:
            advised = min(timeout * ADVISED, LONGEST_S)
            where: Placed = queue.attribute(ARGUMENT) or queue
            yield RULE.finding(
                at=where,
                message=f"messages are hidden for {hidden} s, but {function.address} may take {timeout} s",
                fix=f"Set `{ARGUMENT}` to at least {timeout}; AWS advises six times that: {advised}.",
                edits=_edits(queue, advised),
                certain=not (_assumed(queue, ARGUMENT) or _assumed(function, "timeout")),
            )


def _seconds(block: Block, name: str, default: int) -> int | None:
    value = block.value(name)
    return default if value is None else whole(value)


def _assumed(block: Block, name: str) -> bool:
    attribute = block.attribute(name)
    return attribute is not None and attribute.expression.assumed


def _edits(queue: Block, seconds: int) -> tuple[Edit, ...]:
    written = queue.attribute(ARGUMENT)
    if written is not None:
        return (written.expression.replaced(str(seconds)),) if written.expression.text.isdecimal() else ()
    return () if queue.in_json else (queue.inserted(f"{ARGUMENT} = {seconds}"),)


RULE = Rule(
    id="lambda-visibility-timeout",
    title="Queue that hides messages for less time than its function may take",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why='Lambda refuses the event source mapping: "Queue visibility timeout: 30 seconds is less than Function '
    'timeout: 60 seconds". Neither `terraform validate` nor `terraform plan` compares them.',
    reference="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    check=check,
)
