"""CopyObject with If-Match and If-None-Match on the target.

AWS judges them since late 2025, with the answers PutObject gives: 412 where the target is another one, 404 for
If-Match where there is none (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). ministack copies regardless.
"""

from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Judge the conditions first: handlers run one at a time on the event loop, so nothing comes in between."""
    copy = seam.function(s3, "_copy_object", "bucket_name", "dest_key", "headers")
    judge = seam.function(s3, "_check_put_preconditions", "headers", "existing_obj")
    seam.function(s3, "_ensure_bucket", "name")

    def copied(bucket_name: str, dest_key: str, headers: dict[str, str]) -> seam.Answer:
        bucket = s3._ensure_bucket(bucket_name)
        refused = None if bucket is None else judge(headers, bucket["objects"].get(dest_key))
        answer: seam.Answer = refused or copy(bucket_name, dest_key, headers)
        return answer

    s3._copy_object = copied
