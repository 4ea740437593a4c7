from decimal import Decimal
from typing import Any

from docferry.demo.records import RecordKey, contents, is_note, keys_of, note_key

KEY = RecordKey("owner-01", "r")


def kinds(value: dict[str, Any]) -> set[str]:
    ((kind, held),) = value.items()
    inner = held.values() if kind == "M" else held if kind == "L" else ()
    return {kind}.union(*map(kinds, inner))


def test_a_record_has_every_type_of_attribute() -> None:
    assert kinds({"M": contents(KEY, 7, "me", {"document_key": "a"})}) == {
        "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"
    }  # fmt: skip


def test_numbers_stay_within_the_38_digits_that_are_kept_exactly() -> None:
    for generation in range(200):
        item = contents(KEY, generation, "me", {})
        digits = [len(Decimal(item[name]["N"]).as_tuple().digits) for name in ("exact", "fraction")]
        assert max(digits) <= 38
    assert any(len(contents(KEY, n, "me", {})["exact"]["N"]) == 38 for n in range(5))


def test_another_generation_changes_numbers_sets_nested_values_and_bytes() -> None:
    one, other = (contents(KEY, generation, "me", {}) for generation in (1, 2))
    same = {name for name in one if one[name] == other[name]}
    assert same == {"owner", "record_id", "written_by", "successor"}


def test_every_document_has_a_record_and_some_have_two() -> None:
    counts = [len(keys_of(f"documents/{n}")) for n in range(200)]
    assert set(counts) == {1, 2}


def test_no_two_documents_share_a_record() -> None:
    keys = [key for n in range(500) for key in keys_of(f"documents/{n}")]
    assert len(set(keys)) == len(keys)


def test_a_note_is_told_from_a_documents_record() -> None:
    assert is_note(note_key(3).name)
    assert not is_note(keys_of("documents/note-1")[0].name)
