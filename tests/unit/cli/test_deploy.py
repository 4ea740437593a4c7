"""docferry sandbox deploy, with programs in place of Terraform and of the package's builder."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from docferry.cli import deploy as deploying
from docferry.cli.main import app
from docferry.domain.errors import InvalidInput
from docferry.sandbox import server, terraform_setup
from docferry.sandbox.server import Status
from docferry.settings import load
from tests.unit.cli.test_outputs import VALUES, printed
from tests.unit.sandbox.terraform_program import program_that

URL = "http://127.0.0.1:4599"
SCRIPT = """
printf '%s\\n' "$*" >> {log}
case "$1" in
output) cat {outputs};;
apply) cat {events};;
esac
"""
EVENTS = (
    {"type": "change_summary", "changes": {"operation": "plan", "add": 2, "change": 0, "remove": 0}},
    {"type": "apply_complete", "hook": {"action": "read", "resource": {"addr": "data.aws_partition.current"}}},
    {"type": "apply_complete", "hook": {"action": "create", "resource": {"addr": "aws_sqs_queue.one"}}},
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and a sandbox that seems to run."""
    for folder in ("infra/environments", "home"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("infra/main.tf", "infra/environments/demo.tfvars"):
        (tmp_path / file).touch()
    (tmp_path / "outputs").write_text(printed(VALUES), encoding="utf-8")
    (tmp_path / "events").write_text("".join(f"{json.dumps(one)}\n" for one in EVENTS), encoding="utf-8")
    files = {name: tmp_path / name for name in ("log", "outputs", "events")}
    program_that(tmp_path / "bin", monkeypatch, SCRIPT.format(**files))
    monkeypatch.setattr(terraform_setup, "mirror", lambda version: tmp_path)
    monkeypatch.setattr(deploying, "_package", lambda file: file.touch())
    runs(monkeypatch, True)
    return tmp_path


def runs(monkeypatch: pytest.MonkeyPatch, running: bool) -> None:
    status: Any = lambda home: Status(running=running, home=home, url=URL)  # noqa: E731
    monkeypatch.setattr(server, "status", status)


def run(site: Path, verb: str, *more: str) -> Result:
    asked = ["sandbox", verb, "--home", str(site / "home"), "--infra", str(site / "infra"), *more]
    return CliRunner().invoke(app, asked)


def test_what_was_deployed_is_shown_and_a_configuration_leads_to_it(site: Path) -> None:
    done = run(site, "deploy")
    assert done.exit_code == 0, done.output
    assert "us-east-1-bucket" in done.output
    assert "  1 of 2  aws_sqs_queue.one" in done.output
    settings = load(site / "home" / "deployed.toml")
    assert settings.aws.endpoint_url == URL
    assert Path(settings.aws.credentials_file) == site / "home" / "credentials"
    assert settings.source.queue == "us-east-1-queue"


def test_it_is_deployed_on_this_sandbox_for_this_machine(site: Path) -> None:
    run(site, "deploy", "--json")
    init, apply, output = (site / "log").read_text(encoding="utf-8").splitlines()
    assert (init, output) == ("init -json", "output -json")
    assert f"-var-file={site}/infra/environments/demo.tfvars -var=endpoint_url={URL}" in apply
    assert f"-var=lambda_package={site}/home/terraform/functions.zip" in apply


def test_what_was_deployed_is_removed_again(site: Path) -> None:
    run(site, "deploy")
    assert run(site, "undeploy").output == "undeployed\n"
    assert (site / "log").read_text(encoding="utf-8").splitlines()[-1].startswith("destroy -json -auto-approve")
    assert not (site / "home" / "deployed.toml").exists()


def test_without_a_running_sandbox_nothing_is_deployed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, False)
    for verb in ("deploy", "undeploy"):
        refused = run(site, verb).exception
        assert isinstance(refused, InvalidInput)
        assert "no sandbox runs" in str(refused)
    assert not (site / "log").exists()


def test_there_may_be_nothing_to_remove(site: Path) -> None:
    refused = run(site, "undeploy").exception
    assert isinstance(refused, InvalidInput)
    assert "nothing was deployed" in str(refused)
