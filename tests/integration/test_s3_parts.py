"""What only a store with real multipart uploads can show."""

from collections.abc import Mapping

import pytest

from docferry.aws import s3_parts, s3_xml
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


PLAIN = {"x-amz-meta-author": "x", "cache-control": "no-cache"}


async def upload(
    client: AwsClient, bucket: str, key: str, parts: list[bytes], headers: Mapping[str, str] = PLAIN
) -> None:
    path = path_of(bucket, key)
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


ODD = {
    "x-amz-meta-spaces": "two  spaces",
    "x-amz-meta-word": "=?UTF-8?Q?caf=C3=A9?=",
    "content-disposition": 'attachment; filename="a  b.pdf"',
    "content-encoding": "gzip",
    "expires": "Thu, 01 Jan 2026 00:00:00 GMT",
    "x-amz-website-redirect-location": "/elsewhere",
}


@pytest.mark.parametrize("key", ["a+b %41//c", "\u00e9\u6f22"])
@pytest.mark.parametrize("parts", [[b""], [b"a" * PART, b""], [b"a"]])
async def test_parts_of_any_size_under_any_key_keep_odd_headers_and_tags(
    stores: tuple[S3Documents, S3Documents], key: str, parts: list[bytes]
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, key, parts, ODD)
    await source.put_tags(key, "", {"a b": "1 + 2 = 3/", "\u00e9": ""})
    shown = await source.look(key)
    assert shown is not None
    await target.copy(shown, None)
    copied = await target.look(key)
    assert copied is not None
    assert differing_fields(shown, copied) == ()
    assert (copied.etag, copied.size, copied.tags) == (shown.etag, shown.size, {"a b": "1 + 2 = 3/", "\u00e9": ""})
    assert copied.metadata == {"spaces": "two  spaces", "word": "=?UTF-8?Q?caf=C3=A9?="}
    assert copied.headers["x-amz-website-redirect-location"] == "/elsewhere"


async def test_a_document_in_parts_may_have_control_characters_in_its_key(
    stores: tuple[S3Documents, S3Documents],
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, "control\x01\x1f", [b"a"])
    shown = await source.look("control\x01\x1f")
    assert shown is not None
    await target.copy(shown, None)
    assert [row.key for row in (await target.page("")).rows] == ["control\x01\x1f"]


async def test_an_upload_with_a_composite_checksum_completes_where_part_copies_tell_none(
    stores: tuple[S3Documents, S3Documents],
) -> None:
    source, target = stores
    headers = {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "COMPOSITE"}
    await upload(source._client, source.bucket, "k", [b"a" * PART, b"b"], headers)
    shown = await source.look("k")
    assert shown is not None
    assert shown.checksum is not None
    assert shown.checksum.kind == "COMPOSITE"
    await target.copy(shown, None)
    copied = await target.look("k")
    assert copied is not None
    assert copied.etag == shown.etag


async def test_more_parts_than_a_page_of_attributes_holds_are_all_copied(
    stores: tuple[S3Documents, S3Documents],
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, "k", [b"x"] * 1003)
    shown = await source.look("k")
    assert shown is not None
    await target.copy(shown, None)
    copied = await target.look("k")
    assert copied is not None
    assert copied.etag == shown.etag


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


async def test_a_source_that_was_deleted_while_its_parts_were_copied_leaves_no_document(
    client: AwsClient, stores: tuple[S3Documents, S3Documents], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = stores
    await upload(source._client, source.bucket, "large", [b"a" * PART])
    shown = await source.look("large")
    assert shown is not None
    copy = s3_parts._Upload.copy

    async def then_deleted(self: s3_parts._Upload, number: int, start: int, size: int) -> s3_parts._Part:
        part = await copy(self, number, start, size)
        await source._client.send("s3", "DELETE", path_of(source.bucket, "large"))
        return part

    monkeypatch.setattr(s3_parts._Upload, "copy", then_deleted)
    with pytest.raises(Conflict):
        await target.copy(shown, None)
    assert await target.look("large") is None


async def test_a_missing_bucket_is_never_taken_for_a_deleted_document(client: AwsClient) -> None:
    with pytest.raises(InvalidInput, match="NoSuchBucket"):
        await S3Documents(client, "there-is-no-such-bucket").look("k")
