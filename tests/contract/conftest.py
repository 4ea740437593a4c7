import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from docferry.aws.dynamodb import API, DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents, path_of
from docferry.domain.record import KeySchema
from docferry.ports import DocumentStore, RecordStore
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.records import MemoryRecords


async def dynamo_table(client: AwsClient, *, stream: bool = False) -> DynamoRecords:
    name = f"t-{uuid.uuid4().hex}"
    await client.json(
        "dynamodb",
        API + "CreateTable",
        {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
            if stream
            else {"StreamEnabled": False},
            "AttributeDefinitions": [
                {"AttributeName": "owner", "AttributeType": "S"},
                {"AttributeName": "name", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "owner", "KeyType": "HASH"},
                {"AttributeName": "name", "KeyType": "RANGE"},
            ],
        },
    )
    return DynamoRecords(client, name)


@pytest.fixture(params=["memory", "embedded"])
async def records(request: pytest.FixtureRequest, client: AwsClient) -> RecordStore:
    if request.param == "memory":
        return MemoryRecords(KeySchema("owner", "name"))
    return await dynamo_table(client)


Write = Callable[[str, bytes, Mapping[str, str], Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True)
class Pair:
    """Two buckets, and how an application writes to and deletes from each."""

    source: DocumentStore
    target: DocumentStore
    write_source: Write
    write_target: Write
    erase_source: Callable[[str], Awaitable[None]]


@pytest.fixture(params=["memory", "embedded"])
async def pair(request: pytest.FixtureRequest, source_client: AwsClient, client: AwsClient) -> Pair:
    return memory_pair() if request.param == "memory" else await embedded_pair(source_client, client)


def memory_pair() -> Pair:
    source = MemoryDocuments()
    target = MemoryDocuments(source)

    def writer(store: MemoryDocuments) -> Write:
        async def write(key: str, body: bytes, metadata: Mapping[str, str], tags: Mapping[str, str]) -> None:
            store.write(key, body, metadata=metadata, tags=tags)

        return write

    async def erase(key: str) -> None:
        source.erase(key)

    return Pair(source, target, writer(source), writer(target), erase)


async def embedded_pair(source_client: AwsClient, client: AwsClient) -> Pair:
    source = S3Documents(source_client, await versioned_bucket(source_client, "us-east-1"))
    target = S3Documents(client, await versioned_bucket(client), source)

    def writer(store: S3Documents, client: AwsClient) -> Write:
        async def write(key: str, body: bytes, metadata: Mapping[str, str], tags: Mapping[str, str]) -> None:
            headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
            headers |= {"x-amz-tagging": urlencode(tags), "content-type": "text/plain"}
            await client.send("s3", "PUT", path_of(store.bucket, key), headers=headers, body=body)

        return write

    async def erase(key: str) -> None:
        await source_client.send("s3", "DELETE", path_of(source.bucket, key))

    return Pair(source, target, writer(source, source_client), writer(target, client), erase)


async def versioned_bucket(client: AwsClient, region: str = "eu-west-1") -> str:
    name = f"b-{uuid.uuid4().hex}"
    place = f"<LocationConstraint>{region}</LocationConstraint>".encode()
    body = b"" if region == "us-east-1" else b"<CreateBucketConfiguration>%b</CreateBucketConfiguration>" % place
    await client.send("s3", "PUT", path_of(name), body=body)
    versioned = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    await client.send("s3", "PUT", path_of(name), query={"versioning": ""}, body=versioned)
    return name
