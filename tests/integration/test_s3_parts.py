"""What only a store with real multipart uploads can show."""

import pytest

from docferry.aws import s3_xml
from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents, path_of
from docferry.domain.document import Listed, differing_fields
from docferry.domain.errors import Conflict, InvalidInput
from tests.contract.conftest import versioned_bucket

PART = 5 * 1024**2


@pytest.fixture
async def stores(source_client: AwsClient, client: AwsClient) -> tuple[S3Documents, S3Documents]:
    source = S3Documents(source_client, await versioned_bucket(source_client, "us-east-1"))
    return source, S3Documents(client, await versioned_bucket(client), source)


async def upload(client: AwsClient, bucket: str, key: str, parts: list[bytes]) -> None:
    path = path_of(bucket, key)
    headers = {"x-amz-meta-author": "x", "cache-control": "no-cache"}
    created = await client.send("s3", "POST", path, query={"uploads": ""}, headers=headers)
    upload_id = s3_xml.text_of(created.body, "UploadId")
    etags = []
    for number, body in enumerate(parts, 1):
        query = {"uploadId": upload_id, "partNumber": str(number)}
        etags.append((await client.send("s3", "PUT", path, query=query, body=body)).headers["etag"])
    body = s3_xml.completion(etags)
    await client.send("s3", "POST", path, query={"uploadId": upload_id}, body=body)


async def test_a_document_in_parts_keeps_its_boundaries_and_everything_else(
    client: AwsClient, stores: tuple[S3Documents, S3Documents]
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, "large", [b"a" * PART, b"b" * (PART + 1), b"c"])
    await source.put_tags("large", "", {"t": "1"})
    shown = await source.look("large")
    assert shown is not None
    assert shown.multipart
    written = await target.copy(shown, None)
    copied = await target.look("large")
    assert copied is not None
    assert differing_fields(shown, copied) == ()
    assert (copied.etag, copied.tags, copied.metadata) == (shown.etag, {"t": "1"}, {"author": "x"})
    assert written.version == copied.version


async def test_a_part_copy_of_an_overwritten_source_leaves_no_document_and_no_upload(
    client: AwsClient, stores: tuple[S3Documents, S3Documents]
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, "large", [b"a" * PART, b"b"])
    with pytest.raises(Conflict):
        await target.copy(Listed("large", "0" * 32 + "-2", PART + 1, 0), None)
    assert await target.look("large") is None
    uploads = await client.send("s3", "GET", path_of(target.bucket), query={"uploads": ""})
    assert not s3_xml.text_of(uploads.body, "UploadId")


async def test_a_missing_bucket_is_never_taken_for_a_deleted_document(client: AwsClient) -> None:
    with pytest.raises(InvalidInput, match="NoSuchBucket"):
        await S3Documents(client, "there-is-no-such-bucket").look("k")
