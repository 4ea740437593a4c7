"""docferry sandbox, as it is typed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.reached import client, free_port

DOCFERRY = str(Path(sys.executable).with_name("docferry"))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "my project"
    folder.mkdir()
    yield folder
    sandbox(folder, "stop")


def sandbox(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DOCFERRY, "sandbox", *words], cwd=project, capture_output=True, text=True, timeout=60, check=False
    )


def shown(project: Path, *words: str) -> dict[str, Any]:
    done = sandbox(project, *words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    held: dict[str, Any] = json.loads(done.stdout)
    return held


def test_start_status_and_stop_in_a_project(project: Path) -> None:
    started = shown(project, "start", "--port", str(free_port()))
    assert (started["running"], started["changed"], len(started["created"])) == (True, True, 18)
    assert started["config"] == str(project / "docferry.toml")

    plain = sandbox(project, "status")
    assert plain.stdout.splitlines()[0] == (
        f"running at {started['url']} (process {started['pid']}), in .docferry/sandbox"
    )
    assert (plain.returncode, plain.stderr, "\x1b" in plain.stdout) == (0, "", False)
    exports = [line.strip() for line in plain.stdout.splitlines() if line.startswith("  export ")]
    program = "import boto3; print(boto3.client('dynamodb').list_tables()['TableNames'])"
    script = "\n".join([*exports, f'{sys.executable} -c "{program}"'])
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(project)}
    reached = subprocess.run(["/bin/sh", "-ec", script], env=clean, capture_output=True, text=True, check=False)
    assert "sandbox-us-east-1-dynamodb-records" in reached.stdout, reached.stderr

    stopped = shown(project, "stop")
    assert (stopped["running"], stopped["changed"], stopped["environment"]) == (False, True, {})
    assert sandbox(project, "status").stdout == "not running; start it with: docferry sandbox start\n"


def test_two_starts_at_once_yield_one_server(project: Path) -> None:
    command = [DOCFERRY, "sandbox", "start", "--json", "--port", str(free_port())]
    both = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [json.loads(one.communicate(timeout=60)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(one["changed"] for one in told) == [False, True]
    assert sorted(len(one["created"]) for one in told) == [0, 18]
    assert told[0]["pid"] == told[1]["pid"]
    tables = client(told[0]["url"], "dynamodb").list_tables()["TableNames"]
    assert len(tables) == 4


def test_a_configuration_of_somebody_else_is_one_line_on_stderr_and_exit_code_2(project: Path) -> None:
    (project / "docferry.toml").write_text('[aws]\nprofile = "production"\n')
    done = sandbox(project, "start")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(
        f"docferry: {project}/docferry.toml is not the sandbox's own; nothing was changed"
    )
    assert "; next: " in done.stderr
    assert (project / "docferry.toml").read_text() == '[aws]\nprofile = "production"\n'
