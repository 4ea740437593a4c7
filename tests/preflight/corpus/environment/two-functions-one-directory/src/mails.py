import os

import boto3


def handler(event, context):
    return boto3.client("ses").send_raw_email(Source=os.environ["SENDER"], RawMessage={"Data": event["mail"]})
