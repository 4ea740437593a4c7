from dataclasses import replace

import pytest

from docferry.demo.state import equal
from docferry.domain.record import Item
from tests.unit.demo.logs import document, record


@pytest.mark.parametrize(
    "changed",
    [
        {"sha256": "0"},
        {"content_type": "text/html"},
        {"metadata": {"generation": "2"}},
        {"tags": {"generation": "1", "more": "x"}},
    ],
)
def test_documents_differ_by_bytes_type_metadata_or_tags_alone(changed: dict[str, object]) -> None:
    assert equal(document(), document())
    assert not equal(document(), replace(document(), **changed))  # type: ignore[arg-type]


def test_records_are_equal_by_value() -> None:
    one: Item = {"n": {"N": "1.00"}, "s": {"NS": ["1", "2.0"]}, "b": {"BS": ["eA==", "eQ=="]}}
    other: Item = {"n": {"N": "1"}, "s": {"NS": ["2", "1"]}, "b": {"BS": ["eQ==", "eA=="]}}
    assert equal(one, other)


@pytest.mark.parametrize(
    "other",
    [
        {"n": {"N": "12345678901234567890123456789012345679"}, "l": {"L": [{"S": "a"}, {"NULL": True}]}},
        {"n": {"S": "12345678901234567890123456789012345678"}, "l": {"L": [{"S": "a"}, {"NULL": True}]}},
        {"n": {"N": "12345678901234567890123456789012345678"}, "l": {"L": [{"NULL": True}, {"S": "a"}]}},
        {"n": {"N": "12345678901234567890123456789012345678"}},
    ],
)
def test_records_differ_by_the_last_digit_the_type_the_order_of_a_list_or_a_missing_attribute(
    other: Item,
) -> None:
    one: Item = {
        "n": {"N": "12345678901234567890123456789012345678"},
        "l": {"L": [{"S": "a"}, {"NULL": True}]},
    }
    assert equal(one, dict(one))
    assert not equal(one, other)


def test_absence_equals_only_absence() -> None:
    assert equal(None, None)
    assert not equal(None, record(1))
    assert not equal(document(), None)
