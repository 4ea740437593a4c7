"""Records in a DynamoDB table."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import stamina

from docferry.aws.http import AwsClient, Guard
from docferry.bounded import each
from docferry.domain.errors import Conflict, Retryable
from docferry.domain.record import Item, KeySchema, same
from docferry.ports import RecordPage

API = "DynamoDB_20120810."
BATCH_LIMIT = 25
BATCHES_AT_ONCE = 8
CONDITION_ATTRIBUTES = 140
"""DynamoDB takes 300 operators in one expression; an item with more attributes is compared by this many
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)."""


def unchanged(schema: KeySchema, expected: Item | None) -> dict[str, Any]:
    """Return the request fields that let a write through only if the item is still `expected`.

    The attributes looked at are compared; one that was added since goes unseen.
    """
    if expected is None:
        return {
            "ConditionExpression": "attribute_not_exists(#a0)",
            "ExpressionAttributeNames": {"#a0": schema.hash},
        }
    names = list(expected)[:CONDITION_ATTRIBUTES]
    return {
        "ConditionExpression": " AND ".join(f"#a{n} = :v{n}" for n in range(len(names))),
        "ExpressionAttributeNames": {f"#a{n}": name for n, name in enumerate(names)},
        "ExpressionAttributeValues": {f":v{n}": expected[name] for n, name in enumerate(names)},
    }


class DynamoRecords:
    """The `RecordStore` port over one table; its key schema is read from the table.

    `guard` is called right before every request that puts or deletes a record, repeated ones too.
    """

    def __init__(self, client: AwsClient, table: str, *, guard: Guard | None = None) -> None:
        self._client = client
        self.table = table
        self._guard = guard
        self._schema: KeySchema | None = None

    async def schema(self) -> KeySchema:
        """Return the table's key schema, asked for once. Raises InvalidInput if there is no such table."""
        if self._schema is None:
            described = await self._call("DescribeTable", {})
            roles = {one["KeyType"]: one["AttributeName"] for one in described["Table"]["KeySchema"]}
            self._schema = KeySchema(roles["HASH"], roles.get("RANGE", ""))
        return self._schema

    async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
        """Return one page of one segment."""
        asked: dict[str, Any] = {"Segment": segment, "TotalSegments": segments, "ConsistentRead": True}
        if position:
            asked["ExclusiveStartKey"] = position
        answer = await self._call("Scan", asked)
        return RecordPage(tuple(answer.get("Items", ())), answer.get("LastEvaluatedKey"))

    async def query(self, hash_value: str, position: Item | None = None) -> RecordPage:
        """Return one page of the items under a hash key that is a string, with a strongly consistent read.

        Not part of the port: the engine itself never looks for records by half a key.
        """
        asked: dict[str, Any] = {
            "KeyConditionExpression": "#h = :h",
            "ExpressionAttributeNames": {"#h": (await self.schema()).hash},
            "ExpressionAttributeValues": {":h": {"S": hash_value}},
            "ConsistentRead": True,
        }
        if position:
            asked["ExclusiveStartKey"] = position
        answer = await self._call("Query", asked)
        return RecordPage(tuple(answer.get("Items", ())), answer.get("LastEvaluatedKey"))

    async def get(self, key: Item) -> Item | None:
        """Return the item, or None."""
        answer = await self._call("GetItem", {"Key": key, "ConsistentRead": True})
        item: Item | None = answer.get("Item")
        return item

    async def get_many(self, keys: Sequence[Item]) -> tuple[Item, ...]:
        """Return those that exist; keys that DynamoDB left unprocessed are asked for again."""
        found: list[Item] = []
        pending: Mapping[str, Any] = {self.table: {"Keys": list(keys), "ConsistentRead": True}} if keys else {}
        async for attempt in stamina.retry_context(on=Retryable, attempts=10, timeout=90.0):
            with attempt:
                if pending:
                    answer = await self._client.json("dynamodb", API + "BatchGetItem", {"RequestItems": pending})
                    found += answer["Responses"].get(self.table, ())
                    pending = answer.get("UnprocessedKeys") or {}
                if pending:
                    raise Retryable(f"BatchGetItem on {self.table} left keys unprocessed")
        return tuple(found)

    async def put_many(self, items: Sequence[Item]) -> None:
        """Write items on no condition, 25 a request: only for items whose every write is the same.

        Not part of the port: the engine itself never writes records without a condition, so no guard is asked.
        What DynamoDB leaves unprocessed is sent again.
        """
        batches = (items[start : start + BATCH_LIMIT] for start in range(0, len(items), BATCH_LIMIT))
        await each(batches, self._put_batch, asyncio.Semaphore(BATCHES_AT_ONCE))

    async def _put_batch(self, items: Sequence[Item]) -> None:
        pending: Mapping[str, Any] = {self.table: [{"PutRequest": {"Item": one}} for one in items]}
        async for attempt in stamina.retry_context(on=Retryable, attempts=10, timeout=90.0):
            with attempt:
                answer = await self._client.json("dynamodb", API + "BatchWriteItem", {"RequestItems": pending})
                pending = answer.get("UnprocessedItems") or {}
                if pending:
                    raise Retryable(f"BatchWriteItem on {self.table} left items unprocessed")

    async def put(self, item: Item, expected: Item | None) -> None:
        """Write on condition.

        An answer that was lost makes the repeated request fail on our own success, so the item is read back
        before that counts as a conflict.
        """
        schema = await self.schema()
        try:
            await self._call("PutItem", {"Item": item, **unchanged(schema, expected)}, self._guard)
        except Conflict:
            if not same(await self.get(schema.key_of(item)), item):
                raise

    async def delete(self, key: Item, expected: Item) -> None:
        """Delete on condition, reading back as `put` does."""
        schema = await self.schema()
        try:
            await self._call("DeleteItem", {"Key": key, **unchanged(schema, expected)}, self._guard)
        except Conflict:
            if await self.get(key) is not None:
                raise

    async def _call(self, operation: str, fields: Mapping[str, Any], guard: Guard | None = None) -> dict[str, Any]:
        payload = {"TableName": self.table, **fields}
        return await self._client.json("dynamodb", API + operation, payload, guard=guard)
