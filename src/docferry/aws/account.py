"""One side's services as a check of the account asks them. Nothing is changed."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from docferry.account.denial import is_denied
from docferry.account.port import Heard, Names, Need, Quota, TableSettings, Tree
from docferry.aws import s3_xml
from docferry.aws.account_probes import Probes
from docferry.aws.dynamodb import API
from docferry.aws.http import Answer, AwsClient
from docferry.aws.queue_feed import API as SQS
from docferry.aws.roles import told_at
from docferry.aws.s3 import path_of
from docferry.aws.stream_feed import API as STREAMS
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.ports import Clock

_NOT_SET = {
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NotImplemented",
    "ObjectLockConfigurationNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}
"""What S3 answers where nothing was set, and what stores answer that know no such setting."""


class AwsAccount:
    """The `Account` port over one client."""

    def __init__(self, client: AwsClient, names: Names, clock: Clock) -> None:
        self._client = client
        self._names = names
        self._clock = clock
        self._probes = Probes(client, names)

    async def heard(self, service: str) -> Heard:
        """Ask, and compare the answer's date with the middle of the time that it took."""
        began = self._clock.now()
        try:
            answer = await self._ask(service)
        except InvalidInput:
            return Heard(None)
        except ServiceError as error:
            if not is_denied(error):
                raise
            return Heard(None)
        told = told_at(answer)
        ahead_s = None if told is None else (began + self._clock.now()) / 2 - told
        return Heard(ahead_s, s3_xml.text_of(answer.body, "Arn") if service == "sts" else "")

    async def _ask(self, service: str) -> Answer:
        if service == "s3":
            return await self._client.send("s3", "GET", path_of(self._names.bucket), query={"location": ""})
        if service == "sts":
            form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
            body = b"Action=GetCallerIdentity&Version=2011-06-15"
            return await self._client.send("sts", "POST", "/", headers=form, body=body)
        target, asked = {
            "dynamodb": (API + "DescribeTable", {"TableName": self._names.table}),
            "streams.dynamodb": (STREAMS + "ListStreams", {"TableName": self._names.table}),
            "sqs": (SQS + "GetQueueUrl", {"QueueName": self._names.queue}),
        }[service]
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
        return await self._client.send(service, "POST", "/", headers=headers, body=orjson.dumps(asked))

    async def bucket_setting(self, name: str) -> Tree:
        """Return one setting."""
        try:
            answer = await self._client.send("s3", "GET", path_of(self._names.bucket), query={name: ""})
        except ServiceError as error:
            if error.code in _NOT_SET:
                return {}
            raise
        return _tree(s3_xml.parse(answer.body))

    async def table(self, name: str) -> TableSettings:
        """Describe a table."""
        asked = {"TableName": name}
        described = (await self._client.json("dynamodb", API + "DescribeTable", asked))["Table"]
        try:
            answer = await self._client.json("dynamodb", API + "DescribeTimeToLive", asked)
        except ServiceError as error:
            if not is_denied(error):
                raise
            return TableSettings(described, None)
        held = answer["TimeToLiveDescription"]
        enabled = held.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return TableSettings(described, held.get("AttributeName", "") if enabled else "")

    async def queue(self) -> Mapping[str, str]:
        """Return the attributes of the change queue."""
        url = (await self._client.json("sqs", SQS + "GetQueueUrl", {"QueueName": self._names.queue}))["QueueUrl"]
        asked = {"QueueUrl": url, "AttributeNames": ["All"]}
        held: Mapping[str, str] = (await self._client.json("sqs", SQS + "GetQueueAttributes", asked))["Attributes"]
        return held

    async def attempt(self, need: Need) -> None:
        """Try one permission."""
        await self._probes.attempt(need)

    async def concurrency(self) -> Quota:
        """Return the account's limits for functions in the region."""
        answer = await self._client.send("lambda", "GET", "/2016-08-19/account-settings/")
        limits = orjson.loads(answer.body)["AccountLimit"]
        limit = int(limits["ConcurrentExecutions"])
        return Quota(limit, limit - int(limits["UnreservedConcurrentExecutions"]))


def _tree(element: ET.Element) -> Tree:
    held: dict[str, list[Any]] = {}
    for one in element:
        below = _tree(one) if len(one) else (one.text or "").strip()
        held.setdefault(one.tag.rpartition("}")[2], []).append(below)
    return held
