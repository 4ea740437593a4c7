"""For each permission the cheapest harmless request that needs it.

It asks for what is not there, on a condition that never holds, or begins what is given up at once: what it ends
with does not matter, only whether it was denied. AWS decides about permissions before everything else.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from docferry.account.port import Kind, Names, Need
from docferry.aws.account_document_probes import NAME, DocumentProbes
from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.queue_feed import API as SQS
from docferry.aws.roles import assume
from docferry.aws.stream_feed import API as STREAMS
from docferry.aws.stream_feed import HOST
from docferry.domain.errors import Conflict, ServiceError

SESSION_S = 900
_SESSION = "epoch-0.preflight"
_ALLOWED = {
    "InvalidObjectState",
    "InvalidRange",
    "NoSuchBucketPolicy",
    "NoSuchKey",
    "NoSuchUpload",
    "NoSuchVersion",
    "ObjectLockConfigurationNotFoundError",
    "ReceiptHandleIsInvalid",
    "ServerSideEncryptionConfigurationNotFoundError",
}
"""What is answered once the permission is there: the object is archived or empty, or there is none."""
_ANY = {"S": NAME, "N": "0", "B": "AA=="}
_NEVER = "attribute_exists(#k) AND attribute_not_exists(#k)"


class Probes:
    """Tries permissions at one side."""

    def __init__(self, client: AwsClient, names: Names) -> None:
        self._client = client
        self._names = names
        self._documents = DocumentProbes(client, names.bucket)
        self._described: dict[str, Mapping[str, Any]] = {}

    async def attempt(self, need: Need) -> None:
        """Send the request. Raises ServiceError if it is denied."""
        tried: dict[str, Callable[[Need], Awaitable[object]]] = {
            "s3": self._documents.attempt,
            "dynamodb": self._stream if need.kind is Kind.STREAM else self._table,
            "sqs": self._queue,
            "sts": self._role,
        }
        try:
            await tried[need.action.partition(":")[0]](need)
        except Conflict:
            return
        except ServiceError as error:
            if error.code not in _ALLOWED:
                raise

    async def _table(self, need: Need) -> None:
        name = {
            Kind.CONTROL: self._names.control_table,
            Kind.CONFLICTS: self._names.conflicts_table,
            Kind.JOURNAL: self._names.journal_table,
        }.get(need.kind, self._names.table)
        operation = need.action.partition(":")[2]
        if operation == "DescribeTable":
            await self._describe(name)
            return
        asked = _table_request(operation, name, _absent_key(await self._describe(name)))
        await self._client.json("dynamodb", API + operation, asked)

    async def _describe(self, name: str) -> Mapping[str, Any]:
        if name not in self._described:
            answer = await self._client.json("dynamodb", API + "DescribeTable", {"TableName": name})
            self._described[name] = answer["Table"]
        return self._described[name]

    async def _stream(self, need: Need) -> None:
        stream = {"StreamArn": (await self._describe(self._names.table))["LatestStreamArn"]}
        described = await self._client.json(HOST, STREAMS + "DescribeStream", stream)
        if need.action == "dynamodb:DescribeStream":
            return
        shard = described["StreamDescription"]["Shards"][-1]["ShardId"]
        latest = {**stream, "ShardId": shard, "ShardIteratorType": "LATEST"}
        iterator = (await self._client.json(HOST, STREAMS + "GetShardIterator", latest))["ShardIterator"]
        if need.action == "dynamodb:GetRecords":
            await self._client.json(HOST, STREAMS + "GetRecords", {"ShardIterator": iterator, "Limit": 1})

    async def _queue(self, need: Need) -> None:
        operation = need.action.partition(":")[2]
        name = self._names.queue if need.kind is Kind.QUEUE else await self._dead_letters()
        url = (await self._client.json("sqs", SQS + "GetQueueUrl", {"QueueName": name}))["QueueUrl"]
        asked: dict[str, dict[str, Any]] = {
            "GetQueueAttributes": {"AttributeNames": ["QueueArn"]},
            # What is received stays visible to everybody.
            "ReceiveMessage": {"MaxNumberOfMessages": 1, "VisibilityTimeout": 0, "WaitTimeSeconds": 0},
            "DeleteMessage": {"ReceiptHandle": NAME},
            "ChangeMessageVisibility": {"ReceiptHandle": NAME, "VisibilityTimeout": 0},
        }
        if operation in asked:
            await self._client.json("sqs", SQS + operation, {"QueueUrl": url, **asked[operation]})

    async def _dead_letters(self) -> str:
        url = (await self._client.json("sqs", SQS + "GetQueueUrl", {"QueueName": self._names.queue}))["QueueUrl"]
        asked = {"QueueUrl": url, "AttributeNames": ["RedrivePolicy"]}
        held = await self._client.json("sqs", SQS + "GetQueueAttributes", asked)
        return str(orjson.loads(held["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]).rpartition(":")[2]

    async def _role(self, need: Need) -> None:
        role = self._names.probe_role if need.kind is Kind.PROBE_ROLE else self._names.worker_role
        external_id = self._names.external_id
        # The worker role takes nobody whose session is not called after an epoch.
        await assume(self._client, role, _SESSION, lasts_s=SESSION_S, external_id=external_id)


def _absent_key(described: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    types = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
    names = [one["AttributeName"] for one in described["KeySchema"]]
    return {name: {types[name]: _ANY[types[name]]} for name in names}


def _table_request(operation: str, table: str, key: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    first = next(iter(key))
    never = {"ConditionExpression": _NEVER, "ExpressionAttributeNames": {"#k": first}}
    if operation == "BatchWriteItem" and any("S" not in one for one in key.values()):
        raise ServiceError(f"the key of {table} is no text, so that an absent item cannot be named")
    requests: dict[str, dict[str, Any]] = {
        "GetItem": {"TableName": table, "Key": key},
        "BatchGetItem": {"RequestItems": {table: {"Keys": [key]}}},
        "Scan": {"TableName": table, "Limit": 1},
        "Query": {
            "TableName": table,
            "KeyConditionExpression": "#k = :k",
            "ExpressionAttributeNames": {"#k": first},
            "ExpressionAttributeValues": {":k": key[first]},
        },
        "PutItem": {"TableName": table, "Item": key, **never},
        "DeleteItem": {"TableName": table, "Key": key, **never},
        # There is no condition for it, but to delete what is not there changes nothing.
        "BatchWriteItem": {"RequestItems": {table: [{"DeleteRequest": {"Key": key}}]}},
    }
    return requests[operation]
