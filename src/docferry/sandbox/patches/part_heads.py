"""HEAD with partNumber.

AWS answers 206 with the length of that part and how many there are
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html). ministack does so for GET only and answers
HEAD with the whole length.
"""

from typing import Any

from ministack.services import s3

from docferry.sandbox.patches import seam


def apply() -> None:
    """Answer such a HEAD with what GET says, without the body."""
    head = seam.function(s3, "_head_object", "bucket_name", "key", "headers", "query_params")
    get = seam.function(s3, "_get_object", "bucket_name", "key", "headers", "query_params")

    def headed(bucket_name: str, key: str, headers: dict[str, str], query_params: dict[str, Any]) -> seam.Answer:
        if "partNumber" not in query_params:
            answer: seam.Answer = head(bucket_name, key, headers, query_params)
            return answer
        status, shown, _ = get(bucket_name, key, headers, query_params)
        return status, shown, b""

    s3._head_object = headed
