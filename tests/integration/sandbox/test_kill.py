"""A sandbox that was ended by something other than docferry."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

import pytest

from docferry.domain.errors import ServiceError
from docferry.sandbox import server
from tests.integration.sandbox.conftest import BUCKET, TABLE, Box


def put_item(box: Box, record_id: str) -> None:
    item = {"owner": {"S": "o"}, "record_id": {"S": record_id}}
    box.client("dynamodb").put_item(TableName=TABLE, Item=item)


def items(box: Box) -> list[str]:
    found = box.client("dynamodb").scan(TableName=TABLE)["Items"]
    return [item["record_id"]["S"] for item in found]


def test_a_killed_sandbox_says_what_is_missing_and_creates_nothing_over_it(box: Box) -> None:
    box.start()
    box.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"kept")
    put_item(box, "lost")
    box.end(signal.SIGKILL)
    cure = f"docferry sandbox reset --home {box.home}"

    stopped = box.status()
    assert not stopped.running
    (warning,) = stopped.warnings
    assert "killed before it could save" in warning
    assert "documents are as they were then; tables, records" in warning
    assert warning.endswith(f"are lost. Start over with: {cure}")

    for _ in range(2):
        started = box.start()
        assert (started.running, started.created) == (True, ())
        assert started.warnings[0] == warning
        assert f"table {TABLE}" in started.warnings[1]
        assert started.warnings[1].endswith(f"Get it back with: {cure}")
        assert box.client("dynamodb").list_tables()["TableNames"] == []
        assert box.client("s3").get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"kept"
        assert box.stop().warnings == (warning,)

    assert server.reset(box.home).warnings == ()
    assert items(box) == []


def test_a_killed_sandbox_goes_on_from_what_it_saved_last_and_says_when_that_was(box: Box) -> None:
    box.start()
    put_item(box, "saved")
    box.stop()
    saved_at = (box.home / "clean").read_text()
    box.start()
    put_item(box, "lost")
    box.end(signal.SIGKILL)
    started = box.start()
    assert started.created == ()
    (warning,) = started.warnings
    assert f"are as they were at {saved_at}. Start over with" in warning
    assert items(box) == ["saved"]


def test_a_reset_forgets_what_was_saved_before_it(box: Box) -> None:
    box.start()
    box.stop()
    server.reset(box.home)
    box.end(signal.SIGKILL)
    (warning,) = box.status().warnings
    assert "are lost. Start over" in warning


def test_a_machine_that_shuts_down_loses_nothing(box: Box) -> None:
    box.start()
    put_item(box, "saved")
    box.end(signal.SIGTERM)
    assert (box.status().running, box.status().warnings) == (False, ())
    started = box.start()
    assert (started.created, started.warnings) == ((), ())
    assert items(box) == ["saved"]


def test_a_start_that_fails_does_not_make_a_killed_one_of_what_was_saved(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.start()
    put_item(box, "saved")
    box.stop()

    def fail(*_: Any, **__: Any) -> None:
        raise ServiceError("it did not answer")

    with monkeypatch.context() as patched, pytest.raises(ServiceError, match="did not answer"):
        patched.setattr(server, "launch", fail)
        box.start()
    assert box.status().warnings == ()
    assert (box.start().created, items(box)) == ((), ["saved"])


def test_one_that_is_not_kept_ends_with_whoever_started_it() -> None:
    script = (
        "import time\n"
        "from docferry.sandbox.emulator import running\n"
        "with running() as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    port = int(starter.stdout.readline().strip().rpartition(":")[2])
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 20.0
    while answers(port):
        assert time.monotonic() < deadline, "it goes on without anybody"
        time.sleep(0.1)


def answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
