"""Probes: for each action a cheap request that needs it.

A probe asks for what is not there, or on a condition that never holds, so that nothing changes, or it puts back
what it took: what it ends with does not matter, only whether it was denied.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from tests.integration.sandbox.reached import client

ABSENT = "no-such-document"
NO_ETAG = '"00000000000000000000000000000000"'
NEVER = "attribute_exists(no_such_attribute)"
_CONFIG = Config(
    proxies={},
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    # What the service itself would refuse is asked for on purpose.
    parameter_validation=False,
)


@dataclass(frozen=True)
class Caller:
    """Somebody with keys, on an embedded AWS."""

    url: str
    keys: Mapping[str, str]
    _made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        if (service, region) not in self._made:
            self._made[service, region] = boto3.client(
                service,
                region_name=region or "us-east-1",
                endpoint_url=self.url,
                aws_access_key_id=self.keys["AccessKeyId"],
                aws_secret_access_key=self.keys["SecretAccessKey"],
                aws_session_token=self.keys["SessionToken"],
                config=_CONFIG,
            )
        return self._made[service, region]


@dataclass(frozen=True)
class Arn:
    """A resource as a policy names it; wildcards at its end are filled in by what is asked for."""

    text: str

    @cached_property
    def region(self) -> str:
        return self.text.split(":")[3] if self.text != "*" else "eu-west-1"

    @cached_property
    def name(self) -> str:
        """The last part without its kind: bucket, table, queue, bus, function."""
        resource = self.text.split(":", 5)[5]
        return re.split(r"[:/]", resource)[
            1 if re.match(r"(table|event-bus|function|log-group)[:/]", resource) else 0
        ]


Probe = Callable[[Caller, Arn], Any]


def _s3(operation: str, **fields: Any) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        return getattr(caller.client("s3", ""), operation)(Bucket=arn.name, **fields)

    return probe


def _table(operation: str, *, keyed: bool = False, **fields: Any) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        key = {"Key": _key(caller, arn)} if keyed else {}
        return getattr(caller.client("dynamodb", arn.region), operation)(TableName=arn.name, **key, **fields)

    return probe


def _key(caller: Caller, arn: Arn) -> dict[str, Any]:
    held = client(caller.url, "dynamodb", arn.region).describe_table(TableName=arn.name)["Table"]["KeySchema"]
    return {one["AttributeName"]: {"S": ABSENT} for one in held}


def _put_item(caller: Caller, arn: Arn) -> Any:
    return caller.client("dynamodb", arn.region).put_item(
        TableName=arn.name, Item=_key(caller, arn), ConditionExpression=NEVER
    )


def _query(caller: Caller, arn: Arn) -> Any:
    name = next(iter(_key(caller, arn)))
    return caller.client("dynamodb", arn.region).query(
        TableName=arn.name,
        KeyConditionExpression="#k = :k",
        ExpressionAttributeNames={"#k": name},
        ExpressionAttributeValues={":k": {"S": ABSENT}},
    )


def _batch(operation: str, request: Callable[[dict[str, Any]], Any]) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        asked = {arn.name: request(_key(caller, arn))}
        return getattr(caller.client("dynamodb", arn.region), operation)(RequestItems=asked)

    return probe


def _stream_of(caller: Caller, arn: Arn) -> str:
    found = client(caller.url, "dynamodb", arn.region).describe_table(TableName=arn.name)["Table"]
    return str(found["LatestStreamArn"])


def _stream(operation: str) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        asking, root = (one("dynamodbstreams") for one in (_at(caller, arn), _root(caller, arn)))
        stream = _stream_of(caller, arn)
        if operation == "describe_stream":
            return asking.describe_stream(StreamArn=stream)
        shard = root.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        place = {"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "LATEST"}
        if operation == "get_shard_iterator":
            return asking.get_shard_iterator(**place)
        return asking.get_records(ShardIterator=root.get_shard_iterator(**place)["ShardIterator"])

    return probe


def _at(caller: Caller, arn: Arn) -> Callable[[str], Any]:
    return lambda service: caller.client(service, arn.region)


def _root(caller: Caller, arn: Arn) -> Callable[[str], Any]:
    return lambda service: client(caller.url, service, arn.region)


def _queue(operation: str, **fields: Any) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        name = arn.text.rpartition(":")[2]
        sqs = caller.client("sqs", arn.region)
        if operation == "get_queue_url":
            return sqs.get_queue_url(QueueName=name)
        url = client(caller.url, "sqs", arn.region).get_queue_url(QueueName=name)["QueueUrl"]
        return getattr(sqs, operation)(QueueUrl=url, **fields)

    return probe


def _event(caller: Caller, arn: Arn) -> Any:
    entry = {"EventBusName": arn.name, "Source": "probe", "DetailType": "probe", "Detail": "{}"}
    return caller.client("events", arn.region).put_events(Entries=[entry])


def _log(operation: str, **fields: Any) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        group = arn.text.split(":log-group:")[1].removesuffix(":*")
        logs = caller.client("logs", arn.region)
        return getattr(logs, operation)(logGroupName=group, logStreamName=ABSENT, **fields)

    return probe


def _function(caller: Caller, arn: Arn) -> Any:
    return caller.client("lambda", arn.region).invoke(FunctionName=arn.text, InvocationType="DryRun")


def _execution(operation: str) -> Probe:
    def probe(caller: Caller, arn: Arn) -> Any:
        execution = f"{arn.text.partition('/')[0]}/Map:{ABSENT}"
        return getattr(caller.client("stepfunctions", arn.region), operation)(executionArn=execution)

    return probe


def _start(caller: Caller, arn: Arn) -> Any:
    return caller.client("stepfunctions", arn.region).start_execution(stateMachineArn=arn.text, input="no JSON")


def _put_object(caller: Caller, arn: Arn) -> Any:
    key = arn.text.partition("/")[2].replace("*", ABSENT)
    return caller.client("s3", "").put_object(Bucket=arn.name, Key=key, Body=b"", IfMatch=NO_ETAG)


def _put_bucket_policy(caller: Caller, arn: Arn) -> Any:
    held = client(caller.url, "s3").get_bucket_policy(Bucket=arn.name)["Policy"]
    return caller.client("s3", "").put_bucket_policy(Bucket=arn.name, Policy=held)


def _delete_bucket_policy(caller: Caller, arn: Arn) -> Any:
    root = client(caller.url, "s3")
    held = root.get_bucket_policy(Bucket=arn.name)["Policy"]
    try:
        return caller.client("s3", "").delete_bucket_policy(Bucket=arn.name)
    finally:
        root.put_bucket_policy(Bucket=arn.name, Policy=held)


PROBES: dict[str, Probe] = {
    "s3:ListBucket": _s3("list_objects_v2", MaxKeys=1),
    "s3:GetBucketVersioning": _s3("get_bucket_versioning"),
    "s3:GetBucketNotification": _s3("get_bucket_notification_configuration"),
    "s3:GetBucketLocation": _s3("get_bucket_location"),
    "s3:GetBucketPolicy": _s3("get_bucket_policy"),
    "s3:PutBucketPolicy": _put_bucket_policy,
    "s3:DeleteBucketPolicy": _delete_bucket_policy,
    "s3:GetObject": _s3("get_object", Key=ABSENT),
    "s3:GetObjectVersion": _s3("get_object", Key=ABSENT, VersionId=ABSENT),
    "s3:GetObjectAttributes": _s3("get_object_attributes", Key=ABSENT, ObjectAttributes=["ETag"]),
    "s3:GetObjectTagging": _s3("get_object_tagging", Key=ABSENT),
    "s3:GetObjectVersionTagging": _s3("get_object_tagging", Key=ABSENT, VersionId=ABSENT),
    "s3:PutObject": _put_object,
    "s3:PutObjectTagging": _s3("put_object_tagging", Key=ABSENT, Tagging={"TagSet": []}),
    "s3:PutObjectVersionTagging": _s3("put_object_tagging", Key=ABSENT, VersionId=ABSENT, Tagging={"TagSet": []}),
    "s3:AbortMultipartUpload": _s3("abort_multipart_upload", Key=ABSENT, UploadId=ABSENT),
    "s3:DeleteObject": _s3("delete_object", Key=ABSENT, IfMatch=NO_ETAG),
    "dynamodb:DescribeTable": _table("describe_table"),
    "dynamodb:GetItem": _table("get_item", keyed=True),
    "dynamodb:Scan": _table("scan", Limit=1),
    "dynamodb:Query": _query,
    "dynamodb:PutItem": _put_item,
    "dynamodb:DeleteItem": _table("delete_item", keyed=True, ConditionExpression=NEVER),
    "dynamodb:UpdateItem": _table("update_item", keyed=True, ConditionExpression=NEVER),
    "dynamodb:BatchGetItem": _batch("batch_get_item", lambda key: {"Keys": [key]}),
    "dynamodb:BatchWriteItem": _batch("batch_write_item", lambda key: [{"DeleteRequest": {"Key": key}}]),
    "dynamodb:DescribeStream": _stream("describe_stream"),
    "dynamodb:GetShardIterator": _stream("get_shard_iterator"),
    "dynamodb:GetRecords": _stream("get_records"),
    "dynamodb:ListStreams": lambda caller, arn: caller.client("dynamodbstreams", arn.region).list_streams(),
    "sqs:GetQueueUrl": _queue("get_queue_url"),
    "sqs:GetQueueAttributes": _queue("get_queue_attributes", AttributeNames=["QueueArn"]),
    "sqs:ReceiveMessage": _queue("receive_message", MaxNumberOfMessages=0),
    "sqs:DeleteMessage": _queue("delete_message", ReceiptHandle=ABSENT),
    "sqs:ChangeMessageVisibility": _queue("change_message_visibility", ReceiptHandle=ABSENT, VisibilityTimeout=0),
    "sqs:SendMessage": _queue("send_message", MessageBody="", DelaySeconds=0),
    "events:PutEvents": _event,
    "logs:CreateLogStream": _log("create_log_stream"),
    "logs:PutLogEvents": _log("put_log_events", logEvents=[]),
    "lambda:InvokeFunction": _function,
    "states:StartExecution": _start,
    "states:DescribeExecution": _execution("describe_execution"),
    "states:StopExecution": _execution("stop_execution"),
    "states:RedriveExecution": _execution("redrive_execution"),
}
