"""Defaults of functions are written down."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.preflight.checking import checked, rule

RULE = rule("undocumented-default")
FUNCTION = """resource "aws_lambda_function" "f" {
  filename = data.archive_file.z.output_path
  handler  = "app.handler"
  runtime  = "python3.13"
  environment {
    variables = VARIABLES
  }
}
data "archive_file" "z" {
  source_dir  = "${path.module}/code"
  output_path = "f.zip"
}
"""
CODE = 'import os\nLIMIT = int(os.environ.get("LIMIT", "50"))\ndef handler(event, context):\n    pass\n'


def project(code: str = CODE, variables: str = "{}", **documents: str) -> Mapping[str, str]:
    named = {name.replace("__", "/").replace("_", "."): text for name, text in documents.items()}
    return {"main.tf": FUNCTION.replace("VARIABLES", variables), "code/app.py": code, **named}


CASES: list[tuple[str, Mapping[str, str], list[tuple[str, int, int]]]] = [
    ("nothing says it", project(README_md="# f\n"), [("code/app.py", 2, 13)]),
    ("the README says it", project(README_md="`LIMIT` is 50 unless it is set."), []),
    ("another document says it", project(README_md="", docs__settings_md="LIMIT: how many"), []),
    ("a longer name is in the README", project(README_md="RATE_LIMIT"), [("code/app.py", 2, 13)]),
    ("it is set", project(variables='{ LIMIT = "9" }', README_md=""), []),
    ("no default", project(CODE.replace(', "50"', ""), README_md=""), []),
    ("set by AWS", project(CODE.replace("LIMIT", "AWS_REGION"), README_md=""), []),
    ("unknown variables", project(variables="var.e", README_md=""), []),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_default_that_no_document_names_is_found(
    tmp_path: Path, files: Mapping[str, str], expected: list[tuple[str, int, int]]
) -> None:
    result = checked(tmp_path, files, RULE)
    assert [(one.place.file, one.place.line, one.place.column) for one in result.findings if one.place] == expected
    assert result.undecided == ()


def test_documents_may_lie_outside_of_what_is_checked(tmp_path: Path) -> None:
    result = checked(tmp_path, project(), RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_a_project_without_documents_documents_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert len(checked(tmp_path, project(), RULE).findings) == 1


def test_what_two_functions_share_is_found_once(tmp_path: Path) -> None:
    files = dict(project(README_md=""))
    files["main.tf"] += FUNCTION.split("data ", maxsplit=1)[0].replace("VARIABLES", "{}").replace('"f"', '"g"')
    assert len(checked(tmp_path, files, RULE).findings) == 1
