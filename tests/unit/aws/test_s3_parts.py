import asyncio
import base64
import hashlib
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from docferry.aws import s3_parts
from docferry.aws.http import COPYING, QUICK, Answer, AwsClient, Guard, Patience
from docferry.aws.s3_parts import copy_parts, part_sizes
from docferry.aws.signing import Request
from docferry.domain.document import Checksum, Document
from docferry.domain.errors import Conflict, StaleEpoch
from docferry.ports import Written
from tests.unit.aws.conftest import FakeAws, Seen

ETAG = "0" * 32 + "-2"
SOURCE = Document("k", ETAG, 8, version="v1")
COPIED = b'<CopyPartResult><ETag>"p"</ETag><ChecksumSHA256>s</ChecksumSHA256></CopyPartResult>'


@dataclass
class Upload:
    """The target's half of an upload in parts, as S3 answers it."""

    aws: FakeAws
    part: bytes = COPIED
    done: list[bytes] = field(default_factory=lambda: [b"<CompleteMultipartUploadResult/>"])

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "DELETE":
            return web.Response(status=204)
        if "uploads" in request.query:
            return web.Response(body=b"<Result><Key>a&#x1;b</Key><UploadId>u</UploadId></Result>")
        if "partNumber" in request.query and "x-amz-copy-source" in request.headers:
            return web.Response(body=self.part, headers={"x-amz-copy-source-version-id": "v1"})
        if "partNumber" in request.query:
            return web.Response(headers={"etag": '"empty"'})
        body = self.done.pop(0) if len(self.done) > 1 else self.done[0]
        return web.Response(body=body, headers={"x-amz-version-id": "v2"})

    def sent(self, name: str) -> list[Seen]:
        """Return the requests of one kind, by a name in their query; without one, the completions."""
        if name:
            return [one for one in self.aws.seen if name in one.query]
        return [one for one in self.aws.seen if one.method == "POST" and "uploads" not in one.query]

    def completed(self) -> list[dict[str, str | None]]:
        return [{one.tag: one.text for one in part} for part in ET.fromstring(self.sent("")[-1].body)]


@pytest.fixture
def upload(aws: FakeAws) -> Upload:
    fake = Upload(aws)
    aws.answer = fake.answer
    return fake


async def same() -> None:
    """The source is what it was."""


async def copy(client: AwsClient, source: Document = SOURCE, sizes: tuple[int, ...] = (5, 3)) -> Written:
    return await copy_parts(client, "source", "target", source, sizes, {"if-none-match": "*"}, same)


async def test_a_composite_checksum_is_completed_with_the_checksum_of_each_part(
    client: AwsClient, upload: Upload
) -> None:
    written = await copy(client, replace(SOURCE, checksum=Checksum("SHA256", "x-2", "COMPOSITE")))
    assert upload.completed() == [
        {"PartNumber": "1", "ETag": '"p"', "ChecksumSHA256": "s"},
        {"PartNumber": "2", "ETag": '"p"', "ChecksumSHA256": "s"},
    ]
    created = upload.sent("uploads")[0].headers
    assert (created["x-amz-checksum-algorithm"], created["x-amz-checksum-type"]) == ("SHA256", "COMPOSITE")
    assert (written.version, written.source_version) == ("v2", "v1")


async def test_every_part_is_of_the_source_that_was_looked_at_and_the_whole_is_completed_on_condition(
    client: AwsClient, upload: Upload
) -> None:
    await copy(client)
    assert [one.headers["x-amz-copy-source-if-match"] for one in upload.sent("partNumber")] == [f'"{ETAG}"'] * 2
    assert [one.headers.get("if-none-match") for one in upload.sent("")] == ["*"]


async def test_parts_without_a_checksum_are_completed_without(client: AwsClient, upload: Upload) -> None:
    upload.part = b'<CopyPartResult><ETag>"p"</ETag></CopyPartResult>'
    await copy(client, replace(SOURCE, checksum=Checksum("SHA256", "x-2", "COMPOSITE")))
    assert upload.completed()[0] == {"PartNumber": "1", "ETag": '"p"'}


async def test_no_checksum_is_named_that_the_upload_was_not_created_with(
    client: AwsClient, upload: Upload
) -> None:
    await copy(client)
    assert upload.completed()[0] == {"PartNumber": "1", "ETag": '"p"'}
    assert "x-amz-checksum-algorithm" not in upload.sent("uploads")[0].headers


async def test_a_checksum_of_the_whole_that_parts_cannot_give_is_asked_for_by_parts(
    client: AwsClient, upload: Upload
) -> None:
    await copy(client, replace(SOURCE, checksum=Checksum("SHA256", "x")))
    assert upload.sent("uploads")[0].headers["x-amz-checksum-type"] == "COMPOSITE"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("SHA256", base64.b64encode(hashlib.sha256(b"").digest()).decode()),
        ("SHA1", base64.b64encode(hashlib.sha1(b"").digest()).decode()),
        ("CRC32", "AAAAAA=="),
        ("CRC32C", "AAAAAA=="),
        ("CRC64NVME", "AAAAAAAAAAA="),
    ],
)
async def test_an_empty_part_is_uploaded_because_no_range_can_name_it(
    client: AwsClient, upload: Upload, algorithm: str, expected: str
) -> None:
    source = replace(SOURCE, etag="0" * 32 + "-1", size=0, checksum=Checksum(algorithm, "x-1", "COMPOSITE"))
    written = await copy(client, source, (0,))
    (part,) = upload.sent("partNumber")
    assert (part.method, part.body, part.query["partNumber"]) == ("PUT", b"", "1")
    assert "x-amz-copy-source-range" not in part.headers
    assert part.headers[f"x-amz-checksum-{algorithm.lower()}"] == expected
    assert upload.completed() == [{"PartNumber": "1", "ETag": '"empty"', f"Checksum{algorithm}": expected}]
    assert written.source_version == "v1"


async def test_only_the_empty_part_is_uploaded(client: AwsClient, upload: Upload) -> None:
    await copy(client, sizes=(8, 0))
    spans = {
        one.query["partNumber"]: one.headers.get("x-amz-copy-source-range") for one in upload.sent("partNumber")
    }
    assert spans == {"1": "bytes=0-7", "2": None}


@pytest.mark.parametrize("first", [b"", b"<Error><Code>InternalError</Code></Error>"])
async def test_an_error_inside_the_200_of_a_completion_is_tried_again(
    client: AwsClient, upload: Upload, first: bytes
) -> None:
    upload.done.insert(0, first)
    await copy(client)
    assert [len(upload.sent(name)) for name in ("", "uploads", "partNumber")] == [2, 1, 2]


async def test_an_upload_whose_lease_ends_is_aborted_and_nothing_else_is_sent(
    client: AwsClient, upload: Upload
) -> None:
    left = 2

    def guard() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StaleEpoch("the lease is over")

    with pytest.raises(StaleEpoch):
        await copy_parts(client, "source", "target", SOURCE, (5, 3), {}, same, guard)
    assert len(upload.aws.seen) == 3
    assert upload.aws.seen[-1].method == "DELETE"


async def test_a_source_that_changed_while_its_parts_were_copied_is_not_completed(
    client: AwsClient, upload: Upload
) -> None:
    async def changed() -> None:
        assert len(upload.sent("partNumber")) == 2
        raise Conflict("gone")

    with pytest.raises(Conflict):
        await copy_parts(client, "source", "target", SOURCE, (5, 3), {}, changed)
    assert upload.sent("") == []
    assert upload.aws.seen[-1].method == "DELETE"


async def test_cancelling_does_not_wait_for_an_abort_that_is_not_answered(
    client: AwsClient, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        if "uploads" in request.query:
            return await upload.answer(request)
        await asyncio.sleep(30)
        raise AssertionError("unreachable")

    monkeypatch.setattr(s3_parts, "ABORT_TIMEOUT_S", 0.2)
    upload.aws.answer = silent
    copying = asyncio.ensure_future(copy(client))
    while not upload.sent("partNumber"):
        await asyncio.sleep(0.01)
    started = time.monotonic()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert time.monotonic() - started < 1.0
    assert any(one.method == "DELETE" for one in upload.aws.seen)


HELD = {
    "expires": "Thu, 01 Jan 2026 00:00:00 GMT",
    "content-disposition": 'attachment; filename="two  spaces.pdf"',
    "x-amz-website-redirect-location": "/x",
}


async def test_what_belongs_to_a_document_is_created_with_the_upload_verbatim(
    client: AwsClient, upload: Upload
) -> None:
    metadata = {"inner": "two  spaces", "word": "=?UTF-8?Q?caf=C3=A9?="}
    tags = {"a b": "1 + 2 = 3/&", "\u00e9": ""}
    await copy(client, replace(SOURCE, headers=HELD, metadata=metadata, tags=tags, storage_class="GLACIER_IR"))
    created = upload.sent("uploads")[0].headers
    assert {name: created[name] for name in HELD} == HELD
    assert {name: created[f"x-amz-meta-{name}"] for name in metadata} == metadata
    assert dict(parse_qsl(created["x-amz-tagging"], keep_blank_values=True)) == tags
    assert "+" not in created["x-amz-tagging"]
    assert created["x-amz-storage-class"] == "GLACIER_IR"


async def test_tags_too_long_for_a_header_are_left_to_a_request_of_their_own(
    client: AwsClient, upload: Upload
) -> None:
    await copy(client, replace(SOURCE, tags={f"k{n}": "\u6f22" * 100 for n in range(10)}))
    assert "x-amz-tagging" not in upload.sent("uploads")[0].headers


async def test_copies_and_completions_are_waited_for_longer(
    client: AwsClient, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[str, Patience]] = []
    once = client._send_once

    async def noting(service: str, base: str, request: Request, guard: Guard | None, patience: Patience) -> Answer:
        waited.append((request.method, patience))
        return await once(service, base, request, guard, patience)

    monkeypatch.setattr(client, "_send_once", noting)
    await copy(client)
    assert waited == [("POST", QUICK), ("PUT", COPYING), ("PUT", COPYING), ("POST", COPYING)]


def attributes(first: int, last: int, marker: int = 0, etag: str = "0" * 32 + "-1500") -> bytes:
    parts = b"".join(
        b"<Part><PartNumber>%d</PartNumber><Size>%d</Size></Part>" % (n, n) for n in range(first, last + 1)
    )
    more = b"<IsTruncated>true</IsTruncated><NextPartNumberMarker>%d</NextPartNumberMarker>" % marker
    return (
        b"<GetObjectAttributesResponse><ETag>%b</ETag><ObjectParts>%b%b</ObjectParts></GetObjectAttributesResponse>"
        % (
            etag.encode(),
            more if marker else b"<IsTruncated>false</IsTruncated>",
            parts,
        )
    )


MANY = Document("k", "0" * 32 + "-1500", sum(range(1501)))


async def test_part_sizes_are_read_page_by_page(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, attributes(1, 1000, 1000)), (200, attributes(1001, 1500)))
    assert await part_sizes(client, "source", MANY) == list(range(1, 1501))
    assert [one.headers.get("x-amz-part-number-marker") for one in aws.seen] == [None, "1000"]


async def test_parts_that_do_not_make_up_the_document_are_no_parts(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, attributes(1, 1000, 1000)))
    assert await part_sizes(client, "source", MANY) == []
    large = replace(MANY, size=5 * 1024**3 + 1)
    assert await part_sizes(client, "source", large) == [1024**3] * 5 + [1]


async def test_part_sizes_of_an_overwritten_source_are_a_conflict(aws: FakeAws, client: AwsClient) -> None:
    aws.answers((200, attributes(1, 1500, etag="1" * 32 + "-1500")))
    with pytest.raises(Conflict):
        await part_sizes(client, "source", MANY)


async def test_part_sizes_that_the_attributes_do_not_tell_are_asked_part_by_part(
    aws: FakeAws, client: AwsClient
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if "attributes" in request.query:
            return web.Response(body=attributes(1, 0, etag=ETAG))
        return web.Response(status=206, body=b"x" * {"1": 5, "2": 3}[request.query["partNumber"]])

    aws.answer = answer
    assert await part_sizes(client, "source", SOURCE) == [5, 3]
    assert [one.headers["if-match"] for one in aws.seen[1:]] == [f'"{ETAG}"'] * 2
