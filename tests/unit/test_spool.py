import random
import sqlite3
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docferry.domain.errors import NeedsOperator
from docferry.spool import KeySpool

KEYS = st.lists(st.text(max_size=4), max_size=12)
PAIRS = st.lists(st.tuples(st.text(max_size=3), st.text(max_size=4)), max_size=12)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[KeySpool]:
    with KeySpool(tmp_path) as spool:
        yield spool


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=KEYS, pairs=PAIRS, cut=st.integers(0, 12))
def test_it_answers_what_sets_in_memory_would(
    tmp_path: Path, documents: list[str], pairs: list[tuple[str, str]], cut: int
) -> None:
    with KeySpool(tmp_path) as spool:
        spool.references(pairs[:cut])
        spool.documents(documents[cut:])
        spool.references(pairs[cut:])
        spool.documents(documents[:cut])
        dangling, orphans = spool.dangling(100), spool.orphans(100)
    missing = {pair for pair in pairs if pair[1] not in documents}
    unnamed = set(documents) - {key for _, key in pairs}
    assert (set(dangling.first), dangling.count) == (missing, len(missing))
    assert (list(orphans.first), orphans.count) == (sorted(unnamed), len(unnamed))


def test_the_sample_is_bounded_and_the_count_is_not(spool: KeySpool) -> None:
    spool.documents(f"k{n}" for n in range(50))
    spool.references((f"r{n}", f"gone{n:02}") for n in range(30))
    assert (spool.orphans(0).first, spool.orphans(0).count) == ((), 50)
    assert spool.dangling(2).first == (("r0", "gone00"), ("r1", "gone01"))
    assert spool.dangling(2).count == 30


def test_several_records_may_miss_the_same_document(spool: KeySpool) -> None:
    spool.references([("r1", "k"), ("r2", "k"), ("r1", "k")])
    assert spool.dangling(5).first == (("r1", "k"), ("r2", "k"))


def test_what_comes_after_an_answer_counts_in_the_next(spool: KeySpool) -> None:
    spool.references([("r", "k")])
    assert spool.dangling(5).count == 1
    spool.documents(["k", "other"])
    assert (spool.dangling(5).count, spool.orphans(5).first) == (0, ("other",))


@pytest.mark.parametrize("key", ["a\0b", "é漢😀", "e\u0301", "\ud800", "'; DROP TABLE documents --", "k" * 1024])
def test_any_key_comes_back_as_it_went_in(spool: KeySpool, key: str) -> None:
    spool.documents([key])
    assert spool.orphans(1).first == (key,)
    spool.references([("r", key)])
    assert spool.orphans(1).count == spool.dangling(1).count == 0


def test_memory_does_not_grow_with_the_number_of_rows(spool: KeySpool) -> None:
    draw = random.Random(1)
    tracemalloc.start()
    spool.documents(f"documents/{draw.getrandbits(64):016x}" for _ in range(100_000))
    spool.references((f"r{n}", f"documents/{draw.getrandbits(64):016x}") for n in range(100_000))
    assert (spool.orphans(5).count, spool.dangling(5).count) == (100_000, 100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_nothing_is_left_behind_and_later_databases_still_find_room(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), KeySpool(tmp_path) as spool:
        spool.documents(["k"])
        assert list(tmp_path.iterdir())
        raise RuntimeError("stopped in the middle")
    assert list(tmp_path.iterdir()) == []
    assert sqlite3.connect(":memory:").execute("PRAGMA temp_store_directory").fetchall() == []


def test_rows_are_kept_when_their_source_fails_halfway(spool: KeySpool) -> None:
    def keys() -> Iterator[str]:
        yield "k"
        raise RuntimeError("the listing broke")

    with pytest.raises(RuntimeError):
        spool.documents(keys())
    spool.documents(["l"])
    assert spool.orphans(5).first == ("k", "l")


def test_a_directory_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NeedsOperator, match=r"temporary key database .*missing"):
        KeySpool(tmp_path / "missing")
