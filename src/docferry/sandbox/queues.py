"""The change queue of one side, and its dead-letter queue."""

import json
from collections.abc import Iterator
from typing import Any

from docferry.sandbox.store import Store, asked
from docferry.settings import Side

MAX_RECEIVES = 20
_ABSENT = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
_KEPT = {"MessageRetentionPeriod": str(14 * 24 * 3600)}


def queues(sqs: Any, side: Side) -> Iterator[Store]:
    """Give the dead-letter queue and the queue that sends to it."""
    dead = f"{side.queue}-dead"

    def create() -> None:
        redrive = {"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": str(MAX_RECEIVES)}
        attributes = {**_KEPT, "VisibilityTimeout": "30", "RedrivePolicy": json.dumps(redrive)}
        sqs.create_queue(QueueName=side.queue, Attributes=attributes)

    yield _queue(sqs, dead, lambda: sqs.create_queue(QueueName=dead, Attributes=_KEPT))
    yield _queue(sqs, side.queue, create)


def _queue(sqs: Any, name: str, create: Any) -> Store:
    return Store(f"queue {name}", lambda: bool(asked(sqs.get_queue_url, *_ABSENT, QueueName=name)), create)


def url_of(sqs: Any, name: str) -> str:
    """Return the URL of a queue."""
    url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url


def arn_of(sqs: Any, name: str) -> str:
    """Return the ARN of a queue."""
    answer = sqs.get_queue_attributes(QueueUrl=url_of(sqs, name), AttributeNames=["QueueArn"])
    arn: str = answer["Attributes"]["QueueArn"]
    return arn
