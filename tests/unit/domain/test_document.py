from dataclasses import replace

import pytest

from docferry.domain.document import Checksum, Document, Sameness, differing_fields, same_bytes

MD5 = "0123456789abcdef0123456789abcdef"
OTHER_MD5 = "f" * 32
PLAIN = Document("k", MD5, 10)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (PLAIN, PLAIN, Sameness.SAME),
        (PLAIN, replace(PLAIN, size=11), Sameness.DIFFERENT),
        (PLAIN, replace(PLAIN, etag=OTHER_MD5), Sameness.DIFFERENT),
        (replace(PLAIN, etag=MD5 + "-2"), replace(PLAIN, etag=MD5 + "-2"), Sameness.SAME),
        (PLAIN, replace(PLAIN, etag=MD5 + "-2"), Sameness.UNKNOWN),
        (replace(PLAIN, etag=MD5 + "-2"), replace(PLAIN, etag=OTHER_MD5 + "-2"), Sameness.UNKNOWN),
    ],
)
def test_etags_decide_only_where_they_are_digests(one: Document, other: Document, expected: Sameness) -> None:
    assert same_bytes(one, other) is expected


def test_an_etag_under_kms_is_no_digest() -> None:
    kms = replace(PLAIN, encryption="aws:kms")
    assert same_bytes(kms, kms) is Sameness.UNKNOWN


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Checksum("SHA256", "a"), Checksum("SHA256", "a"), Sameness.SAME),
        (Checksum("SHA256", "a"), Checksum("SHA256", "b"), Sameness.DIFFERENT),
        (Checksum("SHA256", "a-2", "COMPOSITE"), Checksum("SHA256", "b-3", "COMPOSITE"), Sameness.UNKNOWN),
        (Checksum("SHA256", "a", "COMPOSITE"), Checksum("SHA256", "a"), Sameness.UNKNOWN),
        (Checksum("SHA256", "a"), Checksum("CRC32", "a"), Sameness.UNKNOWN),
    ],
)
def test_checksums_compare_only_within_algorithm_and_kind(
    one: Checksum, other: Checksum, expected: Sameness
) -> None:
    kms = replace(PLAIN, encryption="aws:kms")
    assert same_bytes(replace(kms, checksum=one), replace(kms, checksum=other)) is expected


def test_each_thing_that_a_copy_must_keep_is_compared() -> None:
    other = replace(PLAIN, metadata={"a": "1"}, tags={"t": "1"}, headers={"content-type": "x"})
    assert differing_fields(PLAIN, PLAIN) == ()
    assert differing_fields(PLAIN, other) == ("headers", "metadata", "tags")
    assert differing_fields(PLAIN, replace(PLAIN, storage_class="GLACIER")) == ("storage_class",)


def test_two_digests_that_differ_settle_it_whatever_a_short_checksum_says() -> None:
    one = replace(PLAIN, checksum=Checksum("CRC32", "a"))
    assert same_bytes(one, replace(one, etag=OTHER_MD5)) is Sameness.DIFFERENT
    assert same_bytes(one, replace(one, etag=OTHER_MD5 + "-1")) is Sameness.SAME


def test_an_etag_is_a_digest_however_the_two_sides_keep_the_document_without_kms() -> None:
    kept = replace(PLAIN, encryption="AES256")
    assert same_bytes(PLAIN, kept) is Sameness.SAME
    assert same_bytes(PLAIN, replace(kept, etag=OTHER_MD5)) is Sameness.DIFFERENT
    assert same_bytes(PLAIN, replace(kept, encryption="aws:kms")) is Sameness.UNKNOWN


def test_a_checksum_on_one_side_only_tells_nothing() -> None:
    kms = replace(PLAIN, encryption="aws:kms")
    assert same_bytes(kms, replace(kms, checksum=Checksum("SHA256", "a"))) is Sameness.UNKNOWN
    assert same_bytes(replace(kms, checksum=Checksum("SHA256", "a")), kms) is Sameness.UNKNOWN
