import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from docferry.sandbox.holder import holder

HOLDS = "import sys; from pathlib import Path; from docferry.sandbox.holder import hold; hold(Path(sys.argv[1]));"
WAITS = "print(flush=True); sys.stdin.read()"


@contextmanager
def process(script: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the file, until it is killed or the body ends."""
    command = [sys.executable, "-c", HOLDS + script, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield child
        finally:
            child.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pid"


def test_the_holder_is_the_process_that_holds_and_nobody_once_it_is_killed(file: Path) -> None:
    with process(WAITS, file) as child:
        assert holder(file) == child.pid
        assert holder(file) == child.pid
        child.kill()
        child.wait()
        assert file.read_text() == str(child.pid)
        assert holder(file) is None


def test_an_id_left_behind_is_not_taken_for_the_process_that_has_it_now(file: Path) -> None:
    with process(WAITS, file.with_name("another")) as alive:
        file.write_text(str(alive.pid))
        assert holder(file) is None


def test_a_process_that_the_holder_started_does_not_hold_in_its_place(file: Path) -> None:
    starts = "import subprocess; p = subprocess.Popen(['sleep', '20'], close_fds=False); print(flush=True)"
    with process(f"{starts}; print(p.pid, flush=True)", file) as child:
        assert child.stdout is not None
        started = int(child.stdout.readline())
        try:
            child.wait()
            assert holder(file) is None
        finally:
            os.kill(started, signal.SIGKILL)


def test_the_next_holder_takes_over_what_the_last_one_left(file: Path) -> None:
    file.write_text("1")
    with process(WAITS, file) as child:
        assert holder(file) == child.pid


def test_where_there_is_no_file_nobody_holds_it(file: Path) -> None:
    assert holder(file) is None
