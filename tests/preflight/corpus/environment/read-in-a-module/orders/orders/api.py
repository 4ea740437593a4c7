from . import queue
from .storage import table


def handler(event, context):
    queue.send(event["id"])
    return table.get_item(Key={"id": event["id"]}).get("Item")
