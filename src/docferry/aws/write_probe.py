"""Finds out whether a bucket and a table deny writes, without writing anything: the conditions never hold."""

from collections.abc import Awaitable, Mapping
from typing import Any

from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.domain.errors import Conflict, ServiceError
from docferry.domain.reserved import HEARTBEAT

PROBE = "docferry-probe"
_DENIED = ("AccessDenied", "AccessDeniedException")
_ANY = {"S": PROBE, "N": "0", "B": "AA=="}


class WriteProbe:
    """Probes one bucket and one table with the credentials of `prober`; `client` may describe the table."""

    def __init__(self, client: AwsClient, prober: AwsClient, bucket: str, table: str) -> None:
        self._client = client
        self._prober = prober
        self._bucket = bucket
        self._table = table
        self._described: Mapping[str, Any] = {}

    async def denials(self) -> tuple[bool, bool]:
        """Return whether the bucket and the table deny. Raises ServiceError for any other refusal."""
        return await self.bucket_denies(), await self.table_denies()

    async def described(self) -> Mapping[str, Any]:
        """Return what the table says of itself; asked once."""
        if not self._described:
            answer = await self._client.json("dynamodb", API + "DescribeTable", {"TableName": self._table})
            self._described = answer["Table"]
        return self._described

    async def bucket_denies(self) -> bool:
        """Tell whether a put of the heartbeat is denied; the heartbeat is there already."""
        headers = {"if-none-match": "*", "content-type": "text/plain"}
        return await _denied(self._prober.send("s3", "PUT", path_of(self._bucket, HEARTBEAT), headers=headers))

    async def table_denies(self) -> bool:
        """Tell whether a put of an item that is to be there and not to be there is denied."""
        described = await self.described()
        keys = [one["AttributeName"] for one in described["KeySchema"]]
        types = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
        asked = {
            "TableName": self._table,
            "Item": {name: {types[name]: _ANY[types[name]]} for name in keys},
            "ConditionExpression": "attribute_exists(#k) AND attribute_not_exists(#k)",
            "ExpressionAttributeNames": {"#k": keys[0]},
        }
        return await _denied(self._prober.json("dynamodb", API + "PutItem", asked))


async def _denied(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except Conflict:
        return False
    except ServiceError as error:
        if error.code not in _DENIED:
            raise
        return True
    return False
