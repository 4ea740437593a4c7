"""The tables of one side: records with a stream, control, conflicts, journal."""

from collections.abc import Iterator
from typing import Any

from docferry.sandbox.store import Store, asked
from docferry.settings import Side

RECORDS_KEY = ("owner", "record_id")
JOURNAL_KEY = ("shard", "name")
_IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def tables(dynamodb: Any, side: Side) -> Iterator[Store]:
    """Give the four tables. The records' stream is what a global table would have."""
    yield _table(dynamodb, side.table, RECORDS_KEY, StreamSpecification=_IMAGES)
    yield _table(dynamodb, side.control_table, ("id",))
    yield _table(dynamodb, side.conflicts_table, ("id",))
    yield _table(dynamodb, side.journal_table, JOURNAL_KEY)


def _table(dynamodb: Any, name: str, key: tuple[str, ...], **more: Any) -> Store:
    def create() -> None:
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in key],
            KeySchema=[
                {"AttributeName": one, "KeyType": kind} for one, kind in zip(key, ("HASH", "RANGE"), strict=False)
            ],
            **more,
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    return Store(
        f"table {name}",
        lambda: bool(asked(dynamodb.describe_table, "ResourceNotFoundException", TableName=name)),
        create,
    )
