"""As much of DynamoDB as docferry's ledger, gates, lease and marks need, over dictionaries.

Unlike AWS: every table exists and has the one key attribute `id`, nothing is throttled or left unprocessed, and
conditions are the two that docferry writes: the item is absent, or all the named attributes are as given.
"""

from typing import Any

import orjson

KEY = "id"
_DESCRIBED = {"Table": {"KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}]}}


class ConditionFailed(Exception):
    """The item was not as the condition wants it."""


class Tables:
    """Items by table and key."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Any]] = {}

    def answer(self, operation: str, body: bytes) -> bytes:
        """Carry out one operation. Raises NotImplementedError for one that docferry does not use here."""
        asked = orjson.loads(body)
        handlers = {
            "DescribeTable": lambda _: _DESCRIBED,
            "GetItem": self._get,
            "PutItem": self._put,
            "BatchGetItem": self._get_many,
            "BatchWriteItem": self._put_many,
        }
        if operation not in handlers:
            raise NotImplementedError(operation)
        return orjson.dumps(handlers[operation](asked))

    def count(self) -> int:
        """Return how many items there are in all tables."""
        return sum(map(len, self._items.values()))

    def _table(self, name: str) -> dict[str, Any]:
        return self._items.setdefault(name, {})

    def _get(self, asked: dict[str, Any]) -> dict[str, Any]:
        item = self._table(asked["TableName"]).get(asked["Key"][KEY]["S"])
        return {"Item": item} if item else {}

    def _put(self, asked: dict[str, Any]) -> dict[str, Any]:
        table, item = self._table(asked["TableName"]), asked["Item"]
        if not _holds(table.get(item[KEY]["S"]), asked):
            raise ConditionFailed
        table[item[KEY]["S"]] = item
        return {}

    def _get_many(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, wanted in asked["RequestItems"].items():
            held = (self._table(name).get(key[KEY]["S"]) for key in wanted["Keys"])
            found[name] = [item for item in held if item]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _put_many(self, asked: dict[str, Any]) -> dict[str, Any]:
        for name, requests in asked["RequestItems"].items():
            items = (one["PutRequest"]["Item"] for one in requests)
            self._table(name).update({item[KEY]["S"]: item for item in items})
        return {"UnprocessedItems": {}}


def _holds(item: dict[str, Any] | None, asked: dict[str, Any]) -> bool:
    condition = asked.get("ConditionExpression", "")
    if not condition:
        return True
    if condition.startswith("attribute_not_exists"):
        return item is None
    names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
    pairs = zip(names.values(), values.values(), strict=True)
    return item is not None and all(item.get(name) == value for name, value in pairs)
