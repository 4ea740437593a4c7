"""Event notifications of tags.

AWS sends `s3:ObjectTagging:Put` and `s3:ObjectTagging:Delete`, without a sequencer, which only creations and
removals have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html); to
EventBridge as "Object Tags Added" and "Object Tags Deleted". ministack takes the configuration but sends none.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Send them after every change of tags that succeeded, naming the version that was tagged."""
    put = seam.function(s3, "_put_object_tagging", "bucket_name", "key", "body", "query_params")
    delete = seam.function(s3, "_delete_object_tagging", "bucket_name", "key", "query_params")
    seam.values(s3, "_fire_s3_event_async", "_buckets", "_object_versions", "_S3_EVENTBRIDGE_EVENT_DETAIL_TYPE")
    s3._put_object_tagging = _announced(put, "s3:ObjectTagging:Put")
    s3._delete_object_tagging = _announced(delete, "s3:ObjectTagging:Delete")
    s3._S3_EVENTBRIDGE_EVENT_DETAIL_TYPE.update(
        {"ObjectTagging:Put": "Object Tags Added", "ObjectTagging:Delete": "Object Tags Deleted"}
    )


def _announced(change: Callable[..., seam.Answer], event: str) -> Callable[..., seam.Answer]:
    def changed(bucket_name: str, key: str, *rest: Any) -> seam.Answer:
        answer = change(bucket_name, key, *rest)
        if answer[0] < 300:
            version = answer[1].get("x-amz-version-id")
            held = _tagged(bucket_name, key, version)
            s3._fire_s3_event_async(
                bucket_name, key, event, size=held["size"], etag=held["etag"], version_id=version
            )
        return answer

    return changed


def _tagged(bucket_name: str, key: str, version: str | None) -> dict[str, Any]:
    versions = s3._object_versions.get((bucket_name, key), ())
    latest: dict[str, Any] = s3._buckets[bucket_name]["objects"][key]
    return next((one for one in versions if one["version_id"] == version), latest)
