import hashlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.document import Listed
from docferry.domain.inventory import (
    DocumentInventory,
    KeySample,
    RecordInventory,
    VersionInventory,
    record_bytes,
    size_bucket,
)

DIGEST = hashlib.md5(b"", usedforsecurity=False).hexdigest()


def row(key: str, size: int, storage_class: str = "STANDARD", etag: str = DIGEST) -> Listed:
    return Listed(key, etag, size, 0.0, storage_class)


@pytest.mark.parametrize(
    ("size", "named"),
    [(0, "0"), (1, "1-9"), (9, "1-9"), (10, "10-99"), (999, "100-999"), (10**12, "1000000000000-9999999999999")],
)
def test_a_size_falls_into_its_power_of_ten(size: int, named: str) -> None:
    assert size_bucket(size) == named


@given(st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from(["STANDARD", "GLACIER"]))))
def test_storage_classes_and_sizes_each_add_up_to_the_whole(found: list[tuple[int, str]]) -> None:
    inventory = DocumentInventory()
    for size, storage_class in found:
        inventory.add(row("k", size, storage_class))
    shown = inventory.as_json()
    whole = (len(found), sum(size for size, _ in found))
    assert (shown["count"], shown["bytes"]) == whole
    for parts in (list(shown["storage_classes"].values()), shown["sizes"]):
        assert (sum(one["count"] for one in parts), sum(one["bytes"] for one in parts)) == whole


def test_the_histogram_goes_from_small_to_large() -> None:
    inventory = DocumentInventory()
    for size in (5_000, 0, 12, 7, 99_999):
        inventory.add(row("k", size))
    assert [one["size"] for one in inventory.as_json()["sizes"]] == [
        "0",
        "1-9",
        "10-99",
        "1000-9999",
        "10000-99999",
    ]


def test_a_document_in_parts_takes_a_request_a_part_and_two_around_them() -> None:
    inventory = DocumentInventory()
    inventory.add(row("whole", 10))
    inventory.add(row("parts", 20, etag=f"{DIGEST}-12"))
    assert (inventory.total.requests, inventory.multipart.count, inventory.multipart.requests) == (15, 1, 12)


def test_units_are_rounded_up_for_each_record_but_once_for_a_scan() -> None:
    inventory = RecordInventory()
    for _ in range(10):
        inventory.add({"id": {"S": "x" * 1100}}, names_document=True)
    inventory.add({"id": {"S": "y"}}, names_document=False)
    assert (inventory.write_units, inventory.read_units, inventory.scan_units) == (21, 11, 3)
    assert (inventory.as_json()["naming_a_document"], inventory.as_json()["naming_none"]) == (10, 1)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"S": ""}, 0),
        ({"B": "AAEC"}, 3),
        ({"B": "AA=="}, 1),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"N": "0"}, 1),
        ({"N": "12345"}, 4),
        ({"N": "-12"}, 3),
        ({"N": "1200000"}, 2),
        ({"N": "0.0012"}, 2),
        ({"N": "1.25"}, 3),
        ({"N": "12E+30"}, 2),
        ({"N": "12e-7"}, 2),
        ({"N": "+12"}, 2),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "22"]}, 4),
        ({"BS": ["AAEC", "AA=="]}, 4),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 8),
        ({"M": {"k": {"S": "ab"}}}, 7),
    ],
)
def test_a_record_weighs_what_its_names_and_values_do(value: Mapping[str, object], size: int) -> None:
    assert repr(record_bytes({"name": value})) == repr(4 + size)


@given(st.sets(st.text(max_size=8), max_size=40), st.integers(0, 12))
def test_a_sample_is_bounded_and_does_not_depend_on_the_order(keys: set[str], limit: int) -> None:
    forwards, backwards = KeySample(limit), KeySample(limit)
    for key in sorted(keys):
        forwards.add(row(key, len(key)))
    for key in sorted(keys, reverse=True):
        backwards.add(row(key, len(key)))
    assert forwards.chosen == backwards.chosen
    assert len(forwards.chosen) == min(limit, len(keys))
    assert all(keys and size == len(key) for key, size in forwards.chosen.items())


def test_a_sample_is_spread_over_the_whole_listing() -> None:
    sample = KeySample(100)
    for n in range(10_000):
        sample.add(row(f"k{n:05}", 1))
    by_tenth = [sum(key.startswith(f"k0{tenth}") for key in sample.chosen) for tenth in range(10)]
    assert sum(by_tenth) == 100
    assert min(by_tenth) >= 3


def test_versions_add_up_over_pages() -> None:
    inventory = VersionInventory()
    inventory.add(2, 30, 1)
    inventory.add(1, 5, 0)
    assert inventory.as_json() == {"noncurrent": {"count": 3, "bytes": 35}, "delete_markers": 1}


def test_what_is_shown_of_documents_in_parts_is_their_number_bytes_and_parts() -> None:
    inventory = DocumentInventory()
    inventory.add(row("whole", 10))
    inventory.add(row("parts", 20, etag=f"{DIGEST}-12"))
    assert inventory.as_json()["multipart"] == {"count": 1, "bytes": 20, "parts": 12}


def test_records_are_shown_by_size() -> None:
    inventory = RecordInventory()
    inventory.add({"id": {"S": "x" * 18}}, names_document=False)
    assert inventory.as_json()["sizes"] == [{"size": "10-99", "count": 1, "bytes": 20}]


def test_a_key_that_is_no_valid_unicode_is_sampled_like_any_other() -> None:
    sample = KeySample(1)
    sample.add(row("\ud800", 3))
    assert sample.chosen == {"\ud800": 3}
