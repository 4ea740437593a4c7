"""Permissions on streams, of tables and of logs, are about the stream that is asked for.

AWS checks DescribeStream, GetShardIterator and GetRecords against the ARN of the table's stream
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html); ministack finds none
in these requests and checks them against `*`, which no policy on a stream allows. AWS checks requests on a log
stream against an ARN that goes on behind the group's name, which policies have as `:*`
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html); ministack leaves
that out, so that such policies allow nothing.
"""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb_streams

from docferry.sandbox.patches import seam

_ASKED = ("service", "method", "path", "headers", "body", "query_params", "region", "account_id")


def apply() -> None:
    """Name the stream, which an iterator carries in itself."""
    extract = seam.function(iam_actions, "extract_resource_arn", *_ASKED)
    seam.function(dynamodb_streams, "_decode_iterator", "token")

    def extract_stream(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        found: str = extract(service, method, path, headers, body, *rest)
        if service == "dynamodbstreams":
            return _of_table(_object(body)) or found
        if service == "logs" and (name := _object(body).get("logStreamName")):
            return f"{found}:log-stream:{name}"
        return found

    iam_actions.extract_resource_arn = extract_stream


def _of_table(asked: dict[str, Any]) -> str:
    iterator = asked.get("ShardIterator")
    if isinstance(iterator, str):
        return str((dynamodb_streams._decode_iterator(iterator) or {}).get("arn", ""))
    return str(asked.get("StreamArn", ""))


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
