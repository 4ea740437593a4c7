"""Permissions on streams are about the stream that is asked for.

AWS checks DescribeStream, GetShardIterator and GetRecords against the stream's ARN
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html). ministack finds none
in these requests and checks them against `*`, which no policy on a stream allows.
"""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb_streams

from docferry.sandbox.patches import seam

_SERVICE = "dynamodbstreams"


def apply() -> None:
    """Name the stream, which an iterator carries in itself."""
    extract = seam.function(
        iam_actions,
        "extract_resource_arn",
        "service",
        "method",
        "path",
        "headers",
        "body",
        "query_params",
        "region",
        "account_id",
    )
    decode = seam.function(dynamodb_streams, "_decode_iterator", "token")

    def extract_stream(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        if service == _SERVICE and (asked := _object(body)):
            iterator = asked.get("ShardIterator")
            stream = (decode(iterator) or {}).get("arn") if isinstance(iterator, str) else asked.get("StreamArn")
            if isinstance(stream, str) and stream:
                return stream
        found: str = extract(service, method, path, headers, body, *rest)
        return found

    iam_actions.extract_resource_arn = extract_stream


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
