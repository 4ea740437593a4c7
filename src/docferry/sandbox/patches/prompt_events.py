"""Event notifications to queues.

S3 delivers every notification at least once
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html). ministack starts a thread for each
and acknowledges the write: a stop in between loses the event, and the threads append to the queue while requests
to it are answered.
"""

from typing import Any

from ministack.services import s3

from docferry.sandbox.patches import seam

_SHARED = ("bucket_name", "key", "event_name", "size", "etag", "deletion_type")
_ELSEWHERE = ("TopicConfiguration", "FunctionConfiguration", "EventBridgeConfiguration")


def apply() -> None:
    """Put events on the queue before the write is acknowledged; those that can run something keep their thread."""
    in_thread = seam.function(s3, "_fire_s3_event_async", *_SHARED, "version_id", "object_extra", "record_extra")
    fire = seam.function(
        s3, "_fire_s3_event", *_SHARED, "restore_event_data", "version_id", "sequencer", "object_extra",
        "record_extra",
    )  # fmt: skip
    seam.function(s3, "_next_event_sequencer", "event_name")
    seam.values(s3, "_bucket_notifications")

    def fired(bucket_name: str, key: str, event_name: str, *more: Any, **named: Any) -> None:
        configured = s3._bucket_notifications.get(bucket_name, "")
        if any(kind in configured for kind in _ELSEWHERE):
            in_thread(bucket_name, key, event_name, *more, **named)
        elif configured:
            sequencer = s3._next_event_sequencer(event_name)
            fire(bucket_name, key, event_name, *more, sequencer=sequencer, **named)

    s3._fire_s3_event_async = fired
