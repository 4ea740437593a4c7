"""The driver, with a program in Terraform's place; with the real one in tests/terraform."""

import json
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox import terraform_setup as setup
from docferry.sandbox.terraform import Diagnostic, Terraform, prepared
from tests.unit.sandbox.terraform_program import program_that

URL = "http://127.0.0.1:4599"
ERROR = {
    "type": "diagnostic",
    "diagnostic": {
        "severity": "error",
        "summary": "Invalid name",
        "detail": "Too  long.",
        "range": {"filename": "s3.tf", "start": {"line": 12}},
    },
}
JUNIT = """<testsuites><testsuite name="a.tftest.hcl">
<testcase name="one"/>
<testcase name="two"><failure message="1 of 1 failed: no"/></testcase>
<testcase name="three"><error message="boom"/></testcase>
<testcase name="four"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(autouse=True)
def _no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.setattr(setup, "mirror", lambda version: Path("/mirror"))


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    (folder / "bootstrap").mkdir(parents=True)
    (folder / ".terraform").mkdir()
    for name in ("main.tf", "bootstrap/main.tf", "terraform.tfstate", ".terraform/plugin", "x.tfplan"):
        (folder / name).write_text("", encoding="utf-8")
    return folder


def driver(infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, **more: Any) -> Terraform:
    program_that(tmp_path / "bin", monkeypatch, script)
    return prepared(infra, tmp_path / "work", URL, **more)


def test_the_configuration_is_copied_without_litter_and_not_touched(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(infra.rglob("*"))
    made = driver(infra, tmp_path, monkeypatch, "touch made-here; echo '{}'")
    made.init()
    assert sorted(infra.rglob("*")) == before
    held = {str(one.relative_to(made.root)) for one in made.root.rglob("*") if one.is_file()}
    assert held == {"main.tf", "bootstrap/main.tf", "backend_override.tf", "made-here"}


def test_a_module_runs_in_its_own_folder_and_keeps_its_backend_if_asked(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = driver(infra, tmp_path, monkeypatch, "pwd", module="bootstrap", local_state=False)
    assert made.root == tmp_path / "work" / "infra" / "bootstrap"
    assert not (made.root / "backend_override.tf").exists()


def test_nothing_of_the_callers_aws_or_terraform_settings_is_passed_on(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "TF_VAR_environment",
        "TF_CLI_ARGS",
        "DOCFERRY_SOURCE__BUCKET",
    ):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/no/such/file")
    environment = driver(infra, tmp_path, monkeypatch, "").environment
    assert "mine" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == URL
    assert environment["TF_DATA_DIR"] == str(tmp_path / "work" / "data")
    assert Path(environment["TF_CLI_CONFIG_FILE"]) == tmp_path / "work" / "terraform.rc"
    assert 'path    = "/mirror"' in Path(environment["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")


def test_a_cli_configuration_that_exists_is_the_callers_choice(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.rc"
    own.touch()
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert driver(infra, tmp_path, monkeypatch, "").environment["TF_CLI_CONFIG_FILE"] == str(own)


def test_without_a_mirror_terraform_asks_the_registry_and_keeps_what_it_got(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "mirror", lambda version: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    environment = driver(infra, tmp_path, monkeypatch, "").environment
    assert Path(environment["TF_PLUGIN_CACHE_DIR"]).is_dir()
    assert Path(environment["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("verb", ["init", "plan", "apply", "destroy"])
def test_a_failure_says_what_terraform_said_and_where(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    made = driver(infra, tmp_path, monkeypatch, f"echo 'Loose text'; echo '{json.dumps(ERROR)}'; exit 1")
    with pytest.raises(ServiceError, match=rf"^terraform {verb}: s3\.tf:12: Invalid name: Too long\.$"):
        getattr(made, verb)()


@pytest.mark.parametrize(("script", "said"), [("echo loose; exit 1", "loose"), ("exit 1", "said nothing")])
def test_a_failure_without_json_is_passed_on_as_it_is(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    with pytest.raises(ServiceError, match=said):
        driver(infra, tmp_path, monkeypatch, script).init()


def test_an_output_that_cannot_be_read_says_why(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceError, match="terraform output: no state"):
        driver(infra, tmp_path, monkeypatch, "echo no state >&2; exit 1").output()


def test_variables_are_given_as_terraform_reads_them(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = driver(infra, tmp_path, monkeypatch, f'for a in "$@"; do echo "$a" >> {tmp_path}/said; done')
    made.destroy({"name": "x", "on": True, "list": ["a"], "object": {"a": 1}}, [infra / "demo.tfvars"])
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    wanted = ["-var=name=x", "-var=on=true", '-var=list=["a"]', '-var=object={"a": 1}']
    assert said[3:] == [f"-var-file={infra}/demo.tfvars", *wanted]


def test_who_watches_is_told_each_event_as_it_comes(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    driver(infra, tmp_path, monkeypatch, """echo '{"type": "a"}'; echo '[1]'""", told=told.append).init()
    assert told == [{"type": "a"}, {"type": "text", "@message": "[1]"}]


def test_diagnostics_keep_warnings(infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = {"severity": "warning", "summary": "Deprecated", "address": "aws_iam_role.x"}
    said = json.dumps({"valid": False, "diagnostics": [ERROR["diagnostic"], warning]})
    made = driver(infra, tmp_path, monkeypatch, f"echo '{said}'; exit 1")
    first, second = made.validate()
    assert str(first) == "s3.tf:12: Invalid name: Too long."
    assert second == Diagnostic("warning", "Deprecated", "", "aws_iam_role.x")


def test_cases_are_told_apart_by_how_they_ended(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "junit").write_text(JUNIT, encoding="utf-8")
    made = driver(infra, tmp_path, monkeypatch, f'cp {tmp_path}/junit "${{3#-junit-xml=}}"; exit 1')
    found = made.test()
    assert found.passed == ("a.tftest.hcl: one",)
    assert found.failed == ("a.tftest.hcl: two: 1 of 1 failed: no", "a.tftest.hcl: three: boom")
    assert found.skipped == ("a.tftest.hcl: four",)


def test_tests_that_do_not_run_are_a_failure(infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceError, match="Invalid name"):
        driver(infra, tmp_path, monkeypatch, f"echo '{json.dumps(ERROR)}'; exit 1").test()


def test_no_program_and_no_configuration_are_said(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="no Terraform configuration"):
        driver(tmp_path / "absent", tmp_path, monkeypatch, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="no terraform on PATH"):
        prepared(infra, tmp_path / "work", URL)
