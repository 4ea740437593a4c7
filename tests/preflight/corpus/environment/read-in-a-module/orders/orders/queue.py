from os import environ

import boto3

URL = "QUEUE_URL"


def send(order):
    boto3.client("sqs").send_message(QueueUrl=environ[URL], MessageBody=order)
