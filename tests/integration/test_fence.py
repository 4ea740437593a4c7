"""The hard fence on an embedded AWS that does what policies say: those of buckets, while tables' are only kept."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from docferry.aws.fence import SID, AwsFence
from docferry.aws.http import AwsClient
from docferry.aws.roles import AssumedRole
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.domain.reserved import HEARTBEAT
from docferry.sandbox.emulator import running

REGION, BUCKET, TABLE = "eu-west-1", "fenced", "fenced"
OWN = {
    "Sid": "Own",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutBucketAcl",
    "Resource": f"arn:aws:s3:::{BUCKET}",
}
EXEMPT = ("arn:aws:iam::000000000000:role/replicator", "arn:aws:sts::000000000000:assumed-role/replicator/*")


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    with running(permissions=True) as url:
        s3 = client(url, "s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=BUCKET, Key=HEARTBEAT, Body=b"beat")
        client(url, "dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "number", "AttributeType": "N"},
            ],
            KeySchema=[
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "number", "KeyType": "RANGE"},
            ],
        )
        for name in ("prober", "replicator", "idle"):
            role(url, name, allowed=name != "idle")
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
        config=Config(s3={"addressing_style": "path"}, proxies={}, retries={"total_max_attempts": 1}),
    )


def role(url: str, name: str, *, allowed: bool) -> None:
    iam = client(url, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    if allowed:
        actions = ["s3:*", "dynamodb:*"]
        policy = document({"Effect": "Allow", "Action": actions, "Resource": "*"})
        arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def writes(url: str, name: str) -> bool:
    """Tell whether a role may write a document now."""
    arn = f"arn:aws:iam::000000000000:role/{name}"
    keys = client(url, "sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    try:
        client(url, "s3", keys).put_object(Bucket=BUCKET, Key="documents/k", Body=b"x")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


@asynccontextmanager
async def fence(url: str, prober: str = "prober", exempt: tuple[str, ...] = EXEMPT) -> AsyncIterator[AwsFence]:
    clock = SystemClock()
    async with aiohttp.ClientSession() as session:

        def aws(keys: Any) -> AwsClient:
            return AwsClient(session, keys, clock, region=REGION, endpoint_url=url)

        own = aws(lambda: Credentials("test", "test"))
        probing = AssumedRole(own, f"arn:aws:iam::000000000000:role/{prober}", "docferry-probe")
        yield AwsFence(own, aws(probing), probing, BUCKET, TABLE, exempt, clock)


async def bucket_denies(held: AwsFence) -> bool:
    return await held._probe.bucket_denies()


async def test_closed_it_denies_all_but_docferry_and_lifted_nobody(strict: str) -> None:
    async with fence(strict) as held:
        assert await held.refusal() == ""
        await held.close()
        assert await bucket_denies(held)
        assert (writes(strict, "prober"), writes(strict, "replicator")) == (False, True)
        assert await held.lift()
        assert not await bucket_denies(held)
        assert (writes(strict, "prober"), writes(strict, "replicator")) == (True, True)
        assert not await held.lift()


async def test_installed_ahead_it_denies_from_its_moment_to_its_end_only(strict: str) -> None:
    clock = SystemClock()
    async with fence(strict) as held:
        await held.refusal()
        now = clock.now()
        await held.close_between(now + 3.0, now + 6.0)
        assert not await bucket_denies(held)
        await clock.sleep(now + 4.6 - clock.now())
        assert await bucket_denies(held)
        await clock.sleep(now + 8.0 - clock.now())
        assert not await bucket_denies(held)
        await held.lift()


async def test_what_the_bucket_s_policy_says_beside_stays(strict: str) -> None:
    s3 = client(strict, "s3")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(OWN))
    async with fence(strict) as held:
        await held.close()
        statements = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
        assert [one["Sid"] for one in statements] == ["Own", SID]
        await held.close()
        assert len(json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]) == 2
        await held.lift()
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"] == [OWN]
    s3.delete_bucket_policy(Bucket=BUCKET)


async def test_the_table_has_its_statement_too_and_loses_it(strict: str) -> None:
    dynamodb = client(strict, "dynamodb")
    arn = dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]
    async with fence(strict) as held:
        await held.close()
        (statement,) = json.loads(dynamodb.get_resource_policy(ResourceArn=arn)["Policy"])["Statement"]
        assert (statement["Sid"], statement["Resource"], statement["Effect"]) == (SID, arn, "Deny")
        assert statement["Condition"]["ArnNotLike"] == {"aws:PrincipalArn": list(EXEMPT)}
        await held.lift()
    with pytest.raises(ClientError, match="PolicyNotFound"):
        dynamodb.get_resource_policy(ResourceArn=arn)


async def test_a_probe_writes_nothing(strict: str) -> None:
    s3 = client(strict, "s3")
    before = s3.head_object(Bucket=BUCKET, Key=HEARTBEAT)["LastModified"]
    async with fence(strict) as held:
        assert await held.denials() == (False, False)
    assert s3.head_object(Bucket=BUCKET, Key=HEARTBEAT)["LastModified"] == before
    assert client(strict, "dynamodb").scan(TableName=TABLE)["Count"] == 0


@pytest.mark.parametrize(
    ("prober", "exempt", "why"),
    [
        ("idle", EXEMPT, "may not write where applications write now"),
        ("nobody", EXEMPT, ""),
        ("prober", (), "names nobody"),
    ],
)
async def test_what_it_cannot_be_used_for_is_said_before(
    strict: str, prober: str, exempt: tuple[str, ...], why: str
) -> None:
    async with fence(strict, prober, exempt) as held:
        said = await held.refusal()
    assert said
    assert why in said
