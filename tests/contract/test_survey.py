import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.aws.survey import AwsSurvey
from docferry.domain.errors import InvalidInput
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.survey import MemorySurvey
from docferry.survey_port import BucketFacts, Head, Survey, TableFacts, VersionMark
from tests.contract.conftest import versioned_bucket

CUSTOMER = "x-amz-server-side-encryption-customer-"


@dataclass(frozen=True)
class Side:
    survey: Survey
    write: Callable[[str, bytes], Awaitable[None]]
    erase: Callable[[str], Awaitable[None]]


async def streamed_table(client: AwsClient) -> str:
    name = f"t-{uuid.uuid4().hex}"
    fields = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    }
    await client.json("dynamodb", API + "CreateTable", fields)
    return name


async def embedded_side(client: AwsClient) -> Side:
    bucket, table = await versioned_bucket(client), await streamed_table(client)

    async def write(key: str, body: bytes) -> None:
        await client.send("s3", "PUT", path_of(bucket, key), body=body)

    async def erase(key: str) -> None:
        await client.send("s3", "DELETE", path_of(bucket, key))

    return Side(AwsSurvey(client, bucket, table), write, erase)


def memory_side() -> Side:
    documents = MemoryDocuments()

    async def write(key: str, body: bytes) -> None:
        documents.write(key, body, metadata={}, tags={})

    async def erase(key: str) -> None:
        documents.erase(key)

    bucket = BucketFacts("b", "eu-west-1", "Enabled")
    table = TableFacts("t", 0, 0, "PAY_PER_REQUEST", "KEYS_ONLY")
    return Side(MemorySurvey(documents, bucket, table), write, erase)


@pytest.fixture(params=["memory", "embedded"])
async def side(request: pytest.FixtureRequest, client: AwsClient) -> Side:
    return memory_side() if request.param == "memory" else await embedded_side(client)


async def test_versions_and_delete_markers_are_counted_apart_from_what_is_current(side: Side) -> None:
    for body in (b"1", b"22", b"333"):
        await side.write("k", body)
    await side.write("gone/é +", b"4444")
    await side.erase("gone/é +")
    await side.write("plain", b"55555")
    page = await side.survey.versions(None)
    assert (page.noncurrent, page.noncurrent_bytes, page.delete_markers) == (3, 7, 1)
    assert page.position is None
    narrowed = await side.survey.versions(None, "gone/")
    assert (narrowed.noncurrent, narrowed.delete_markers) == (1, 1)


async def test_a_listing_of_versions_goes_on_where_a_page_ended(side: Side) -> None:
    for n in range(3):
        for key in range(340):
            await side.write(f"+ é/{key:03}", b"x" * (n + 1))
    noncurrent = size = pages = 0
    position: VersionMark | None = None
    while pages == 0 or position:
        page = await side.survey.versions(position)
        noncurrent, size, pages = noncurrent + page.noncurrent, size + page.noncurrent_bytes, pages + 1
        position = page.position
    assert (noncurrent, size, pages) == (680, 340 * 3, 2)


async def test_a_look_at_a_plain_document_finds_nothing_special_and_absence_is_told(side: Side) -> None:
    await side.write("k?#%+", b"1")
    # AWS names AES256 here; the embedded AWS says nothing unless it was asked for.
    assert await side.survey.head("k?#%+") in (Head("AES256"), Head(""))
    assert await side.survey.head("never") is None
    await side.erase("k?#%+")
    assert await side.survey.head("k?#%+") is None


async def test_the_facts_about_bucket_and_table_are_told(side: Side) -> None:
    bucket, table = await side.survey.bucket(), await side.survey.table()
    assert (bucket.region, bucket.versioning, bucket.encryption) == ("eu-west-1", "Enabled", "AES256")
    assert (bucket.object_lock, bucket.requester_pays or False) == (False, False)
    assert (table.billing, table.stream) == ("PAY_PER_REQUEST", "KEYS_ONLY")


async def test_encryption_with_keys_of_others_is_recognised(client: AwsClient) -> None:
    bucket = await versioned_bucket(client)
    survey = AwsSurvey(client, bucket, "")
    kms = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "k-1"}
    await client.send("s3", "PUT", path_of(bucket, "kms"), headers=kms, body=b"1")
    key = {"key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "key-md5": "hRasmdxgYDKV3nvbahU1MA=="}
    headers = {f"{CUSTOMER}{name}": value for name, value in {"algorithm": "AES256", **key}.items()}
    await client.send("s3", "PUT", path_of(bucket, "own"), headers=headers, body=b"1")
    looked = await survey.head("kms")
    assert looked is not None
    assert looked.encryption == "aws:kms"
    assert looked.kms_key
    assert await survey.head("own") == Head("customer")


async def test_object_lock_is_seen_on_the_bucket_and_on_the_document(client: AwsClient) -> None:
    bucket = f"b-{uuid.uuid4().hex}"
    locking = {"x-amz-bucket-object-lock-enabled": "true"}
    place = b"<LocationConstraint>eu-west-1</LocationConstraint>"
    body = b"<CreateBucketConfiguration>%b</CreateBucketConfiguration>" % place
    await client.send("s3", "PUT", path_of(bucket), headers=locking, body=body)
    await client.send("s3", "PUT", path_of(bucket, "free"), body=b"1")
    hold = {"x-amz-object-lock-legal-hold": "ON", "x-amz-sdk-checksum-algorithm": "CRC32"}
    await client.send("s3", "PUT", path_of(bucket, "held"), headers=hold, body=b"1")
    survey = AwsSurvey(client, bucket, "")
    assert (await survey.bucket()).object_lock
    held, free = await survey.head("held"), await survey.head("free")
    assert held is not None and held.locked
    assert free is not None and not free.locked


async def test_what_is_not_there_is_refused_by_name(client: AwsClient) -> None:
    survey = AwsSurvey(client, f"b-{uuid.uuid4().hex}", f"t-{uuid.uuid4().hex}")
    with pytest.raises(InvalidInput, match="NoSuchBucket"):
        await survey.bucket()
    with pytest.raises(InvalidInput, match="ResourceNotFound"):
        await survey.table()
