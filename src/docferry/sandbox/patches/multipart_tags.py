"""`x-amz-tagging` on CreateMultipartUpload.

AWS gives these tags to the object that the upload becomes
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html). ministack drops them.
"""

from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from ministack.services import s3

from docferry.sandbox.patches import seam

_TAGS = "docferry_tags"


def apply() -> None:
    """Keep the tags with the upload, and give them to the version that completes it."""
    create = seam.function(s3, "_create_multipart_upload", "bucket_name", "key", "headers")
    complete = seam.function(
        s3, "_complete_multipart_upload", "bucket_name", "key", "body", "query_params", "headers"
    )
    seam.function(s3, "_persist_version_state", "bucket_name", "key", "bucket")
    seam.values(s3, "_multipart_uploads", "_object_tags", "_buckets", "_qp", "_error", "S3_NS")

    def created(bucket_name: str, key: str, headers: dict[str, str]) -> seam.Answer:
        tags = dict(parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True))
        if len(tags) > 10:
            refused: seam.Answer = s3._error("BadRequest", "Object tags cannot be greater than 10", 400)
            return refused
        answer: seam.Answer = create(bucket_name, key, headers)
        if tags and answer[0] == 200:
            upload = ET.fromstring(answer[2]).findtext(f"{{{s3.S3_NS}}}UploadId")
            s3._multipart_uploads[upload][_TAGS] = tags
        return answer

    def completed(
        bucket_name: str,
        key: str,
        body: bytes,
        query_params: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> seam.Answer:
        upload = s3._multipart_uploads.get(s3._qp(query_params, "uploadId")) or {}
        answer: seam.Answer = complete(bucket_name, key, body, query_params, headers)
        if answer[0] == 200 and _TAGS in upload:
            bucket = s3._buckets[bucket_name]
            s3._object_tags[(bucket_name, key, bucket["objects"][key].get("version_id"))] = upload[_TAGS]
            s3._persist_version_state(bucket_name, key, bucket)
        return answer

    s3._create_multipart_upload = created
    s3._complete_multipart_upload = completed
