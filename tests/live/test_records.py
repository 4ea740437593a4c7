"""Records written in one region are read in the other."""

import time
from typing import Any

import pytest

from tests.live.deployed import Deployed, eventually, unique


def key_of(deployed: Deployed, name: str) -> dict[str, Any]:
    """A key of that name, whatever attributes make up the keys of the table."""
    dynamodb = deployed.client("source", "dynamodb")
    schema = dynamodb.describe_table(TableName=deployed.of("source", "table"))["Table"]["KeySchema"]
    return {one["AttributeName"]: {"S": name} for one in schema}


def test_a_record_is_read_in_the_other_region(deployed: Deployed, record_property: pytest.FixtureRequest) -> None:
    name = unique("record")
    key = key_of(deployed, name)
    item = {**key, "amount": {"N": "12345678901234567890.12"}, "open": {"BOOL": True}, "parts": {"SS": ["a", "b"]}}
    source, target = (deployed.client(side, "dynamodb") for side in ("source", "target"))

    def found() -> dict[str, Any]:
        answer = target.get_item(TableName=deployed.of("target", "table"), Key=key, ConsistentRead=True)
        return dict(answer.get("Item", {}))

    began = time.monotonic()
    source.put_item(TableName=deployed.of("source", "table"), Item=item)
    seen = eventually(found)
    record_property("seconds", round(time.monotonic() - began, 2))  # type: ignore[operator]
    assert {**seen, "parts": {"SS": sorted(seen["parts"]["SS"])}} == item
    source.delete_item(TableName=deployed.of("source", "table"), Key=key)
    eventually(lambda: not found())
