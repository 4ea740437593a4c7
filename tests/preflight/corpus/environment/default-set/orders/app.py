import os

import boto3

LIMIT = int(os.environ.get("MAX_ORDERS", "50"))
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    return table.get_item(Key={"id": event["id"]}).get("Item")
