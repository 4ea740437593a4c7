import io
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docferry.cli.main import main
from docferry.settings import load
from tests.unit.sandbox.terraform_program import program_that
from tools.terraform_tables import blocks

Said = Callable[..., tuple[int, str, str]]


def side(which: str, region: str) -> dict[str, str]:
    kinds = (
        "bucket",
        "table",
        "queue",
        "control_table",
        "conflicts_table",
        "journal_table",
        "data_sync_log_group",
    )
    return {f"{which}_region": region, **{f"{which}_{kind}": f"{region}-{kind}" for kind in kinds}}


VALUES: dict[str, Any] = {
    **side("source", "us-east-1"),
    **side("target", "eu-west-1"),
    "replication": "engine",
    "document_attribute": "document",
    "scan_segments": 7,
    "client_lease_s": 2,
    "client_deadline_s": 30,
    "alarms": {"all": ["a", "b"], "names": {"lag": "c"}},
}


def printed(values: dict[str, Any], *secret: str) -> str:
    return json.dumps(
        {name: {"sensitive": name in secret, "type": "dynamic", "value": one} for name, one in values.items()}
    )


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs `docferry outputs` with something on standard input; gives exit code, stdout and stderr."""

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["docferry", "outputs", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_flat_json_has_a_dotted_name_for_each_value_and_keeps_lists(said: Said) -> None:
    code, out, err = said("--flat", "-", stdin=printed(VALUES))
    held = json.loads(out)
    assert (code, err) == (0, "")
    assert held["source_bucket"] == "us-east-1-bucket"
    assert (held["alarms.all"], held["alarms.names.lag"]) == (["a", "b"], "c")
    assert not any(isinstance(one, dict) for one in held.values())


def test_json_keeps_objects_and_leaves_secrets_out(said: Said) -> None:
    _, out, _ = said("--json", "-", stdin=printed({**VALUES, "password": "x"}, "password"))
    assert json.loads(out) == VALUES


def test_people_get_a_line_for_each_value(said: Said) -> None:
    _, out, _ = said("-", stdin=printed({"a": {"b": "[red]"}, "c": [1]}))
    assert out == "a.b  [red]\nc    [1]\n"


def test_the_written_configuration_is_one_that_every_command_loads(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = said("--toml", "-", stdin=printed(VALUES))
    assert code == 0
    file = tmp_path / "docferry.toml"
    file.write_text(out, encoding="utf-8")
    settings = load(file)
    assert settings.source.queue == "us-east-1-queue"
    assert settings.target.region == "eu-west-1"
    assert settings.records.document_attribute == "document"
    assert settings.runner.scan_segments == 7
    assert (settings.client.lease_s, settings.deadline_s) == (2.0, 30.0)
    assert tomllib.loads(out).keys() == {"source", "target", "records", "runner", "client"}


def test_the_values_tried_here_are_outputs_that_there_are() -> None:
    declared = {name for name, _ in blocks("output")}
    assert VALUES.keys() - declared == {"alarms"}


def test_native_replication_is_written_too(said: Said) -> None:
    values = {**VALUES, "replication": "native"}
    assert tomllib.loads(said("--toml", "-", stdin=printed(values))[1])["replication"] == "native"


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        ("", "standard input gives no outputs of Terraform"),
        ("{", "gives no outputs of Terraform"),
        ("[1]", "gives no outputs of Terraform"),
        ('{"a": 1}', "gives no outputs of Terraform"),
        ('{"a": {"value": 1}}', "gives no outputs of Terraform"),
        ("{}", "has no outputs; next: run terraform apply first"),
    ],
)
def test_what_is_no_output_of_terraform_is_refused_in_one_line(said: Said, stdin: str, words: str) -> None:
    code, out, err = said("--flat", "-", stdin=stdin)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"target_queue": ""}, "queue: string should have at least 1 character"),
        ({"source_bucket": None}, "bucket: field required"),
        ({"replication": "magic"}, "replication: 'magic'"),
        ({"scan_segments": 0}, "scan_segments: input should be greater"),
    ],
)
def test_outputs_that_make_no_configuration_say_which(said: Said, changed: dict[str, Any], words: str) -> None:
    code, out, err = said("--toml", "-", stdin=printed({**VALUES, **changed}))
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_missing_output_is_named(said: Said) -> None:
    values = {name: one for name, one in VALUES.items() if name != "source_bucket"}
    assert "there is no source_bucket" in said("--toml", "-", stdin=printed(values))[2]


def test_two_shapes_at_once_are_refused(said: Said) -> None:
    assert said("--toml", "--flat", "-")[0] == 2


def test_terraform_is_asked_in_the_folder_that_is_named(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_that(tmp_path / "bin", monkeypatch, f"pwd > {tmp_path}/where; cat {tmp_path}/outputs")
    (tmp_path / "outputs").write_text(printed(VALUES), encoding="utf-8")
    (tmp_path / "infra").mkdir()
    code, out, _ = said("--json", str(tmp_path / "infra"))
    assert (code, json.loads(out)) == (0, VALUES)
    assert (tmp_path / "where").read_text().strip() == str(tmp_path / "infra")


def test_what_terraform_complains_of_is_passed_on_in_one_line(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_that(tmp_path / "bin", monkeypatch, "printf '╷\\n│ Error: Backend needed\\n│ \\n╵\\n' >&2; exit 1")
    code, _, err = said(str(tmp_path))
    assert code == 2
    assert f"terraform in {tmp_path}: Error: Backend needed; next:" in err


def test_no_folder_and_no_terraform_are_said(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no folder" in said(str(tmp_path / "absent"))[2]
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = said(str(tmp_path))
    assert code == 2
    assert "there is no terraform on PATH" in err
