"""Copies from a bucket of another account.

AWS copies whatever the caller may read (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html).
ministack asks whether he may, and then looks for the source among his own account's buckets.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import get_account_id
from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Lend the source to the caller's account for as long as it is copied: handlers run one at a time."""
    copy = seam.function(s3, "_copy_object", "bucket_name", "dest_key", "headers")
    part = seam.function(s3, "_upload_part_copy", "bucket_name", "dest_key", "query_params", "headers")
    seam.function(s3, "_bucket_owner_account", "name")
    seam.values(s3, "_buckets", "_object_versions", "_object_tags")
    s3._copy_object = _lending(copy)
    s3._upload_part_copy = _lending(part)


def _lending(copy: Callable[..., seam.Answer]) -> Callable[..., seam.Answer]:
    def copied(*asked: Any) -> seam.Answer:
        # The headers come last, which the seam has seen.
        with _lent(asked[-1]):
            return copy(*asked)

    return copied


@contextmanager
def _lent(headers: Mapping[str, str]) -> Iterator[None]:
    path = unquote(headers.get("x-amz-copy-source", "").partition("?")[0])
    bucket, _, key = path.lstrip("/").partition("/")
    owner = s3._bucket_owner_account(bucket)
    lent = [] if owner in (None, get_account_id()) else list(_held(owner, bucket, key))
    for store, name, value in lent:
        store[name] = value
    try:
        yield
    finally:
        for store, name, _ in lent:
            del store[name]


def _held(owner: str, bucket: str, key: str) -> Iterator[tuple[Any, Any, Any]]:
    """Yield what the source's account holds of the source: where, under which name, and the thing itself."""
    versions = s3._object_versions.get_scoped(owner, None, (bucket, key)) or []
    of_tags = [(bucket, key, version) for version in (None, *(one["version_id"] for one in versions))]
    names = [
        (s3._buckets, bucket),
        (s3._object_versions, (bucket, key)),
        *((s3._object_tags, one) for one in of_tags),
    ]
    for store, name in names:
        value = store.get_scoped(owner, None, name)
        if value is not None:
            yield store, name, value
