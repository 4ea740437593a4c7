"""What a function fails at is kept somewhere."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Template, Value
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._lambda import FUNCTION, MAPPING, QUEUE, function_of, resource_of, text_of

PERMISSION = "aws_lambda_permission"
INVOKE_CONFIG = "aws_lambda_function_event_invoke_config"
REDRIVE = "aws_sqs_queue_redrive_policy"
SUBSCRIPTION = "aws_sns_topic_subscription"
PRINCIPALS = {"s3.amazonaws.com": "S3", "sns.amazonaws.com": "SNS", "events.amazonaws.com": "EventBridge"}
_FAILURES = re.compile(r"dlq|dead_?letter|redrive|failure", re.IGNORECASE)
_OTHER_SOURCES = ("self_managed_event_source", "document_db_event_source_config")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for functions, streams and queues whose failures are lost."""
    if not module.complete:
        return
    yield from _functions(module)
    for mapping in module.resources(MAPPING):
        is_one = _is_of_a_stream(mapping)
        if is_one is False or mapping.blocks("destination_config", "on_failure"):
            continue
        if is_one is None:
            yield RULE.undecided(at=mapping, what_is_unknown="whether it reads a stream")
        else:
            yield _finding(
                mapping,
                "what the function fails at is read from the stream until it is too old, and then lost",
                "Add `destination_config` with `on_failure`, and limit `maximum_retry_attempts`.",
            )
    yield from _queues(module)


def _finding(at: Block, message: str, fix: str) -> Finding:
    return RULE.finding(at=at, message=message, fix=fix)


def _functions(module: Module) -> Iterator[Outcome]:
    configured = [one for one in module.resources(INVOKE_CONFIG) if one.blocks("destination_config", "on_failure")]
    kept = [function_of(one.value("function_name"), module) for one in configured]
    by = {function.address: what for function, what in _called(module)}
    for function in module.resources(FUNCTION):
        if function.address not in by or function.blocks("dead_letter_config") or function in kept:
            continue
        if None in kept:
            yield RULE.undecided(
                at=function, what_is_unknown="which function an event invoke configuration is for"
            )
            continue
        yield _finding(
            function,
            f"{by[function.address]} calls it and does not wait: what it fails at three times is kept nowhere",
            f"Add a `dead_letter_config`, or an `{INVOKE_CONFIG}` with `on_failure`.",
        )


def _called(module: Module) -> Iterator[tuple[Block, str]]:
    """Give the functions that something calls without waiting for an answer, and what does."""
    for permission in module.resources(PERMISSION):
        principal = permission.value("principal")
        if isinstance(principal, str) and principal in PRINCIPALS:
            yield from _if_known(permission.value("function_name"), PRINCIPALS[principal], module)
    for notification in module.resources("aws_s3_bucket_notification"):
        for block in notification.blocks("lambda_function"):
            yield from _if_known(block.value("lambda_function_arn"), "S3", module)
    for subscription in module.resources(SUBSCRIPTION):
        if subscription.value("protocol") == "lambda":
            yield from _if_known(subscription.value("endpoint"), "SNS", module)
    for target in module.resources("aws_cloudwatch_event_target"):
        yield from _if_known(target.value("arn"), "EventBridge", module)
    for schedule in module.resources("aws_scheduler_schedule"):
        for block in schedule.blocks("target"):
            yield from _if_known(block.value("arn"), "EventBridge Scheduler", module)


def _if_known(value: Value, what: str, module: Module) -> Iterator[tuple[Block, str]]:
    function = function_of(value, module)
    if function is not None:
        yield function, what


def _is_of_a_stream(mapping: Block) -> bool | None:
    other = "topics" in mapping.attributes or any(mapping.blocks(one) for one in _OTHER_SOURCES)
    position = mapping.value("starting_position")
    if position is None or other:
        return False
    return True if isinstance(position, str) else None


def _queues(module: Module) -> Iterator[Outcome]:
    read = [resource_of(one.value("event_source_arn"), module, QUEUE) for one in module.resources(MAPPING)]
    apart = [resource_of(one.value("queue_url"), module, QUEUE) for one in module.resources(REDRIVE)]
    last = _last_stops(module)
    for queue in dict.fromkeys(one for one in read if one is not None):
        if queue.value("redrive_policy") is not None or queue in apart or _is_one_of(last, queue):
            continue
        if None in apart:
            yield RULE.undecided(at=queue, what_is_unknown=f"which queue an {REDRIVE} is for")
            continue
        yield _finding(
            queue,
            "a message that the function fails at comes back until it is too old, and then is lost",
            "Add a `redrive_policy` with a queue that keeps such messages.",
        )


def _last_stops(module: Module) -> set[str]:
    """Return what takes the failures of something else, by address or ARN: such a queue needs none behind it."""
    found: set[str] = set()
    for block in (inner for one in module.resources() for inner in one.walk()):
        for name, attribute in block.attributes.items():
            if name == "redrive_policy" or block.type in ("dead_letter_config", "on_failure"):
                found.update(_leaves(attribute.value))
    for attribute in (inner for one in module.of("module") for inner in one.attributes.values()):
        if _FAILURES.search(f"{attribute.name} {attribute.expression.text}"):
            held = (module.resolve(one) for one in attribute.references)
            found.update(one.address for one in held if one is not None)
    return found


def _is_one_of(last: set[str], queue: Block) -> bool:
    name = queue.value("name")
    by_name = re.compile(rf":{re.escape(name)}(?![\w.-])") if isinstance(name, str) else None
    return queue.address in last or (by_name is not None and any(by_name.search(one) for one in last))


def _leaves(value: Value) -> Iterator[str]:
    """Give the addresses and the texts in a value."""
    if isinstance(value, Reference):
        yield value.address
    elif isinstance(value, Template):
        yield from (one.address for one in value.parts if isinstance(one, Reference))
        yield text_of(value)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)


RULE = Rule(
    id="lambda-failure-destination",
    title="Failures of a function that are kept nowhere",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="Lambda tries again for a while and then throws the event away. Nobody can tell later what was not done.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    check=check,
)
