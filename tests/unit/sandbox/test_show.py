import json
from dataclasses import replace
from pathlib import Path

import pytest

from docferry.cli.sandbox import show
from docferry.sandbox.home import Memory, remember
from docferry.sandbox.server import Status

STORES = ("bucket a", "versioning of bucket a", "table b", "table c", "queue d", "notifications of bucket a")


@pytest.fixture
def running(tmp_path: Path) -> Status:
    home = tmp_path / "my [red]home"
    home.mkdir()
    remember(home, Memory(4600, "docferry.toml"))
    return Status(running=True, home=home, pid=1, url="http://127.0.0.1:4600", config=Path("docferry.toml"))


def said(status: Status, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    show(status, as_json=False)
    return capsys.readouterr()


def test_odd_paths_are_shown_as_they_are_and_quoted_for_the_shell(
    running: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(running, capsys)
    assert out.splitlines()[0] == f"running at http://127.0.0.1:4600 (process 1), in {running.home}"
    assert f"  export AWS_SHARED_CREDENTIALS_FILE='{running.home}/credentials'\n" in out
    assert not err


def test_few_new_stores_are_named_and_many_counted(running: Status, capsys: pytest.CaptureFixture[str]) -> None:
    few = replace(running, changed=True, created=STORES[:2])
    assert said(few, capsys)[0].splitlines()[1] == "created bucket a, versioning of bucket a"
    many = replace(few, created=STORES)
    assert said(many, capsys)[0].splitlines()[1] == "created 1 bucket, 2 tables, 1 queue"


def test_a_stop_claims_a_save_only_if_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = Status(running=False, home=tmp_path, changed=True)
    assert said(stopped, capsys) == ("stopped, its state is saved\n", "")
    damaged = replace(stopped, warnings=("Something [bold]is wrong.",))
    assert said(damaged, capsys) == ("stopped\n", "docferry: Something [bold]is wrong.\n")


def test_one_that_does_not_run_says_how_to_start_that_very_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = said(Status(running=False, home=tmp_path), capsys)
    assert out == f"not running; start it with: docferry sandbox start --home {tmp_path}\n"


def test_json_holds_everything_and_stderr_nothing(running: Status, capsys: pytest.CaptureFixture[str]) -> None:
    show(replace(running, warnings=("Something is wrong.",)), as_json=True)
    out, err = capsys.readouterr()
    held = json.loads(out)
    assert not err
    assert held["warnings"] == ["Something is wrong."]
    assert held["environment"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4600"
    assert held["home"] == str(running.home)
