"""Overwriting an object that has no version.

On AWS tags belong to the object that is replaced, so they go with it. ministack keeps them under the key where the
bucket is unversioned or suspended, and shows them on the object that comes after.
"""

from typing import Any

from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Drop the tags where every kind of write passes, before it sets its own."""
    record = seam.function(s3, "_record_object_version", "bucket_name", "key", "prior_obj", "obj", "data")
    seam.values(s3, "_object_tags")

    def recorded(bucket_name: str, key: str, prior_obj: Any, obj: dict[str, Any], data: Any) -> str | None:
        version: str | None = record(bucket_name, key, prior_obj, obj, data)
        if not obj.get("version_id"):
            s3._object_tags.pop((bucket_name, key, None), None)
        return version

    s3._record_object_version = recorded
