"""What calls a function when something is written, and where that is."""

from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.json_text import decoded
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Template, Value
from docferry.preflight.rules._lambda import MAPPING, QUEUE, function_of, resource_of

BUCKET = "aws_s3_bucket"
TOPIC = "aws_sns_topic"
SUBSCRIPTION = "aws_sns_topic_subscription"
EVENT_RULE = "aws_cloudwatch_event_rule"
CREATED: list[Value] = ["Object Created"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A bucket, topic or queue that calls a function. `at` is what connects them.

    `prefix` and `suffix` are of the keys of objects that it is called for, None where they cannot be told.
    `filtered` says that something else decides what it is called for.
    """

    at: Block
    source: Block
    function: Block
    prefix: str | None = ""
    suffix: str | None = ""
    filtered: bool = False


def triggers(module: Module) -> Iterator[Trigger]:
    """Give what calls functions: buckets, directly or through topics, queues and EventBridge; topics; queues."""
    for notification in module.resources("aws_s3_bucket_notification"):
        bucket = resource_of(notification.value("bucket"), module, BUCKET)
        if bucket is not None:
            yield from _of_bucket(notification, bucket, module)
    for topic in module.resources(TOPIC):
        for function, filtered, at in _behind_topic(topic, module):
            yield Trigger(at, topic, function, filtered=filtered)
    for queue in module.resources(QUEUE):
        for function, filtered, at in _behind_queue(queue, module):
            yield Trigger(at, queue, function, filtered=filtered)


def _of_bucket(notification: Block, bucket: Block, module: Module) -> Iterator[Trigger]:
    targets = {"lambda_function": "lambda_function_arn", "queue": "queue_arn", "topic": "topic_arn"}
    for kind, argument in targets.items():
        for block in notification.blocks(kind):
            if not _of_new_objects(block.value("events")):
                continue
            prefix, suffix = _text(block.value("filter_prefix")), _text(block.value("filter_suffix"))
            for function, filtered in _behind(block.value(argument), module):
                yield Trigger(block, bucket, function, prefix, suffix, filtered)
    if notification.value("eventbridge") is True:
        yield from _of_event_bus(bucket, module)


def _of_new_objects(events: Value) -> bool:
    return isinstance(events, list) and any(
        isinstance(one, str) and one.startswith("s3:ObjectCreated:") for one in events
    )


def _text(value: Value) -> str | None:
    return "" if value is None else value if isinstance(value, str) else None


def _behind(value: Value, module: Module) -> Iterator[tuple[Block, bool]]:
    """Give the functions that get what is sent to an ARN, and whether only some of it."""
    function = function_of(value, module)
    target = resource_of(value, module, QUEUE, TOPIC)
    if function is not None:
        yield function, False
    elif target is not None:
        found = _behind_queue(target, module) if target.labels[0] == QUEUE else _behind_topic(target, module)
        yield from ((one, filtered) for one, filtered, _ in found)


def _behind_queue(queue: Block, module: Module) -> Iterator[tuple[Block, bool, Block]]:
    for mapping in module.resources(MAPPING):
        if mapping.value("enabled") is False:
            continue
        function = function_of(mapping.value("function_name"), module)
        if function is not None and resource_of(mapping.value("event_source_arn"), module, QUEUE) is queue:
            yield function, bool(mapping.blocks("filter_criteria")), mapping


def _behind_topic(topic: Block, module: Module) -> Iterator[tuple[Block, bool, Block]]:
    for subscription in module.resources(SUBSCRIPTION):
        if resource_of(subscription.value("topic_arn"), module, TOPIC) is not topic:
            continue
        some = "filter_policy" in subscription.attributes
        if subscription.value("protocol") == "lambda":
            function = function_of(subscription.value("endpoint"), module)
            if function is not None:
                yield function, some, subscription
        queue = resource_of(subscription.value("endpoint"), module, QUEUE)
        for function, filtered, _ in _behind_queue(queue, module) if queue else ():
            yield function, some or filtered, subscription


def _of_event_bus(bucket: Block, module: Module) -> Iterator[Trigger]:
    for rule in module.resources(EVENT_RULE):
        written = rule.value("event_pattern")
        pattern = decoded(written) if isinstance(written, str | Template) else written
        detail = pattern.get("detail", {}) if isinstance(pattern, dict) else None
        if not isinstance(pattern, dict) or not isinstance(detail, dict):
            continue
        if not _is_about_new_objects(pattern) or not _is_of(bucket, detail.get("bucket"), module):
            continue
        for target in module.resources("aws_cloudwatch_event_target"):
            if resource_of(target.value("rule"), module, EVENT_RULE) is rule:
                for function, filtered in _behind(target.value("arn"), module):
                    yield Trigger(target, bucket, function, _prefix_in(detail.get("object")), "", filtered)


def _is_about_new_objects(pattern: dict[str, Value]) -> bool:
    return pattern.get("source") == ["aws.s3"] and pattern.get("detail-type", CREATED) == CREATED


def _prefix_in(object_of_event: Value) -> str | None:
    if object_of_event is None:
        return ""
    keys = object_of_event.get("key") if isinstance(object_of_event, dict) else None
    only = keys[0] if isinstance(keys, list) and len(keys) == 1 else None
    prefix = only.get("prefix") if isinstance(only, dict) else None
    return prefix if isinstance(prefix, str) else None


def _is_of(bucket: Block, bucket_of_event: Value, module: Module) -> bool:
    names = bucket_of_event.get("name") if isinstance(bucket_of_event, dict) else None
    return isinstance(names, list) and any(_is_bucket(one, bucket, module) for one in names)


def _is_bucket(name: Value, bucket: Block, module: Module) -> bool:
    return resource_of(name, module, BUCKET) is bucket or (
        isinstance(name, str) and name == bucket.value("bucket")
    )
