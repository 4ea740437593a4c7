"""Broken files: what is said is where Terraform says it, and the others are checked all the same."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
from docferry.preflight.hcl.load import LARGEST_FILE
from tests.preflight.checking import at, checked, rule

# The places are those that `terraform validate` names, or near them on the same line or the next one.
BROKEN = [
    ("two arguments on a line", "locals {\n  a = 1 b = 2\n}", (2, 9)),
    ("a brace on the next line", "locals\n{\n  a = 1\n}", (2, 1)),
    ("a value on the next line", "locals {\n  a =\n    1\n}", (3, 5)),
    ("an operation over two lines", "locals {\n  a = 1 +\n    2\n}", (3, 5)),
    ("an operation after brackets", "locals {\n  a = (1 +\n    2)\n    + 3\n}", (4, 5)),
    ("an access on the next line", "locals {\n  a = local.b\n    .c\n}", (3, 5)),
    ("no end of line after the brace", "locals { a = 1\n}", (1, 10)),
    ("no end of line after the brace, around a list", "locals { a = [\n  1\n]\n}", (1, 10)),
    ("no end of line after the brace, before a heredoc", "locals { a = <<E\nx\nE\n}", (1, 10)),
    ("a block in braces on a line, over lines", 'terraform { backend "s3" {\n} }', (1, 13)),
    ("no end of line before the brace", "locals {\n a = 1 }", (2, 8)),
    ("an argument twice", "locals {\n  a = 1\n  a = 2\n}", (3, 3)),
    ("a block in a block of one line", "variable a { validation {} }", (1, 14)),
    ("an open string", 'locals {\n  a = "x\n  b = 1\n}', (2, 7)),
    ("an open string, closed later", 'locals {\n  a = "x\ny"\n}', (2, 7)),
    ("no comma", "locals {\n  a = [1 2]\n}", (2, 10)),
    ("half an operation", 'locals {\n  a = "${1 +}"\n}', (2, 13)),
    ("an unknown escape", 'locals {\n  a = "\\q"\n}', (2, 8)),
    ("single quotes", "locals {\n  a = 'x'\n}", (2, 7)),
    ("nothing after =", "locals {\n  a =\n}", (2, 3)),
    ("a brace too many", "locals {}}", (1, 10)),
    ("no such block", "locals {}\nresorce a b {}", (2, 1)),
    ("a label too few", 'resource "aws_x" {\n}', (1, 1)),
    ("a label too many", 'locals "a" {}', (1, 1)),
    ("a merge left undone", "locals {\n<<<<<<< HEAD\n  a = 1\n=======\n}", (2, 2)),
]

GOOD = [
    "",
    "\n# nothing\n/* at all */",
    'variable "a" { type = string }',
    'locals {\n  a = upper(\n  "x"\n)\n}',
    "locals {\n  a = { x = 1\n y = 2 }\n  b = [1\n, 2]\n}",
    "locals {\n  a = (1 +\n    2)\n}",
    "locals {\n  a = local.b && (\n    local.c\n    || local.d\n  ) ? 1 : 0\n}",
    "locals {\n  a = !(\n    local.c ||\n    (local.d\n    && true)\n  )\n}",
    "locals {\n  a = [for x in [1] : x if\n true]\n}",
    "locals {\n  a = true ? {\n  } : {\n  }\n}",
    'locals {\n  a = merge({}, {\n    b = "c" })["b"]\n}',
    "locals {\r\n  a = 1\r\n  b = <<E\r\nx\r\nE\r\n}\r\n",
    "\ufefflocals {\n  a = 1\n}",
    'locals {\n  a = <<-E\n    "x\n    E\n}',
    'locals {\n  a = "${\n  1}"\n}',
    "locals {\n  a = 1 # x\n  # y\n  b = 2 // z\n}",
    'resource "a_b" "c" {\n  lifecycle { ignore_changes = [\n    d,\n  ] }\n}',
    'variable "a" { type = object({\n  b = string\n}) }',
    'locals { a = "${\n  1}" }',
    'locals {}\nterraform {\n}\nresource aws_x "b" {\n\n}',
]


@pytest.mark.parametrize(("hcl", "place"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_terraform_cannot_read_is_critical_and_has_its_place(
    tmp_path: Path, hcl: str, place: tuple[int, int]
) -> None:
    findings = checked(tmp_path, hcl).findings
    assert at(findings)[0] == place
    assert {(one.rule, one.severity, one.stage) for one in findings} == {
        ("syntax-error", Severity.CRITICAL, Stage.INIT)
    }


@pytest.mark.parametrize("hcl", GOOD)
def test_what_terraform_reads_is_no_error(tmp_path: Path, hcl: str) -> None:
    assert checked(tmp_path, hcl).findings == ()


def test_columns_count_characters(tmp_path: Path) -> None:
    assert at(checked(tmp_path, 'locals {\n  a = "äöü" b = 1\n}').findings) == [(2, 13)]


def test_the_other_files_are_checked(tmp_path: Path) -> None:
    files = {"bad.tf": "locals {", "main.tf": 'terraform {\n  backend "s3" {\n    key = var.a\n  }\n}'}
    found = [one.rule for one in checked(tmp_path, files, rule("backend-expression")).findings]
    assert found == ["syntax-error", "backend-expression"]


def test_a_file_that_is_no_utf8_has_an_error_at_the_byte(tmp_path: Path) -> None:
    (tmp_path / "latin.tf").write_bytes("# fine\n# ä".encode("latin-1"))
    assert at(checked(tmp_path, "").findings) == [(2, 3)]


def test_a_file_that_is_too_large_or_no_file_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "large.tf").write_bytes(b"#" * (LARGEST_FILE + 1))
    (tmp_path / "gone.tf").symlink_to("nowhere")
    result = checked(tmp_path, "")
    assert [one.subject for one in result.undecided] == ["gone.tf", "large.tf"]
    assert result.findings == ()
