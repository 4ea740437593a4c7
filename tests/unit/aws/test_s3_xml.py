import pytest

from docferry.aws import s3_xml


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", False),
        (b"<Error><Code>InternalError</Code></Error>", True),
        (b"   ", True),
        (b"", True),
    ],
)
def test_an_error_inside_a_200_is_seen(body: bytes, expected: bool) -> None:
    assert s3_xml.is_error(body) is expected


def test_keys_of_a_listing_are_unquoted() -> None:
    body = (
        b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>'
        b"<Contents><Key>a+b%2Bc%20d</Key><ETag>&quot;e&quot;</ETag><Size>3</Size>"
        b"<LastModified>2026-01-01T00:00:00.500Z</LastModified><StorageClass>GLACIER</StorageClass></Contents>"
        b"</ListBucketResult>"
    )
    page = s3_xml.listing_page(body)
    assert page.more
    (row,) = page.rows
    assert (row.key, row.etag, row.size, row.storage_class) == ("a b+c d", "e", 3, "GLACIER")
    assert row.modified == 1767225600.5
