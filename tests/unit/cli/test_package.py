import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docferry.cli import package
from docferry.cli.main import app
from docferry.domain.errors import InvalidInput
from docferry.packaging.archive import Written


def test_a_dry_run_says_what_would_go_in_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["package", "--dry-run"])
    assert ran.exit_code == 0
    assert "aws-lambda-powertools 3" in ran.stdout
    assert "docferry-arm64.zip was not written" in ran.stdout
    assert not list(tmp_path.iterdir())


def test_json_names_every_version_and_every_file_of_docferry() -> None:
    ran = CliRunner().invoke(
        app, ["package", "--dry-run", "--json", "--architecture", "x86_64", "--python", "3.12"]
    )
    said = json.loads(ran.stdout)
    assert (said["architecture"], said["python"], said["output"]) == ("x86_64", "3.12", "docferry-x86_64.zip")
    assert {"docferry/handlers/data_sync.py", "docferry/handlers/validation.py"} <= set(said["own_files"])
    assert said["dependencies"]["orjson"]
    assert said["zip"] is None


def test_the_sum_is_shown_as_terraform_shows_it_and_progress_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*arguments: object) -> Written:
        package._say("fetching")
        return Written(files=2, size=2048, unzipped=4096, sha256="ab12", sha256_base64="qxI=")

    monkeypatch.setattr(package, "build", build)
    ran = CliRunner().invoke(app, ["package", "--output", "held.zip"])
    assert ran.stdout.splitlines()[:5] == [
        "zip           held.zip",
        "size          2.0 KiB, 4.0 KiB unpacked",
        "files         2",
        "sha256        ab12",
        "              qxI= (base64, as Terraform's source_code_hash)",
    ]
    assert "fetching" not in ran.stdout


def test_a_python_that_lambda_does_not_have_is_bad_input() -> None:
    ran = CliRunner().invoke(app, ["package", "--python", "2.7"])
    assert isinstance(ran.exception, InvalidInput)
