from dataclasses import replace

import pytest

from docferry.demo.judge import Judgement, Stores, judged
from docferry.demo.oplog import Line
from docferry.demo.oracle import learn
from docferry.demo.state import State
from docferry.domain.change import Kind
from tests.unit.demo.logs import document, operation, record


def judge_document(lines: list[Line], found: State) -> Judgement:
    learned = learn(lines)
    source = Stores({key: one.last for key, one in learned.documents.items()}, {})
    return judged(learned, source, Stores({"k": found}, {}))


def counts(judgement: Judgement) -> tuple[int, int, int]:
    return judgement.lost_writes, judgement.stale_writes, judgement.resurrected_deletes


EARLIER, LAST = document(b"a", 1, 1), document(b"b", 2, 2)
WRITTEN = [*operation(1, EARLIER), *operation(2, LAST)]
DELETED = [*operation(1, EARLIER), *operation(2, None, kind="delete")]


def test_a_target_as_the_last_write_left_it_is_clean() -> None:
    judgement = judge_document(WRITTEN, LAST)
    assert counts(judgement) == (0, 0, 0)
    assert judgement.clean
    assert judgement.writes_acknowledged == 2
    assert counts(judge_document(DELETED, None)) == (0, 0, 0)


def test_a_written_key_that_is_absent_is_a_lost_write() -> None:
    judgement = judge_document(WRITTEN, None)
    assert counts(judgement) == (1, 0, 0)
    assert not judgement.clean
    (example,) = judgement.examples
    assert (example.store, example.key, example.found) == ("document", "k", "absent")
    assert "generation 2" in example.expected


def test_an_earlier_state_is_a_stale_write() -> None:
    assert counts(judge_document(WRITTEN, EARLIER)) == (0, 1, 0)


@pytest.mark.parametrize("field", ["sha256", "content_type", "metadata", "tags"])
def test_one_part_of_a_document_that_is_old_makes_a_stale_write(field: str) -> None:
    last = replace(LAST, content_type="text/html")
    mixed = replace(last, **{field: getattr(EARLIER, field)})
    assert counts(judge_document([*operation(1, EARLIER), *operation(2, last)], mixed)) == (0, 1, 0)


def test_a_new_tag_that_did_not_come_over_is_a_stale_write() -> None:
    retagged = replace(EARLIER, tags={"generation": "2"})
    lines = [*operation(1, EARLIER), *operation(2, retagged, kind="retag")]
    assert counts(judge_document(lines, EARLIER)) == (0, 1, 0)
    assert counts(judge_document(lines, retagged)) == (0, 0, 0)


@pytest.mark.parametrize("found", [EARLIER, LAST])
def test_a_deleted_key_that_is_there_is_a_resurrected_delete(found: State) -> None:
    assert counts(judge_document(DELETED, found)) == (0, 0, 1)


@pytest.mark.parametrize("found", [None, EARLIER])
def test_a_delete_without_an_answer_is_right_either_way(found: State) -> None:
    lines = [*operation(1, EARLIER), *operation(2, None, kind="delete", acknowledged=False)]
    judgement = judge_document(lines, found)
    assert counts(judgement) == (0, 0, 0)
    assert judgement.failed_requests == 1
    assert not judgement.clean


@pytest.mark.parametrize(
    ("found", "verdict"),
    [(None, (1, 0, 0)), (record(1), (0, 1, 0)), (record(2, note="x"), (0, 1, 0)), (record(2), (0, 0, 0))],
)
def test_records_are_judged_as_documents_are(found: State, verdict: tuple[int, int, int]) -> None:
    lines = [*operation(1, record(1), store=Kind.RECORD), *operation(2, record(2), store=Kind.RECORD)]
    judgement = judged(learn(lines), Stores({}, {"k": record(2)}), Stores({}, {"k": found} if found else {}))
    assert counts(judgement) == verdict


def test_a_deleted_record_that_is_there_is_a_resurrected_delete() -> None:
    lines = [*operation(1, record(1), store=Kind.RECORD), *operation(2, None, store=Kind.RECORD)]
    judgement = judged(learn(lines), Stores({}, {}), Stores({}, {"k": record(1)}))
    assert counts(judgement) == (0, 0, 1)


def test_a_source_that_is_not_as_the_log_says_is_told_apart() -> None:
    judgement = judged(learn(WRITTEN), Stores({"k": EARLIER}, {}), Stores({"k": LAST}, {}))
    assert counts(judgement) == (0, 0, 0)
    assert judgement.source_differences == 1
    assert not judgement.clean
    assert judgement.source_examples[0].key == "k"


@pytest.mark.parametrize(("until", "differences"), [(2.4, 0), (2.6, 1)])
def test_a_key_touched_after_the_source_was_kept_up_to_date_counts_at_the_target_only(
    until: float, differences: int
) -> None:
    learned = learn(WRITTEN)
    held, behind = Stores({"k": LAST}, {}), Stores({"k": EARLIER}, {})
    assert judged(learned, behind, held, source_until=until).source_differences == differences
    assert counts(judged(learned, held, behind, source_until=until)) == (0, 1, 0)


def test_an_operation_without_an_answer_touches_its_key_for_ever() -> None:
    learned = learn([*operation(1, EARLIER), *operation(2, LAST, acknowledged=None)])
    assert judged(learned, Stores({}, {}), Stores({"k": LAST}, {}), source_until=1000.0).source_differences == 0


def test_examples_are_limited_and_counts_are_not() -> None:
    lines = [line for n in range(1, 21) for line in operation(n, document(), key=f"k{n}")]
    judgement = judged(learn(lines), Stores({}, {}), Stores({}, {}), examples=3)
    assert judgement.lost_writes == 20
    assert len(judgement.examples) == 3
