import xml.etree.ElementTree as ET

import pytest

from docferry.aws import s3_xml
from docferry.aws.s3_versions import version_page
from docferry.domain.errors import Retryable

NAMESPACE = b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ROW = (
    b"<Contents><Key>%b</Key><ETag>&quot;e&quot;</ETag><Size>3</Size>"
    b"<LastModified>2026-01-01T00:00:00.500Z</LastModified><StorageClass>GLACIER</StorageClass></Contents>"
)


def listing(*inside: bytes) -> bytes:
    return b"<ListBucketResult %b>%b</ListBucketResult>" % (NAMESPACE, b"".join(inside))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", False),
        (b"<Error><Code>InternalError</Code></Error>", True),
        (b'  \n <?xml version="1.0"?>  <Error><Code>InternalError</Code></Error>', True),
        (b"   ", True),
        (b"", True),
    ],
)
def test_an_error_inside_a_200_is_seen(body: bytes, expected: bool) -> None:
    assert s3_xml.is_error(body) is expected


def test_keys_of_a_listing_are_unquoted_where_the_answer_says_that_they_are_quoted() -> None:
    quoted = s3_xml.listing_page(listing(b"<EncodingType>url</EncodingType>", ROW % b"a+b%2Bc%20d%01"))
    assert [row.key for row in quoted.rows] == ["a b+c d\x01"]
    plain = s3_xml.listing_page(listing(ROW % b"a+b%41"))
    assert [row.key for row in plain.rows] == ["a+b%41"]


def test_a_row_of_a_listing_is_read_whole() -> None:
    page = s3_xml.listing_page(listing(b"<IsTruncated>true</IsTruncated>", ROW % b"k"))
    assert page.more
    (row,) = page.rows
    assert (row.key, row.etag, row.size, row.storage_class) == ("k", "e", 3, "GLACIER")
    assert row.modified == 1767225600.5


def test_a_listing_never_shows_a_key_that_lost_a_character() -> None:
    with pytest.raises(Retryable):
        s3_xml.listing_page(listing(ROW % b"a&#x1;b"))


@pytest.mark.parametrize("odd", [b"&#x1;", b"&#1;", b"&#x1F;", b"&#xFFFF;", b"&#xd800;", b"\x01", b"\xef\xbf\xbf"])
def test_what_xml_cannot_hold_does_not_hide_the_rest(odd: bytes) -> None:
    body = b"<R><Key>a%b&#x41;&#233;&lt;</Key><UploadId>u</UploadId></R>" % odd
    assert (s3_xml.text_of(body, "UploadId"), s3_xml.text_of(body, "Key")) == ("u", "aA\u00e9<")


@pytest.mark.parametrize("body", [b"", b"<R><Key>", b"no xml", b"<R>&unknown;</R>"])
def test_what_is_no_xml_is_retryable(body: bytes) -> None:
    for read in (s3_xml.parse, s3_xml.tags, s3_xml.listing_page, s3_xml.parts_page, version_page):
        with pytest.raises(Retryable):
            read(body)


def test_versions_under_a_key_with_control_characters_are_counted() -> None:
    one = b"<Version><Key>a&#x1;</Key><IsLatest>false</IsLatest><Size>3</Size></Version>"
    page = version_page(b"<ListVersionsResult>%b</ListVersionsResult>" % one)
    assert (page.noncurrent, page.noncurrent_bytes) == (1, 3)


def test_a_completion_names_the_checksum_of_every_part_that_has_one() -> None:
    root = ET.fromstring(s3_xml.completion(["a", "b"], "SHA256", ["x", ""]))
    assert [[(one.tag, one.text) for one in part] for part in root] == [
        [("PartNumber", "1"), ("ETag", "a"), ("ChecksumSHA256", "x")],
        [("PartNumber", "2"), ("ETag", "b")],
    ]
