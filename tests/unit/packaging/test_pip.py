import importlib.util
import subprocess
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.packaging.pip import failure, fetch_with_pip
from docferry.packaging.runtime import Architecture, Runtime

RUNTIME = Runtime(Architecture.ARM64, "3.13")
NO_WHEEL = """\
ERROR: Could not find a version that satisfies the requirement orjson==3.13.0 (from versions: none)
ERROR: No matching distribution found for orjson==3.13.0
"""
CUT_OFF = f"""\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken \
by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object>: Failed to establish a new \
connection: [Errno -3] Temporary failure in name resolution')': /simple/orjson/
{NO_WHEEL}"""


def _ran(monkeypatch: pytest.MonkeyPatch, code: int = 0, err: str = "") -> list[tuple[list[str], dict[str, str]]]:
    calls: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        calls.append((command, options["env"]))
        return subprocess.CompletedProcess(command, code, "", err)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_pip_is_asked_for_wheels_of_the_function_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_USER", "1")
    calls = _ran(monkeypatch)
    fetch_with_pip({"one": "1.0", "two": "2.0"}, RUNTIME, tmp_path)
    ((command, environment),) = calls
    assert command[-2:] == ["one==1.0", "two==2.0"]
    assert {"--no-deps", "--no-compile", "--only-binary=:all:", f"--target={tmp_path}"} <= set(command)
    assert {"--platform=manylinux2014_aarch64", "--python-version=3.13", "--abi=cp313"} <= set(command)
    assert environment["PIP_USER"] == "0"


def test_a_failure_of_pip_is_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _ran(monkeypatch, 1, NO_WHEEL)
    with pytest.raises(InvalidInput, match=r"no wheel of orjson==3\.13\.0 for Python 3\.13 on Linux arm64"):
        fetch_with_pip({"orjson": "3.13.0"}, RUNTIME, tmp_path)


def test_without_pip_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match="pip, which is not installed") as refused:
        fetch_with_pip({}, RUNTIME, tmp_path)
    assert "ensurepip" in refused.value.hint


def test_an_index_that_does_not_answer_is_not_taken_for_one_without_the_wheel() -> None:
    said = failure(CUT_OFF, RUNTIME)
    assert isinstance(said, ServiceError)
    assert "cannot be reached" in str(said)
    assert str(said).endswith("[Errno -3] Temporary failure in name resolution: /simple/orjson/")


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("noise\nERROR: No space left on device\nmore noise", "ERROR: No space left on device"),
        ("something else\n", "something else"),
        ("", "it said nothing"),
    ],
)
def test_of_any_other_failure_the_line_that_matters_is_told(output: str, told: str) -> None:
    said = failure(output, RUNTIME)
    assert isinstance(said, ServiceError)
    assert str(said).endswith(f"nothing was built: {told}")
