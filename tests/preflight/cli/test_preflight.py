"""The command: its exit codes, what goes to stdout, and what it changes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from docferry.cli.main import app
from docferry.domain.errors import InvalidInput
from docferry.preflight import rules
from tests.preflight.checking import rule, written

BACKEND = 'terraform {\n  backend "s3" {\n    key = var.a\n  }\n}\n'
LIFECYCLE = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n  rule {\n    id = "x"\n  }\n}\n'
CLEAN = "locals {\n  a = 1\n}\n"


@pytest.fixture(autouse=True)
def only_the_rules_that_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = (rule("backend-expression"), rule("s3-lifecycle-filter"))
    monkeypatch.setattr(rules, "all_rules", lambda: chosen)


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["preflight", *(str(one) for one in arguments)])


def error(result: Result) -> str:
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.exit_code == 2
    return str(result.exception)


def test_nothing_found_is_0_and_findings_are_1(tmp_path: Path) -> None:
    assert called(written(tmp_path / "clean", CLEAN)).exit_code == 0
    assert called(written(tmp_path / "not", BACKEND)).exit_code == 1


def test_the_rules_are_listed_those_of_the_account_too() -> None:
    plain, held = called("--list-rules"), called("--list-rules", "--json")
    names = [one["id"] for one in json.loads(held.stdout)["rules"]]
    assert (plain.exit_code, held.exit_code) == (0, 0)
    assert [line.split()[0] for line in plain.stdout.splitlines()] == names
    assert {"backend-expression", "account-permission"} < set(names)


def test_only_what_is_as_bad_as_asked_for_fails(tmp_path: Path) -> None:
    written(tmp_path, LIFECYCLE)
    assert called(tmp_path).exit_code == 0
    assert called(tmp_path, "--fail-on", "medium").exit_code == 1


def test_no_directory_and_no_configuration_are_2(tmp_path: Path) -> None:
    assert "is no directory" in error(called(tmp_path / "none"))
    assert "no .tf" in error(called(tmp_path))


@pytest.mark.parametrize(
    "options", [["--dry-run"], ["--write-baseline"], ["--fix", "--write-baseline", "--baseline", "b.json"]]
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, options: list[str]) -> None:
    written(tmp_path, CLEAN)
    assert error(called(tmp_path, *options))


@pytest.mark.parametrize("option", ["--account-config", "--profile", "--endpoint-url"])
def test_an_option_of_the_account_is_refused_where_no_account_is_asked(tmp_path: Path, option: str) -> None:
    written(tmp_path, CLEAN)
    assert "--account" in error(called(tmp_path, option, "http://127.0.0.1:1"))


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "markdown"])
def test_every_format_is_printed_whole_on_stdout(tmp_path: Path, form: str) -> None:
    said = called(written(tmp_path, BACKEND), "--format", form).stdout
    assert "backend-expression" in said
    begins = {"text": "critical", "json": "{", "sarif": "{", "junit": "<?xml", "markdown": "# "}
    assert said.startswith(begins[form])


def test_json_has_an_option_of_its_own(tmp_path: Path) -> None:
    assert json.loads(called(written(tmp_path, BACKEND), "--json").stdout)["failed"] is True


def test_paths_are_those_from_where_the_command_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {"infra/main.tf": BACKEND})
    monkeypatch.chdir(tmp_path)
    for directory in ("infra", tmp_path / "infra"):
        assert "  infra/main.tf:3:11  " in called(directory).stdout
    monkeypatch.chdir(tmp_path / "infra")
    assert "  main.tf:3:11  " in called().stdout


def test_fix_changes_what_it_says_and_reports_the_rest(tmp_path: Path) -> None:
    written(tmp_path, {"main.tf": LIFECYCLE, "b.tf": BACKEND})
    dry = called(tmp_path, "--fix", "--dry-run")
    assert (dry.exit_code, (tmp_path / "main.tf").read_text(encoding="utf-8")) == (1, LIFECYCLE)
    assert dry.stdout.startswith("--- a/") and "+    filter {}\n" in dry.stdout
    result = called(tmp_path, "--fix")
    assert result.exit_code == 1
    assert "s3-lifecycle-filter" not in result.stdout and "backend-expression" in result.stdout
    assert "1 finding fixed in 1 file" in result.stderr
    assert "    filter {}\n" in (tmp_path / "main.tf").read_text(encoding="utf-8")
    again = called(tmp_path, "--fix", "--dry-run")
    assert (again.exit_code, again.stdout) == (0, "")


def test_a_baseline_lets_known_findings_be_and_fix_leaves_them(tmp_path: Path) -> None:
    written(tmp_path, LIFECYCLE)
    baseline = tmp_path / "known.json"
    asked = (tmp_path, "--fail-on", "medium", "--baseline", baseline)
    assert called(*asked, "--write-baseline").exit_code == 0
    assert called(*asked).exit_code == 0
    assert called(*asked, "--fix").exit_code == 0
    assert (tmp_path / "main.tf").read_text(encoding="utf-8") == LIFECYCLE
    (tmp_path / "main.tf").write_text(LIFECYCLE.replace('"a"', '"b"'), encoding="utf-8")
    changed = called(*asked)
    assert changed.exit_code == 1
    assert "no more there of the baseline: 1 finding" in changed.stderr


def test_a_damaged_baseline_or_setting_is_2(tmp_path: Path) -> None:
    written(tmp_path, {"main.tf": CLEAN, "b.json": "{", ".docferry-preflight.toml": "none = 1"})
    assert "none is no setting" in error(called(tmp_path))
    (tmp_path / ".docferry-preflight.toml").unlink()
    assert "is no baseline" in error(called(tmp_path, "--baseline", tmp_path / "b.json"))


def test_a_disabled_rule_is_named_in_the_json(tmp_path: Path) -> None:
    settings = '[disable]\nbackend-expression = "not ours"\n'
    written(tmp_path, {"main.tf": BACKEND, ".docferry-preflight.toml": settings})
    result = called(tmp_path, "--json")
    held = json.loads(result.stdout)
    assert (result.exit_code, held["disabled"]) == (0, {"backend-expression": "not ours"})
    assert "backend-expression" not in held["rules"]


def started(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_other_commands_start_without_the_checks() -> None:
    said = started(
        "import sys, docferry.cli.main\n"
        "print(sorted(one for one in sys.modules if one.startswith(('tree_sitter', 'docferry.preflight.r'))))"
    )
    assert said.strip() == "[]"


def test_the_checks_start_without_the_other_commands_and_are_the_same(tmp_path: Path) -> None:
    written(tmp_path, CLEAN)
    said = started(
        "import sys\n"
        "from docferry.cli.entry import main\n"
        f"sys.argv = ['docferry', 'preflight', {str(tmp_path)!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as ended:\n"
        "    print(ended.code, sorted({'docferry.cli.main', 'botocore', 'aiohttp'} & set(sys.modules)))\n"
    )
    assert "no findings" in said
    assert said.splitlines()[-1] == "0 []"


def test_the_command_starts_all_others_too() -> None:
    said = started("import sys\nfrom docferry.cli.entry import main\nsys.argv = ['docferry', '--help']\nmain()")
    assert "cutover" in said and "preflight" in said


def test_a_file_that_two_directories_link_to_is_fixed_once_and_they_still_link_to_it(tmp_path: Path) -> None:
    written(tmp_path, {"shared/l.tf": LIFECYCLE, "a/m.tf": CLEAN, "b/m.tf": CLEAN})
    for one in ("a", "b"):
        (tmp_path / one / "l.tf").symlink_to("../shared/l.tf")
    result = called(tmp_path, "--fix")
    assert "1 finding fixed in 1 file" in result.stderr
    assert (tmp_path / "shared/l.tf").read_text(encoding="utf-8").count("filter {}") == 1
    assert (tmp_path / "a/l.tf").is_symlink() and (tmp_path / "b/l.tf").is_symlink()
    assert "no findings" in called(tmp_path, "--fail-on", "low").stdout


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "markdown"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_no_encoding_of_the_terminal_stops_a_report(tmp_path: Path, form: str, encoding: str) -> None:
    written(tmp_path, {"ä€.tf": BACKEND})
    program = "import sys\nfrom docferry.cli.entry import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "preflight", str(tmp_path), "--format", form],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    if form == "text":
        assert b".tf:3:11  backend-expression" in done.stdout
    else:
        # What programs read is in UTF-8, as XML says of itself.
        assert "backend-expression" in done.stdout.decode("utf-8")
