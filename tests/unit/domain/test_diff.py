import hashlib
import json
from typing import Any

from docferry.domain.change import Kind
from docferry.domain.diff import (
    SHOWN_CHARACTERS,
    SHOWN_FIELDS,
    SHOWN_VALUE_CHARACTERS,
    Diff,
    differing_attributes,
    shown_document,
)
from docferry.domain.document import Document
from docferry.domain.record import Item

KEY: Item = {"id": {"S": "r"}}


def shown(side: dict[str, Any], *fields: str, kind: Kind = Kind.RECORD) -> dict[str, Any]:
    entry = Diff(kind, KEY, fields, side, side).as_entry()
    assert entry["source"] == entry["target"]
    held: dict[str, Any] = entry["source"]
    return held


def text(side: Any) -> str:
    return json.dumps(side, sort_keys=True)


def filling(characters: int) -> dict[str, Any]:
    """A side whose whole text is so many characters."""
    side = {"a": {"S": ""}}
    return {"a": {"S": "x" * (characters - len(text(side)))}}


def test_a_side_is_shown_whole_as_long_as_it_fits() -> None:
    whole = filling(SHOWN_CHARACTERS)
    assert shown(whole, "a") == whole
    assert "too large to show" in shown(filling(SHOWN_CHARACTERS + 1), "a")


def test_of_a_side_that_is_too_large_what_differs_is_shown_with_a_digest_of_the_whole() -> None:
    side = {**filling(SHOWN_CHARACTERS), "b": {"N": "1"}, "c": {"N": "2"}}
    found = shown(side, "b", "gone")
    assert found == {
        "b": {"N": "1"},
        "too large to show": {
            "characters": len(text(side)),
            "sha256": hashlib.sha256(text(side).encode()).hexdigest(),
        },
    }


def test_the_digest_does_not_depend_on_the_order_of_the_names() -> None:
    side = {**filling(SHOWN_CHARACTERS), "b": {"N": "1"}}
    assert shown(side) == shown(dict(reversed(side.items())))


def test_a_value_is_cut_only_if_it_is_long_and_says_so() -> None:
    large = filling(SHOWN_CHARACTERS)["a"]
    just: dict[str, Any] = {"S": "y" * (SHOWN_VALUE_CHARACTERS - len(text({"S": ""})))}
    long: dict[str, Any] = {"M": {"z": {"S": "y" * SHOWN_VALUE_CHARACTERS}, "b": {"N": "1"}}}
    found = shown({"a": large, "just": just, "long": long}, "just", "long")
    assert found["just"] == just
    assert found["long"] == text(long)[:SHOWN_VALUE_CHARACTERS] + "…"
    assert found["long"].startswith('{"M": {"b"')


def test_no_more_fields_are_named_than_anybody_reads() -> None:
    names = tuple(f"f{number:02}" for number in range(SHOWN_FIELDS + 3))
    assert Diff(Kind.RECORD, KEY, names, {}, {}).as_entry()["fields"] == list(names[:SHOWN_FIELDS])


def test_a_record_s_own_attributes_are_not_taken_for_what_names_a_document_s_state() -> None:
    side = {**filling(SHOWN_CHARACTERS), "version": {"N": "1"}}
    assert "version" not in shown(side)
    assert shown(side, kind=Kind.DOCUMENT)["version"] == {"N": "1"}


def test_everything_that_is_compared_of_a_document_is_shown() -> None:
    document = Document(
        "k", "e", 7, "v", "GLACIER_IR", headers={"content-type": "x"}, metadata={"m": "1"}, tags={"t": "1"}
    )
    assert shown_document(document) == {
        "version": "v",
        "etag": "e",
        "size": 7,
        "storage_class": "GLACIER_IR",
        "headers": {"content-type": "x"},
        "metadata": {"m": "1"},
        "tags": {"t": "1"},
    }
    assert shown_document(None) is None


def test_attributes_differ_by_value_or_by_being_there() -> None:
    one: Item = {"a": {"N": "1"}, "b": {"N": "1.0"}, "only": {"S": ""}}
    other: Item = {"a": {"N": "2"}, "b": {"N": "1"}, "here": {"S": ""}}
    assert differing_attributes(one, other) == ("a", "here", "only")
