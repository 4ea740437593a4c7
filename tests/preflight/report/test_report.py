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
        ('STRIPE_API_KEY = "sk"', 'STRIPE_API_KEY = "***"'),
        ('apikey = "sk"', 'apikey = "***"'),
        ('hash_key = "id"', 'hash_key = "id"'),
        ('kms_key_id = "alias/k"', 'kms_key_id = "alias/k"'),
        ('key = "prod/state"', 'key = "prod/state"'),
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


def test_a_secret_of_several_lines_is_shown_neither_whole_nor_cut_off(tmp_path: Path) -> None:
    lines = [f"    MIIEow{number}" for number in range(20)]
    key = "\n".join(("private_key = <<-EOT", *lines, "  EOT", 'name = "shown"'))
    assert shown(tmp_path, f"locals {{\n  {key}\n}}\n", 1).splitlines()[2:4] == ["    ***", "    ***"]
    short = f"locals {{\n  private_key = <<EOT\n{lines[0]}\n\nEOT\n  name = 1\n}}\n"
    assert shown(tmp_path, short, 2) == "private_key = <<EOT\n  ***\n"


def test_a_diff_that_begins_within_a_secret_shows_none_of_it(tmp_path: Path) -> None:
    unencrypted = rule("backend-unencrypted")
    key = "\n".join(f"MIIEow{number}" for number in range(9))
    lines = (f"private_key = <<EOT\n{key}\nEOT", 'kms_key_id = "k"', "encrypt = false")
    result = checked(tmp_path, 'terraform {\nbackend "s3" {\n' + "\n".join(lines) + "\n}\n}\n", unencrypted)
    (said,) = [Report(result, (), ()).diff(one) for one in result.findings]
    assert "MIIE" not in said
    assert " ***\n EOT\n" in said
    assert "-encrypt = false\n+encrypt = true\n" in said


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
