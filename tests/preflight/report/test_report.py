"""What every format shows of a finding."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from docferry.preflight.finding import Place, Severity
from docferry.preflight.report import junit, markdown
from docferry.preflight.report.report import Report
from docferry.preflight.report.text import show
from tests.preflight.checking import checked, rule

RULE = rule("declared-twice")


def shown(root: Path, text: str, line: int) -> str:
    """Return the lines that are shown of a line: two variables of one name make the file one with a finding."""
    result = checked(root, text + 'variable "x" {}\nvariable "x" {}\n', RULE)
    return Report(result, (RULE,), result.findings).snippet(Place("main.tf", line, 1))


def test_a_block_is_shown_to_its_end_and_an_argument_by_itself(tmp_path: Path) -> None:
    text = 'resource "a" "b" {\n  c = 1\n  d {\n    e = [\n      2\n    ]\n  }\n}\n'
    assert shown(tmp_path, text, 1) == text.rstrip("\n")
    assert shown(tmp_path, text, 2) == "c = 1"
    assert shown(tmp_path, text, 3) == "d {\n  e = [\n    2\n  ]\n}"
    assert shown(tmp_path, text, 5) == "2"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('secret_key = "wJalr"', 'secret_key = "***"'),
        ('access_key="AKIA"', 'access_key="***"'),
        ('master_password = "a\\"b"', 'master_password = "***"'),
        ('a = { API_TOKEN = "t", b = "c" }', 'a = { API_TOKEN = "***", b = "c" }'),
        ('"secret_key": "wJalr"', '"secret_key": "***"'),
        ("secret_key = var.key", "secret_key = var.key"),
        ('name = "secret"', 'name = "secret"'),
    ],
)
def test_secrets_are_not_shown(tmp_path: Path, line: str, said: str) -> None:
    assert shown(tmp_path, f"# {line}\n", 1) == f"# {said}"


def test_a_diff_shows_no_secret_that_stands_beside_the_fix(tmp_path: Path) -> None:
    unencrypted = rule("backend-unencrypted")
    lines = ('kms_key_id = "alias/k"', 'secret_key = "wJalr"', "encrypt = false", 'token = "t0k"')
    result = checked(tmp_path, 'terraform {\nbackend "s3" {\n' + "\n".join(lines) + "\n}\n}\n", unencrypted)
    report = Report(result, (unencrypted,), result.findings)
    (said,) = [report.diff(one) for one in result.findings]
    assert "-encrypt = false\n+encrypt = true\n" in said
    assert ' secret_key = "***"\n' in said
    assert "t0k" not in said


def test_a_diff_is_shown_by_the_lines_of_the_file_in_every_format(tmp_path: Path) -> None:
    lifecycle = rule("s3-lifecycle-filter")
    head = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\r\n  # b \u2028 c \x0c d\r\n  rule {\r\n'
    (tmp_path / "main.tf").write_bytes(f'{head}    id = "x"\r\n  }}\r\n}}\r\n'.encode())
    result = checked(tmp_path, {}, lifecycle)
    made = Report(result, (lifecycle,), result.findings, fail_on=Severity.LOW)
    out = io.StringIO()
    show(made, Console(file=out, soft_wrap=True, highlight=False))
    lines = ("   # b \ufffd c \ufffd d", "   rule {", "+    filter {}", '     id = "x"')
    for indent, said in (("      ", out.getvalue()), ("", markdown.render(made)), ("", junit.render(made))):
        shown = said.replace("&quot;", '"')
        assert "".join(f"{indent}{one}\n" for one in lines) in shown
