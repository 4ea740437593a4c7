"""What is set for functions is read."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-environment-unused")
ARCHIVE = 'data "archive_file" "z" {\n  source_dir = "${path.module}/code"\n  output_path = "f.zip"\n}\n'


def function(variables: str, rest: str = "") -> str:
    return (
        'resource "aws_lambda_function" "f" {\n  filename = data.archive_file.z.output_path\n'
        f'  handler = "app.handler"\n  runtime = "python3.13"\n  environment {{\n    variables = {{\n'
        f"{variables}\n    }}\n  }}\n{rest}}}\n" + ARCHIVE
    )


CODE = 'import os\nTABLE = os.environ["TABLE"]\ndef handler(event, context):\n    pass\n'
SET = '      TABLE = "t"\n      TOPIC = "x"'

CASES: list[tuple[str, Mapping[str, str], list[tuple[int, int]]]] = [
    ("all are read", {"main.tf": function('TABLE = "t"'), "code/app.py": CODE}, []),
    ("one is not read", {"main.tf": function(SET), "code/app.py": CODE}, [(8, 15)]),
    (
        "its name is in another file",
        {"main.tf": function(SET), "code/app.py": CODE, "code/x.yaml": "from: TOPIC"},
        [],
    ),
    ("its name is a part of another", {"main.tf": function(SET), "code/app.py": CODE + "TOPICS = 1"}, [(8, 15)]),
    ("for Powertools", {"main.tf": function('POWERTOOLS_SERVICE_NAME = "x"'), "code/app.py": CODE}, []),
    ("for Python", {"main.tf": function('PYTHONUNBUFFERED = "1"'), "code/app.py": CODE}, []),
    ("the level of a log", {"main.tf": function('LOG_LEVEL = "INFO"'), "code/app.py": CODE}, [(7, 13)]),
    (
        "the level of Powertools' log",
        {"main.tf": function('LOG_LEVEL = "INFO"'), "code/app.py": "import aws_lambda_powertools\n" + CODE},
        [],
    ),
    (
        "for a library that is imported",
        {"main.tf": function('STRIPE_API_KEY = "x"'), "code/app.py": "import stripe\n" + CODE},
        [],
    ),
    ("no code", {"main.tf": function(SET)}, []),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_variable_that_nothing_reads_is_found(
    tmp_path: Path, files: Mapping[str, str], expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, files, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("", CODE + "def f(name):\n    return os.environ[name]\n"),
        ("", CODE + "from pydantic_settings import BaseSettings\n"),
        ("  layers = [var.layer]\n", CODE),
        ("", "from shop_settings import TOPIC_ARN\n" + CODE),
    ],
    ids=["a name made at run time", "settings of a class", "a layer", "a library that is not in the package"],
)
def test_what_may_be_read_after_all_is_undecided(tmp_path: Path, rest: str, code: str) -> None:
    result = checked(tmp_path, {"main.tf": function(SET, rest), "code/app.py": code}, RULE)
    assert result.findings == ()
    assert ["`TOPIC`" in one.what_is_unknown for one in result.undecided] == [True]


def test_a_finding_is_at_the_argument_where_the_names_are_elsewhere(tmp_path: Path) -> None:
    hcl = function("").replace("{\n\n    }", "local.e") + f"locals {{\n  e = {{\n{SET}\n  }}\n}}\n"
    assert at(checked(tmp_path, {"main.tf": hcl, "code/app.py": CODE}, RULE).findings) == [(6, 5)]
