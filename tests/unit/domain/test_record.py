import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.errors import InvalidInput
from docferry.domain.record import Item, KeySchema, digest, document_key, same

DIGITS_38 = "12345678901234567890123456789012345678"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1.00"}, {"N": "1"}),
        ({"N": "1E+2"}, {"N": "100"}),
        ({"N": "-0"}, {"N": "0"}),
        ({"NS": ["1.0", "20"]}, {"NS": ["2e1", "1"]}),
        ({"L": [{"N": "1.0"}, {"SS": ["b", "a"]}]}, {"L": [{"N": "1"}, {"SS": ["a", "b"]}]}),
        ({"SS": ["b", "a"]}, {"SS": ["a", "b"]}),
        ({"BS": ["Yg==", "YQ=="]}, {"BS": ["YQ==", "Yg=="]}),
        ({"M": {"a": {"N": "1"}, "b": {"NULL": True}}}, {"M": {"b": {"NULL": True}, "a": {"N": "1.0"}}}),
    ],
)
def test_values_that_dynamodb_calls_equal_are_the_same(one: dict[str, object], other: dict[str, object]) -> None:
    assert same({"v": one}, {"v": other})
    assert digest({"v": one}) == digest({"v": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": DIGITS_38}, {"N": DIGITS_38[:-1] + "9"}),
        ({"N": "1"}, {"S": "1"}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"B": "YQ=="}, {"S": "YQ=="}),
        ({"NULL": True}, {"S": ""}),
        ({"N": "10"}, {"N": "1"}),
        ({"N": "-1"}, {"N": "1"}),
        ({"L": [{"N": "1"}]}, {"NS": ["1"]}),
    ],
)
def test_values_that_dynamodb_tells_apart_differ(one: dict[str, object], other: dict[str, object]) -> None:
    assert not same({"v": one}, {"v": other})
    assert digest({"v": one}) != digest({"v": other})


def test_absence_equals_only_absence() -> None:
    assert same(None, None)
    assert not same(None, {"v": {"S": ""}})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10), st.integers(0, 5))
def test_a_number_equals_itself_however_many_zeros_follow(number: object, zeros: int) -> None:
    padded = f"{number:f}" + "0" * zeros
    assert same({"v": {"N": f"{number}"}}, {"v": {"N": padded}})


def test_a_key_is_cut_out_of_an_item_by_the_table_s_own_schema() -> None:
    item = {"pk": {"S": "a"}, "sk": {"N": "1"}, "v": {"S": "x"}}
    assert KeySchema("pk", "sk").key_of(item) == {"pk": {"S": "a"}, "sk": {"N": "1"}}
    with pytest.raises(InvalidInput, match="'id'"):
        KeySchema("id").key_of(item)


def test_a_record_names_at_most_one_document() -> None:
    assert document_key({"document_key": {"S": "a//b"}}, "document_key") == "a//b"
    assert document_key({"document_key": {"NULL": True}}, "document_key") is None
    assert document_key({}, "document_key") is None


def test_a_digest_is_the_same_from_version_to_version_for_what_was_noted_is_told_by_it() -> None:
    item: Item = {
        "id": {"S": "ü/1"},
        "n": {"N": "-120.50"},
        "z": {"N": "0.0"},
        "s": {"NS": ["3", "1e2"]},
        "l": {"L": [{"N": "1.0"}, {"BOOL": True}]},
        "m": {"M": {"b": {"NULL": True}, "a": {"B": "AA=="}}},
        "t": {"SS": ["b", "a"]},
    }
    canonical = (
        '["M",{"id":["S","ü/1"],"l":["L",[["N","1e0"],["BOOL",true]]],"m":["M",{"a":["B","AA=="],"b":["NULL",true]}],'
        '"n":["N","-1205e-1"],"s":["NS",["1e2","3e0"]],"t":["SS",["a","b"]],"z":["N","0"]}]'
    )
    assert digest(item) == hashlib.sha256(canonical.encode()).hexdigest()
