"""Takes orders from the queue, stores their documents and marks them."""

import json
import os
from typing import Any

import boto3

LIMIT = int(os.environ.get("ORDER_LIMIT_BYTES", "65536"))


def handler(event: dict[str, Any], context: object) -> None:
    """Store each message."""
    region = os.environ["REGION_OF_ORDERS"]
    table = boto3.resource("dynamodb", region_name=region).Table(os.environ["ORDERS_TABLE"])
    for record in event["Records"]:
        order = json.loads(record["body"])
        body = json.dumps(order).encode()
        if len(body) > LIMIT:
            raise ValueError(f"order {order['id']} is too large")
        boto3.client("s3").put_object(Bucket=os.environ["DOCUMENTS_BUCKET"], Key=order["id"], Body=body)
        table.put_item(Item={"id": order["id"], "state": "stored"})
