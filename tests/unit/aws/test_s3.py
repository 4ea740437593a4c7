import gzip
import hashlib
from collections.abc import Mapping

import pytest
from aiohttp import web

from docferry.aws import s3
from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Conflict, InvalidInput, Retryable, StaleEpoch
from docferry.ports import ListingPage
from tests.unit.aws.conftest import FakeAws, Handler

ETAG = "0" * 32
COPIED = b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"
ROW = (
    b"<Contents><Key>%b</Key><ETag>&quot;e&quot;</ETag><Size>1</Size>"
    b"<LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
)


def over() -> None:
    raise StaleEpoch("the lease is over")


@pytest.fixture
def target(client: AwsClient) -> S3Documents:
    return S3Documents(client, "target", S3Documents(client, "source"))


def page(*inside: bytes) -> tuple[int, bytes]:
    start = b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
    return 200, start + b"".join(inside) + b"</ListBucketResult>"


def truncated(token: bytes) -> bytes:
    return b"<IsTruncated>true</IsTruncated><NextContinuationToken>%b</NextContinuationToken>" % token


async def test_no_document_is_written_tagged_or_removed_without_leave(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, COPIED))
    target = S3Documents(client, "target", S3Documents(client, "source"), guard=over)
    with pytest.raises(StaleEpoch):
        await target.copy(Listed("k", ETAG, 1, 0), None)
    with pytest.raises(StaleEpoch):
        await target.put_tags("k", "", {})
    with pytest.raises(StaleEpoch):
        await target.remove("k", Document("k", ETAG, 1))
    assert aws.seen == []


async def test_an_internal_error_inside_the_200_of_a_copy_is_tried_again(
    aws: FakeAws, target: S3Documents
) -> None:
    aws.answers((200, b"<Error><Code>InternalError</Code></Error>"), (200, b""), (200, COPIED))
    await target.copy(Listed("k", ETAG, 1, 0), None)
    assert len(aws.seen) == 3


async def test_a_copy_sets_the_redirect_that_copyobject_drops(aws: FakeAws, target: S3Documents) -> None:
    aws.answers((200, COPIED))
    redirect = {"x-amz-website-redirect-location": "/elsewhere"}
    await target.copy(Document("k", ETAG, 1, headers={"content-type": "text/html", **redirect}), None)
    await target.copy(Listed("k", ETAG, 1, 0), None)
    sent = [one.headers for one in aws.seen]
    assert sent[0]["x-amz-website-redirect-location"] == "/elsewhere"
    assert "content-type" not in sent[0]
    assert "x-amz-website-redirect-location" not in sent[1]


async def test_a_removal_of_what_somebody_else_just_deleted_is_a_conflict(
    aws: FakeAws, target: S3Documents
) -> None:
    aws.answers((404, b"<Error><Code>NoSuchKey</Code></Error>"))
    with pytest.raises(Conflict):
        await target.remove("k", Document("k", ETAG, 1))
    assert aws.seen[0].headers["if-match"] == f'"{ETAG}"'


async def test_a_removal_from_a_missing_bucket_is_no_conflict(aws: FakeAws, target: S3Documents) -> None:
    aws.answers((404, b"<Error><Code>NoSuchBucket</Code></Error>"))
    with pytest.raises(InvalidInput):
        await target.remove("k", Document("k", ETAG, 1))


async def test_an_empty_truncated_page_is_not_taken_for_the_end(aws: FakeAws, target: S3Documents) -> None:
    aws.answers(page(truncated(b"one+/=")), page(truncated(b"two")), page(ROW % b"z", truncated(b"three")))
    found = await target.page("a", "p")
    assert ([row.key for row in found.rows], found.more) == (["z"], True)
    asked = [(one.query.get("start-after"), one.query.get("continuation-token")) for one in aws.seen]
    assert asked == [("a", None), (None, "one+/="), (None, "two")]
    assert {one.query["prefix"] for one in aws.seen} == {"p"}


async def test_an_empty_last_page_is_the_end(aws: FakeAws, target: S3Documents) -> None:
    aws.answers(page(truncated(b"one")), page())
    assert await target.page("a") == ListingPage((), False)


async def test_empty_pages_that_lead_nowhere_end_in_an_error(aws: FakeAws, target: S3Documents) -> None:
    aws.answers(page(truncated(b"same")))
    with pytest.raises(Retryable):
        await target.page("")
    aws.answers(page(b"<IsTruncated>true</IsTruncated>"))
    with pytest.raises(Retryable):
        await target.page("")


async def test_a_page_of_nothing_but_reserved_documents_is_not_taken_for_the_end(
    aws: FakeAws, target: S3Documents
) -> None:
    reserved = ROW % b".docferry/canary"
    aws.answers(page(reserved, truncated(b"one")), page(reserved, ROW % b"z", truncated(b"two")))
    found = await target.page("a")
    assert ([row.key for row in found.rows], found.more) == (["z"], True)
    aws.answers(page(reserved, truncated(b"one")), page(reserved))
    assert await target.page("a") == ListingPage((), False)


async def test_a_stranger_under_the_reserved_prefix_is_found_behind_docferry_s_own(
    aws: FakeAws, target: S3Documents
) -> None:
    own = ROW % b".docferry/canary" + ROW % b".docferry/heartbeat"
    aws.answers(page(own, truncated(b"one")), page(ROW % b".docferry/mine"))
    assert await target.stranger() == ".docferry/mine"
    assert {one.query["prefix"] for one in aws.seen} == {".docferry/"}
    aws.answers(page(own))
    assert await target.stranger() is None


async def test_reserved_documents_are_put_whatever_the_guard_says(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, b""))
    guarded = S3Documents(client, "target", guard=over)
    await guarded.put(".docferry/canary", "1")
    (sent,) = aws.seen
    assert (sent.method, sent.path, sent.body) == ("PUT", "/target/.docferry/canary", b"1")
    assert sent.headers["content-md5"] == "xMpCOKC5I4INzFCab3WEmw=="
    with pytest.raises(ValueError, match="not reserved"):
        await guarded.put("k", "1")
    assert len(aws.seen) == 1


def ranges_of(body: bytes, headers: Mapping[str, str]) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        first, last = request.headers["range"].removeprefix("bytes=").split("-")
        return web.Response(status=206, body=body[int(first) : int(last) + 1], headers=dict(headers))

    return answer


@pytest.mark.parametrize("body", [gzip.compress(b"hello" * 10, mtime=0), b"says gzip and is none"])
async def test_a_digest_is_of_the_stored_bytes(
    aws: FakeAws, target: S3Documents, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(s3, "READ_BYTES", 10)
    aws.answer = ranges_of(body, {"content-encoding": "gzip"})
    assert await target.read_digest(Document("k", ETAG, len(body))) == hashlib.sha256(body).hexdigest()


async def test_a_digest_is_right_where_the_store_ignores_ranges(
    aws: FakeAws, target: S3Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "READ_BYTES", 10)
    aws.answers((200, b"more than ten bytes"))
    document = Document("k", ETAG, 19, version="v1")
    assert await target.read_digest(document) == hashlib.sha256(b"more than ten bytes").hexdigest()


@pytest.mark.parametrize("key", ["a+b", "%41", "a b", "a\tb", "\u00e9\u6f22", "x//y", "c\x01d", "..", "a?b#c&d"])
async def test_a_copy_names_its_source_as_it_is(aws: FakeAws, target: S3Documents, key: str) -> None:
    aws.answers((200, COPIED))
    await target.copy(Listed(key, ETAG, 1, 0), None)
    quoted = s3.path_of("source", key)
    assert aws.seen[0].headers["x-amz-copy-source"] == quoted
    assert aws.seen[0].path == s3.path_of("target", key)
