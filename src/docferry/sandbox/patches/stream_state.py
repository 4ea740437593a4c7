"""DynamoDB streams across a restart.

AWS keeps every stream record for 24 hours
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html). ministack saves the tables and
forgets their streams, so that a reader's position counts as trimmed after every restart.
"""

from typing import Any

from ministack.services import dynamodb

from docferry.sandbox.patches import seam

_STORES = ("_stream_records", "_stream_trimmed", "_closed_streams")
_NAME = "docferry_streams"


def apply() -> None:
    """Save and load the streams together with the tables."""
    saved = seam.function(dynamodb, "get_state")
    load = seam.function(dynamodb, "load_persisted_state", "data")
    seam.values(dynamodb, *_STORES)

    def with_streams() -> dict[str, Any]:
        return {**saved(), _NAME: {name: getattr(dynamodb, name) for name in _STORES}}

    def loaded(data: dict[str, Any]) -> None:
        load(data)
        for name, held in data.get(_NAME, {}).items():
            getattr(dynamodb, name).update(held)

    dynamodb.get_state = with_streams
    dynamodb.load_persisted_state = loaded
