from pathlib import Path

import pytest

from docferry.demo.oplog import OperationLog
from docferry.demo.oracle import INGEST, learn, read
from docferry.domain.change import Kind
from docferry.domain.errors import InvalidInput
from tests.unit.demo.logs import document, operation, record


def test_the_last_acknowledged_operation_is_what_must_be_there() -> None:
    expected = learn([*operation(1, document(b"a")), *operation(2, document(b"b"))]).documents["k"]
    assert expected.allows(document(b"b"))
    assert not expected.allows(document(b"a"))
    assert not expected.allows(None)


@pytest.mark.parametrize("acknowledged", [False, None])
def test_what_was_not_acknowledged_may_be_there_or_not(acknowledged: bool | None) -> None:
    lines = [*operation(1, document(b"a")), *operation(2, document(b"b"), acknowledged=acknowledged)]
    expected = learn(lines).documents["k"]
    assert expected.allows(document(b"a"))
    assert expected.allows(document(b"b"))
    assert not expected.allows(None)


def test_a_failed_request_may_still_take_effect_after_a_later_success() -> None:
    lines = [*operation(1, document(b"late"), acknowledged=False), *operation(2, document(b"b"))]
    assert learn(lines).documents["k"].allows(document(b"late"))


def test_a_key_whose_only_write_failed_may_be_absent() -> None:
    assert learn(operation(1, document(), acknowledged=False)).documents["k"].allows(None)


def test_documents_and_records_of_one_name_are_two_keys() -> None:
    oracle = learn([*operation(1, document()), *operation(2, record(2), store=Kind.RECORD)])
    assert oracle.documents["k"].last == document()
    assert oracle.records["k"].last == record(2)


def test_only_the_live_writers_count_as_writes_and_for_the_pause() -> None:
    oracle = learn([
        *operation(1, document(), by=INGEST, took=9.0),
        *operation(20, document(), took=0.25),
        *operation(30, document(), took=0.75),
        *operation(40, document(), took=9.0, acknowledged=False),
    ])  # fmt: skip
    assert (oracle.ingested, oracle.acknowledged, oracle.failed) == (1, 2, 1)
    assert oracle.max_pause_s == 0.75
    assert oracle.last_op == 40


def test_overlapping_operations_on_one_key_are_refused() -> None:
    lines = [*operation(1, document(b"a"), start=1.0, took=1.0), *operation(2, document(b"b"), start=1.5)]
    with pytest.raises(InvalidInput, match="began before"):
        learn(lines)


def test_an_answer_without_a_request_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without having begun"):
        learn(operation(1, document())[1:])


def test_an_answer_cut_short_by_a_kill_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        for line in [*operation(1, document(b"a")), *operation(2, document(b"b"))]:
            log.write(line)
    path.write_bytes(path.read_bytes()[:-5])
    oracle = read(path)
    assert oracle.acknowledged == 1
    assert oracle.documents["k"].allows(document(b"a"))
    assert oracle.documents["k"].allows(document(b"b"))


def test_a_request_cut_short_by_a_kill_was_never_sent(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        for line in [*operation(1, document(b"a")), *operation(2, document(b"b"), acknowledged=None)]:
            log.write(line)
    path.write_bytes(path.read_bytes()[:-5])
    assert not read(path).documents["k"].allows(document(b"b"))
