import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.document import COPY_LIMIT_BYTES, Listed
from docferry.domain.hazard import LISTED, RULES, SAMPLES, Census, Severity, odd_ways

DIGEST = "d41d8cd98f00b204e9800998ecf8427e"


def seen(*rows: Listed) -> dict[str, int]:
    census = Census()
    for row in rows:
        census.see_row(row)
    return {one.rule.id: one.count for one in census.hazards()}


def row(key: str = "k", size: int = 1, storage_class: str = "STANDARD", etag: str = DIGEST) -> Listed:
    return Listed(key, etag, size, 0.0, storage_class)


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("plain/Key-1_2.txt", ()),
        ("plain~", ()),
        ("it's(fine)!*", ()),
        (".hidden/..also/three.../x", ()),
        ("é漢😀", ()),
        ("a//b", ("empty-segment",)),
        ("/a", ("leading-slash",)),
        ("a/", ("trailing-slash",)),
        ("/", ("leading-slash", "trailing-slash")),
        ("a/./b", ("dot-segment",)),
        ("..", ("dot-segment",)),
        ("a\tb", ("control-character",)),
        ("a\x85b", ("control-character",)),
        *((f"a{one}b", ("needs-encoding",)) for one in '?#%+& =;:@,$\\"<>[]{}|^`'),
        ("k" * 900, ()),
        ("k" * 901, ("above-900-bytes",)),
        ("é" * 451, ("above-900-bytes",)),
        (unicodedata.normalize("NFD", "é"), ("not-nfc",)),
    ],
)
def test_a_key_is_odd_in_the_ways_that_tools_stumble_over(key: str, ways: tuple[str, ...]) -> None:
    assert odd_ways(key) == ways


@given(st.text(max_size=30))
def test_any_unicode_is_judged_without_failing(key: str) -> None:
    assert len(odd_ways(key)) == len(set(odd_ways(key)))


@given(st.text(alphabet="ab./~-", max_size=8))
def test_a_key_of_plain_characters_is_odd_only_by_its_slashes_and_dots(key: str) -> None:
    broken = "//" in key or key[:1] == "/" or key[-1:] == "/" or not {".", ".."}.isdisjoint(key.split("/"))
    assert bool(odd_ways(key)) == broken


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        (row(), set()),
        (row(storage_class="GLACIER"), {"archived"}),
        (row(storage_class="DEEP_ARCHIVE"), {"archived"}),
        (row(storage_class="GLACIER_IR"), set()),
        (row(size=COPY_LIMIT_BYTES), set()),
        (row(size=COPY_LIMIT_BYTES + 1, etag=f"{DIGEST}-700"), {"above-5-gb", "multipart-etag"}),
        (row(key="é"), {"non-ascii-key"}),
        (row(key="é//"), {"non-ascii-key", "odd-key"}),
    ],
)
def test_a_listing_alone_shows_these_hazards(row: Listed, ids: set[str]) -> None:
    assert set(seen(row)) == ids


def test_samples_are_the_first_few_and_counts_and_bytes_are_of_all() -> None:
    census = Census()
    for n in range(SAMPLES + 3):
        census.see_row(row(f"k{n}/", size=10))
    (hazard,) = census.hazards()
    assert hazard.samples == tuple(f"k{n}/" for n in range(SAMPLES))
    assert (hazard.count, hazard.bytes, hazard.basis) == (SAMPLES + 3, 10 * (SAMPLES + 3), LISTED)
    assert hazard.kinds == {"trailing-slash": SAMPLES + 3}


def test_one_key_odd_in_two_ways_is_one_key() -> None:
    census = Census()
    census.see_row(row("/a+b"))
    (hazard,) = census.hazards()
    assert (hazard.count, dict(hazard.kinds)) == (1, {"leading-slash": 1, "needs-encoding": 1})


def test_the_worst_comes_first_and_what_was_not_met_stays_away() -> None:
    census = Census()
    census.add("orphan-document", ["o"], basis="all", count=7)
    census.add("odd-key", ["k/"], basis="all")
    census.add("no-stream", ["t"], basis="all")
    census.add("dangling-record", [], basis="all", count=0)
    assert [one.rule.id for one in census.hazards()] == ["no-stream", "odd-key", "orphan-document"]


def test_sizes_that_are_not_known_are_not_said_to_be_zero() -> None:
    census = Census()
    census.add("orphan-document", ["o"], basis="all", count=7)
    assert census.hazards()[0].as_json()["bytes"] is None


def test_a_rule_that_does_not_exist_cannot_be_met() -> None:
    with pytest.raises(KeyError):
        Census().add("surprise", [], basis="all")


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.severity in Severity
        assert rule.meaning.endswith(".") and rule.advice.endswith(".")


def test_a_hazard_is_shown_with_its_rule_and_with_what_it_was_counted_from() -> None:
    census = Census()
    for key in ("k1", "k2"):
        census.see_row(row(key, size=7, storage_class="GLACIER"))
    rule = RULES["archived"]
    (hazard,) = census.hazards()
    assert hazard.as_json() == {
        "id": "archived",
        "severity": "blocker",
        "meaning": rule.meaning,
        "advice": rule.advice,
        "count": 2,
        "bytes": 14,
        "basis": LISTED,
        "samples": ["k1", "k2"],
        "kinds": {},
    }


def test_the_kinds_of_an_odd_key_are_shown() -> None:
    census = Census()
    census.see_row(row("a//b"))
    assert census.hazards()[0].as_json()["kinds"] == {"empty-segment": 1}
