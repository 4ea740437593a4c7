import logging
import os

import boto3

ENDPOINT = os.environ.get("ENDPOINT_URL")
TRACE = "TRACE" in os.environ

try:
    STAGE = os.environ["STAGE"]
except KeyError:
    STAGE = "test"

options = {"endpoint_url": ENDPOINT} if ENDPOINT else {}
table = boto3.resource("dynamodb", **options).Table(os.environ["TABLE_NAME"])


def handler(event, context):
    if TRACE:
        logging.info("%s %s %s", os.environ["TRACE"], os.environ["AWS_REGION"], STAGE)
    return table.get_item(Key={"id": event["id"]}).get("Item")


if __name__ == "__main__":
    logging.info(handler({"id": os.environ["ORDER"]}, None))
