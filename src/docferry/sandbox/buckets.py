"""The bucket of one side: versioned, and notifying the change queue."""

import json
from collections.abc import Iterator
from typing import Any

from docferry.sandbox.queues import arn_of, url_of
from docferry.sandbox.store import Store, asked
from docferry.settings import Side

EVENTS = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:LifecycleExpiration:*")
_ABSENT = ("404", "NoSuchBucket")


def bucket(s3: Any, side: Side) -> Iterator[Store]:
    """Give the bucket and its versioning."""
    name = side.bucket
    # In us-east-1 S3 refuses a location constraint, everywhere else it wants one.
    place = {"CreateBucketConfiguration": {"LocationConstraint": side.region}}
    yield Store(
        f"bucket {name}",
        lambda: bool(asked(s3.head_bucket, *_ABSENT, Bucket=name)),
        lambda: s3.create_bucket(Bucket=name, **({} if side.region == "us-east-1" else place)),
    )
    yield Store(
        f"versioning of bucket {name}",
        lambda: asked(s3.get_bucket_versioning, *_ABSENT, Bucket=name).get("Status") == "Enabled",
        lambda: s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"}),
    )


def notifications(s3: Any, sqs: Any, side: Side) -> Iterator[Store]:
    """Give the notifications of the bucket, with the queue's leave for S3 to send them."""

    def exists() -> bool:
        held = asked(s3.get_bucket_notification_configuration, *_ABSENT, Bucket=side.bucket)
        return any(_wanted(one, side) for one in held.get("QueueConfigurations", ()))

    def create() -> None:
        queue = arn_of(sqs, side.queue)
        policy = json.dumps(_policy(queue, side.bucket))
        sqs.set_queue_attributes(QueueUrl=url_of(sqs, side.queue), Attributes={"Policy": policy})
        s3.put_bucket_notification_configuration(
            Bucket=side.bucket,
            NotificationConfiguration={
                "QueueConfigurations": [{"Id": "docferry-changes", "QueueArn": queue, "Events": list(EVENTS)}]
            },
        )

    yield Store(f"notifications of bucket {side.bucket}", exists, create)


def _wanted(configuration: dict[str, Any], side: Side) -> bool:
    to_queue = configuration["QueueArn"].endswith(f":{side.queue}")
    return to_queue and set(configuration["Events"]) == set(EVENTS) and "Filter" not in configuration


def _policy(queue: str, name: str) -> dict[str, Any]:
    account = queue.split(":")[4]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NotificationsOfTheBucket",
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{name}"},
                    "StringEquals": {"aws:SourceAccount": account},
                },
            }
        ],
    }
