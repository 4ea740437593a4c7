"""An embedded AWS that does what policies say."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from docferry.sandbox.emulator import running

REGION = "us-east-1"
ASKS = b"""
import boto3

def handler(event, context):
    try:
        return boto3.client("s3").get_object(Bucket="b-1", Key=event["key"])["Body"].read().decode()
    except Exception as error:
        return str(error)
"""


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    with running(permissions=True) as url:
        client(url, "s3").create_bucket(Bucket="b-1")
        for key in ("mine/k", "other/k"):
            client(url, "s3").put_object(Bucket="b-1", Key=key, Body=b"body")
        yield url


def client(url: str, service: str, keys: dict[str, str] | None = None) -> Any:
    held = keys or {"AccessKeyId": "test", "SecretAccessKey": "test"}
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=held["AccessKeyId"],
        aws_secret_access_key=held["SecretAccessKey"],
        aws_session_token=held.get("SessionToken"),
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def role(url: str, name: str, action: str = "s3:GetObject", resource: str = "arn:aws:s3:::b-1/mine/*") -> str:
    """A role that may do one thing, unless told otherwise read what lies under mine/."""
    iam = client(url, "iam")
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted))["Role"]["Arn"]
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document(allowed))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return str(arn)


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def assumed(url: str, arn: str) -> dict[str, str]:
    held: dict[str, str] = client(url, "sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return held


def test_a_role_may_do_what_its_policies_say_and_nothing_else(strict: str) -> None:
    s3 = client(strict, "s3", assumed(strict, role(strict, "reader")))
    assert s3.get_object(Bucket="b-1", Key="mine/k")["Body"].read() == b"body"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="b-1", Key="other/k")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="b-1", Key="mine/k")


def test_a_function_has_the_permissions_of_its_role(strict: str) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("asks.py", ASKS)
    functions = client(strict, "lambda")
    functions.create_function(
        FunctionName="asks",
        Runtime="python3.11",
        Role=role(strict, "asking"),
        Handler="asks.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="asks")

    def said(key: str) -> str:
        answer = functions.invoke(FunctionName="asks", Payload=json.dumps({"key": key}))
        return str(json.load(answer["Payload"]))

    assert said("mine/k") == "body"
    assert "AccessDenied" in said("other/k")


def test_signatures_are_verified(strict: str) -> None:
    forged = {**assumed(strict, role(strict, "forged")), "SecretAccessKey": "wrong"}
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client(strict, "s3", forged).get_object(Bucket="b-1", Key="mine/k")


def test_a_stream_is_read_by_whom_its_name_allows(strict: str) -> None:
    """Patch stream_permissions."""
    tables = client(strict, "dynamodb")
    for name in ("mine-1", "other-1"):
        tables.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
    streams = {
        name: tables.describe_table(TableName=name)["Table"]["LatestStreamArn"] for name in ("mine-1", "other-1")
    }
    own = streams["mine-1"].rpartition("/")[0] + "/*"
    reader = client(strict, "dynamodbstreams", assumed(strict, role(strict, "streams", "dynamodb:*", own)))
    shard = reader.describe_stream(StreamArn=streams["mine-1"])["StreamDescription"]["Shards"][0]["ShardId"]
    place = {"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = reader.get_shard_iterator(StreamArn=streams["mine-1"], **place)["ShardIterator"]
    assert reader.get_records(ShardIterator=iterator)["Records"] == []
    root = client(strict, "dynamodbstreams")
    foreign = root.get_shard_iterator(StreamArn=streams["other-1"], **place)["ShardIterator"]
    for refused, fields in (
        (reader.describe_stream, {"StreamArn": streams["other-1"]}),
        (reader.get_shard_iterator, {"StreamArn": streams["other-1"], **place}),
        (reader.get_records, {"ShardIterator": foreign}),
        (reader.list_streams, {}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused(**fields)


def test_who_may_write_all_streams_of_a_log_may_write_each(strict: str) -> None:
    """Patch stream_permissions."""
    group = {"logGroupName": "/a/group"}
    client(strict, "logs").create_log_group(**group)
    resource = "arn:aws:logs:us-east-1:000000000000:log-group:/a/group:*"
    logs = client(strict, "logs", assumed(strict, role(strict, "logger", "logs:CreateLogStream", resource)))
    logs.create_log_stream(**group, logStreamName="mine")
    with pytest.raises(ClientError, match="AccessDenied"):
        logs.put_log_events(**group, logStreamName="mine", logEvents=[{"timestamp": 1, "message": "x"}])


def test_a_batch_of_messages_needs_the_permission_of_one(strict: str) -> None:
    """Patch batch_permissions."""
    url = client(strict, "sqs").create_queue(QueueName="batches")["QueueUrl"]
    own = client(strict, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    keys = assumed(strict, role(strict, "sender", "sqs:SendMessage", own["QueueArn"]))
    entry = {"Id": "1", "MessageBody": "x"}
    assert client(strict, "sqs", keys).send_message_batch(QueueUrl=url, Entries=[entry])["Successful"]
    with pytest.raises(ClientError, match="not authorized to perform: sqs:DeleteMessage "):
        client(strict, "sqs", keys).delete_message_batch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": "x"}])


def test_a_copy_from_another_account_is_for_the_role_that_the_buckets_policy_names(strict: str) -> None:
    """Patches foreign_roles and foreign_sources."""
    other = {"AccessKeyId": "222222222222", "SecretAccessKey": "test"}
    theirs = client(strict, "s3", other)
    theirs.create_bucket(Bucket="theirs")
    theirs.put_object(Bucket="theirs", Key="k", Body=b"theirs", Tagging="kept=yes")
    roles = {name: role(strict, name, "s3:*", "*") for name in ("copier", "stranger")}
    named = {"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::000000000000:assumed-role/copier/*"}}
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": ["s3:GetObject", "s3:GetObjectTagging"],
        "Resource": "arn:aws:s3:::theirs/*",
        "Condition": named,
    }
    theirs.put_bucket_policy(Bucket="theirs", Policy=document(allowed))

    def copy(name: str) -> None:
        client(strict, "s3", assumed(strict, roles[name])).copy_object(
            Bucket="b-1", Key=f"copied by {name}", CopySource={"Bucket": "theirs", "Key": "k"}
        )

    copy("copier")
    assert client(strict, "s3").get_object(Bucket="b-1", Key="copied by copier")["Body"].read() == b"theirs"
    tags = client(strict, "s3").get_object_tagging(Bucket="b-1", Key="copied by copier")["TagSet"]
    assert tags == [{"Key": "kept", "Value": "yes"}]
    with pytest.raises(ClientError, match="AccessDenied"):
        copy("stranger")


def test_loopback_counts_as_tls_save_for_who_says_that_it_is_none(strict: str) -> None:
    """Patch secure_loopback."""
    refused = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b-1/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    client(strict, "s3").put_bucket_policy(Bucket="b-1", Policy=document(refused))
    s3 = client(strict, "s3", assumed(strict, role(strict, "through-tls")))
    assert s3.get_object(Bucket="b-1", Key="mine/k")["Body"].read() == b"body"
    s3.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("x-forwarded-proto", "http")
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="b-1", Key="mine/k")
