"""A change: one event of a change feed. It says only "look at this key", never what the state is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus

from docferry.domain.errors import InvalidInput


class Kind(Enum):
    """What a key belongs to."""

    DOCUMENT = "document"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """Something happened to a document. `version` is the one that was created, empty for everything else.

    An event of a removal or of tags names a version too, but one that was there before: it says nothing about who
    did it.
    """

    key: str
    version: str = ""


def document_changes(message: Mapping[str, Any]) -> tuple[DocumentChange, ...]:
    """Read the changes out of an S3 notification, either straight from S3 or through EventBridge.

    S3 quotes the key as in a URL when it notifies a queue itself, and leaves it raw in EventBridge
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html). The
    `s3:TestEvent` that S3 sends when a notification is set up carries no change. Raises InvalidInput for
    anything else, so that a message nobody understands stays on the queue.
    """
    if message.get("Event") == "s3:TestEvent":
        return ()
    try:
        if "Records" in message:
            return tuple(_from_s3(one) for one in message["Records"])
        if message.get("source") == "aws.s3":
            return (_from_eventbridge(message),)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"an S3 event lacks {error}; it stays on the queue") from error
    raise InvalidInput("a message on the change queue is no S3 event; it stays on the queue")


def _from_s3(record: Mapping[str, Any]) -> DocumentChange:
    held = record["s3"]["object"]
    created = "ObjectCreated" in record["eventName"]
    return _change(unquote_plus(held["key"]), held.get("versionId", "") if created else "")


def _from_eventbridge(message: Mapping[str, Any]) -> DocumentChange:
    held = message["detail"]["object"]
    created = message["detail-type"] == "Object Created"
    return _change(held["key"], held.get("version-id", "") if created else "")


def _change(key: object, version: object) -> DocumentChange:
    if not isinstance(key, str) or not key or not isinstance(version, str):
        raise InvalidInput("an S3 event names no key, or a version that is none; it stays on the queue")
    return DocumentChange(key, version)
