import json
from typing import Any


def handler(event: dict[str, Any], context: object) -> list[Any]:
    """Return the bodies of the messages."""
    return [json.loads(record["body"]) for record in event["Records"]]
