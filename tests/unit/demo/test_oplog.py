from pathlib import Path

import pytest

from docferry.demo.oplog import OperationLog, Tail
from docferry.domain.change import Kind
from docferry.domain.errors import InvalidInput
from tests.unit.demo.logs import document, operation, record

LINES = [
    *operation(1, document()),
    *operation(2, record(2, note="é"), store=Kind.RECORD),
    *operation(3, None, acknowledged=False),
]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        for line in LINES:
            log.write(line)
    assert list(Tail(path).read()) == LINES


def test_a_tail_gives_only_what_has_come_since(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        log.write(LINES[0])
        tail = Tail(path)
        assert list(tail.read()) == LINES[:1]
        log.write(LINES[1])
        assert list(tail.read()) == LINES[1:2]
        assert list(tail.read()) == []


def test_a_line_counts_once_its_newline_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        for line in LINES[:2]:
            log.write(line)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    tail = Tail(path)
    assert list(tail.read()) == LINES[:1]
    path.write_bytes(whole)
    assert list(tail.read()) == LINES[1:2]


def test_a_second_process_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with OperationLog(path) as log:
        assert [log.number(), log.number()] == [1, 2]
        log.write(LINES[0])
    with OperationLog(path, after=2) as log:
        assert log.number() == 3
        log.write(LINES[1])
    assert list(Tail(path).read()) == LINES[:2]


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b'{"op": 1}', b'{"start": 1, "store": "cellar"}'])
def test_a_whole_line_that_is_no_operation_is_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(line + b"\n")
    with pytest.raises(InvalidInput, match="no operation"):
        list(Tail(path).read())
