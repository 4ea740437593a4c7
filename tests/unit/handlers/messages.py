"""What queues and streams hand to a function."""

from typing import Any

import orjson

from docferry.domain.record import Item

SOURCE_QUEUE = "arn:aws:sqs:us-east-1:000000000000:source-queue"
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/source-table/stream/2026-01-01T00:00:00.000"


def message(number: int, body: Any, queue: str = SOURCE_QUEUE) -> dict[str, Any]:
    text = body if isinstance(body, str) else orjson.dumps(body).decode()
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"h{number}",
        "body": text,
        "attributes": {"SentTimestamp": "1000000"},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
    }


def created(key: str, version: str = "v") -> dict[str, Any]:
    held = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key, "versionId": version}}}
    return {"Records": [held]}


def streamed(number: int, key: Item, arn: str = STREAM) -> dict[str, Any]:
    change = {"Keys": key, "SequenceNumber": f"{number}", "ApproximateCreationDateTime": 999.0}
    return {"eventID": str(number), "eventSource": "aws:dynamodb", "eventSourceARN": arn, "dynamodb": change}


def failures(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]
