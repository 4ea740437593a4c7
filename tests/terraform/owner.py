"""A bucket and a table that somebody has already, with settings of their own, and a look at all of them."""

import json
from dataclasses import dataclass
from typing import Any

from tests.integration.sandbox.reached import client

LOOKS = (
    "get_bucket_versioning",
    "get_bucket_notification_configuration",
    "get_bucket_policy",
    "get_bucket_lifecycle_configuration",
    "get_bucket_encryption",
    "get_bucket_tagging",
    "get_bucket_replication",
    "get_public_access_block",
    "get_bucket_ownership_controls",
)


@dataclass(frozen=True)
class Owner:
    """Whoever has `name` as a bucket, a table and a queue, in the source's region."""

    url: str
    name: str

    def client(self, service: str) -> Any:
        return client(self.url, service)

    def settles(self) -> None:
        """Make them, with a notification, a policy, a lifecycle, tags and a stream of their owner's."""
        s3, told = self.client("s3"), self._told()
        s3.create_bucket(Bucket=self.name)
        s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": [{"Key": "owner", "Value": "acme"}]})
        s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(self._policy()))
        s3.put_bucket_lifecycle_configuration(Bucket=self.name, LifecycleConfiguration={"Rules": [_RULE]})
        s3.put_bucket_notification_configuration(
            Bucket=self.name,
            NotificationConfiguration={"QueueConfigurations": [told], "EventBridgeConfiguration": {}},
        )
        self.client("dynamodb").create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in _KEYS],
            KeySchema=[{"AttributeName": one, "KeyType": kind} for one, kind in _KEYS.items()],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            Tags=[{"Key": "owner", "Value": "acme"}],
        )

    def looks(self) -> dict[str, Any]:
        """Return all that is set on the bucket and on the table, and what they hold."""
        found = {look: self._asked(look) for look in LOOKS}
        dynamodb = self.client("dynamodb")
        table = dynamodb.describe_table(TableName=self.name)["Table"]
        found["table"] = table
        found["tags"] = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        found["backups"] = dynamodb.describe_continuous_backups(TableName=self.name)[
            "ContinuousBackupsDescription"
        ]
        found["time to live"] = dynamodb.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
        return found

    def stores(self, key: str) -> None:
        self.client("s3").put_object(Bucket=self.name, Key=key, Body=b"letter")

    def heard(self, queue: str) -> list[str]:
        """Return the bodies of messages on a queue in the source's region; they stay there."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=2)
        return [one["Body"] for one in got.get("Messages", ())]

    def _asked(self, look: str) -> Any:
        s3 = self.client("s3")
        try:
            found = getattr(s3, look)(Bucket=self.name)
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return {name: one for name, one in found.items() if name != "ResponseMetadata"}

    def _policy(self) -> dict[str, Any]:
        denied = {"Sid": "Acme", "Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketAcl"}
        return {
            "Version": "2012-10-17",
            "Statement": [{**denied, "Resource": f"arn:aws:s3:::{self.name}"}],
        }

    def _told(self) -> dict[str, Any]:
        """Make a queue that S3 may write to, and return the notification that leads there."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        lets = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [{**lets, "Resource": arn}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return {"Id": "acme", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}


_KEYS = {"owner": "HASH", "record_id": "RANGE"}
_RULE = {
    "ID": "acme",
    "Status": "Enabled",
    "Filter": {"Prefix": "drafts/"},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}
