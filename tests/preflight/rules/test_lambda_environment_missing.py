"""Functions get the variables that their code needs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-environment-missing")
ARCHIVE = """data "archive_file" "z" {
  type        = "zip"
  source_dir  = "${path.module}/code"
  output_path = "${path.module}/build/f.zip"
}
"""


def function(
    variables: str = "", filename: str = "data.archive_file.z.output_path", handler: str = "app.handler"
) -> str:
    environment = f"  environment {{\n    variables = {variables}\n  }}\n" if variables else ""
    return (
        f'resource "aws_lambda_function" "f" {{\n  filename = {filename}\n  handler = "{handler}"\n'
        f'  runtime = "python3.13"\n{environment}}}\n'
    )


def ignoring(what: str) -> str:
    return function().removesuffix("}\n") + f"  lifecycle {{\n    ignore_changes = [{what}]\n  }}\n}}\n"


CODE = 'import os\n\nTABLE = os.environ["TABLE"]\n\n\ndef handler(event, context):\n    pass\n'
HELPERS = """
def topic():
    return ""
def table():
    return os.environ["TABLE"]
def rows():
    return table()
"""
SET = '{ TABLE = "t" }'
INLINE = 'data "archive_file" "z" {\n  type        = "zip"\n  output_path = "f.zip"\n'

CASES: list[tuple[str, Mapping[str, str], list[tuple[int, int]]]] = [
    ("set", {"main.tf": function(SET) + ARCHIVE, "code/app.py": CODE}, []),
    ("not set", {"main.tf": function() + ARCHIVE, "code/app.py": CODE}, [(1, 1)]),
    ("another one is set", {"main.tf": function('{ TABLES = "t" }') + ARCHIVE, "code/app.py": CODE}, [(6, 5)]),
    (
        "set in a local",
        {"main.tf": function("local.e") + ARCHIVE + f"locals {{\n e = {SET}\n}}", "code/app.py": CODE},
        [],
    ),
    (
        "merged",
        {
            "main.tf": function("merge(local.e, { TABLE = var.t })") + ARCHIVE + "locals {\n e = {}\n}",
            "code/app.py": CODE,
        },
        [],
    ),
    (
        "set by AWS",
        {"main.tf": function() + ARCHIVE, "code/app.py": CODE.replace('"TABLE"', '"AWS_REGION"')},
        [],
    ),
    (
        "not set by AWS",
        {"main.tf": function() + ARCHIVE, "code/app.py": CODE.replace('"TABLE"', '"AWS_ACCOUNT_ID"')},
        [(1, 1)],
    ),
    (
        "read in a module that is imported",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "from shared import config\ndef handler(e, c): pass\n",
            "code/shared/config.py": CODE,
        },
        [(1, 1)],
    ),
    (
        "read in a module that is imported by a relative name",
        {
            "main.tf": function(handler="orders.app.handler") + ARCHIVE,
            "code/orders/app.py": "from .config import TABLE\ndef handler(e, c): pass\n",
            "code/orders/config.py": CODE,
        },
        [(1, 1)],
    ),
    (
        "read in a module of another function",
        {"main.tf": function() + ARCHIVE, "code/app.py": "def handler(e, c): pass\n", "code/other.py": CODE},
        [],
    ),
    (
        "one file",
        {
            "main.tf": function() + ARCHIVE.replace("source_dir", "source_file").replace("/code", "/code/app.py"),
            "code/app.py": CODE,
        },
        [(1, 1)],
    ),
    (
        "the zip's name",
        {"main.tf": function(filename='"${path.module}/build/f.zip"') + ARCHIVE, "code/app.py": CODE},
        [(1, 1)],
    ),
    (
        "only the handler's name leads to it",
        {"main.tf": function(filename='"f.zip"'), "src/app.py": CODE},
        [(1, 1)],
    ),
    (
        "the same beside the directory of the configuration",
        {"infra/main.tf": function(filename='"f.zip"'), "src/app.py": CODE},
        [(1, 1)],
    ),
    (
        "written in the configuration",
        {
            "main.tf": function()
            + INLINE
            + '  source {\n    filename = "app.py"\n    content  = <<-E\n'
            + CODE
            + "E\n  }\n}\n"
        },
        [(1, 1)],
    ),
    (
        "a file put in under another name",
        {
            "main.tf": function()
            + INLINE
            + '  source {\n    filename = "app.py"\n    content  = file("${path.module}/x.py")\n  }\n}\n',
            "x.py": CODE,
        },
        [(1, 1)],
    ),
    (
        "set by the code",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": 'import os\nos.environ.setdefault("TABLE", "t")\n' + CODE,
        },
        [],
    ),
    (
        "read where a helper of another function is called",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "import common\ndef handler(event, context):\n    return common.topic()\n",
            "code/common.py": "import os" + HELPERS,
        },
        [],
    ),
    (
        "read where a helper is called by way of another",
        {
            "main.tf": function('{ TOPIC = "t" }') + ARCHIVE,
            "code/app.py": "from common import rows as r\ndef handler(event, context):\n    return r()\n",
            "code/common.py": "import os" + HELPERS,
        },
        [(6, 5)],
    ),
    (
        "read by another handler in the same file",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": 'import os\ndef other(e, c):\n    os.environ["TABLE"]\ndef handler(e, c):\n    pass\n',
        },
        [],
    ),
    (
        "read where the file is started by hand",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": 'import os\ndef main():\n    os.environ["TABLE"]\ndef handler(e, c):\n    pass\n'
            'if __name__ == "__main__":\n    main()\n',
        },
        [],
    ),
    (
        "asked for in another file",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "import config\nif config.DSN:\n    pass\ndef handler(e, c):\n    pass\n",
            "code/config.py": 'import os\nDSN = os.environ.get("DSN")\n',
        },
        [],
    ),
    (
        "asked for in no file",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "import config\ndef handler(e, c):\n    f(config.DSN)\n",
            "code/config.py": 'import os\nDSN = os.environ.get("DSN")\n',
        },
        [(1, 1)],
    ),
    (
        "read where another variable says so",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": 'import os\nLOCAL = os.environ.get("STAGE", "prod") == "local"\nif LOCAL:\n'
            '    TABLE = os.environ["TABLE"]\ndef handler(e, c):\n    pass\n',
        },
        [],
    ),
    (
        "read by a method of a class that is used",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "import os\nclass Store:\n    def __init__(self):\n"
            '        self.table = os.environ["TABLE"]\ndef handler(e, c):\n    return Store()\n',
        },
        [(1, 1)],
    ),
    (
        "read by what a handler of another file is",
        {
            "main.tf": function() + ARCHIVE,
            "code/app.py": "from impl import handler\n",
            "code/impl.py": 'import os\ndef handler(e, c):\n    os.environ["TABLE"]\n',
        },
        [(1, 1)],
    ),
    (
        "a function of another language",
        {"main.tf": function().replace("python3.13", "nodejs22.x") + ARCHIVE, "code/app.py": CODE},
        [],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_variable_that_is_read_and_not_set_is_found(
    tmp_path: Path, files: Mapping[str, str], expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, files, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


UNDECIDED: list[tuple[str, Mapping[str, str]]] = [
    ("no code", {"main.tf": function() + ARCHIVE}),
    ("code outside", {"infra/main.tf": function() + ARCHIVE.replace("/code", "/../../code")}),
    ("two handlers of a name", {"main.tf": function(filename='"f.zip"'), "a/app.py": CODE, "b/app.py": CODE}),
    (
        "code of another configuration",
        {"a/main.tf": function(filename='"code.zip"'), "b/main.tf": "", "b/code/app.py": CODE},
    ),
    ("a module without the handler", {"main.tf": function(filename='"f.zip"'), "a/app.py": "x = 1\n"}),
    (
        "code with an unknown part",
        {
            "main.tf": function()
            + INLINE
            + '  source {\n    filename = "app.py"\n    content  = templatefile("x.py", {})\n  }\n}\n'
        },
    ),
    ("unknown variables", {"main.tf": function("var.e") + ARCHIVE, "code/app.py": CODE}),
    ("no Python", {"main.tf": function() + ARCHIVE, "code/app.py": "def (:\n"}),
    (
        "variables from a file in the package",
        {"main.tf": function() + ARCHIVE, "code/app.py": "import dotenv\n" + CODE},
    ),
    (
        "code that is deployed by something else",
        {"main.tf": ignoring("filename, source_code_hash") + ARCHIVE, "code/app.py": CODE},
    ),
    (
        "variables that are set by something else",
        {"main.tf": ignoring("environment[0].variables") + ARCHIVE, "code/app.py": CODE},
    ),
    ("all that is set by something else", {"main.tf": ignoring("all") + ARCHIVE, "code/app.py": CODE}),
    (
        "a dynamic block",
        {
            "main.tf": function().removesuffix("}\n")
            + '  dynamic "environment" {\n    for_each = var.x\n    content {}\n  }\n}\n'
            + ARCHIVE,
            "code/app.py": CODE,
        },
    ),
]


@pytest.mark.parametrize("files", [case[1] for case in UNDECIDED], ids=[case[0] for case in UNDECIDED])
def test_what_cannot_be_told_is_undecided_once(tmp_path: Path, files: Mapping[str, str]) -> None:
    result = checked(tmp_path, files, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_the_directory_that_is_named_like_the_package_is_meant(tmp_path: Path) -> None:
    files = {"main.tf": function(filename='"build/b.zip"'), "a/app.py": CODE, "b/app.py": CODE}
    (finding,) = checked(tmp_path, files, RULE).findings
    assert "b/app.py:3" in finding.message


def test_functions_of_one_handler_in_different_packages_are_not_mixed_up(tmp_path: Path) -> None:
    others = function(filename='"a.zip"') + function(filename='"b.zip"').replace('"f"', '"g"')
    result = checked(tmp_path, {"main.tf": others, "x/app.py": CODE}, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 2


def test_a_local_module_begins_its_paths_at_itself(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./modules/m"\n}\n',
        "modules/m/main.tf": function() + ARCHIVE,
        "modules/m/code/app.py": CODE,
    }
    (finding,) = checked(tmp_path, files, RULE).findings
    assert finding.place is not None
    assert finding.place.file == "modules/m/main.tf"


@pytest.mark.parametrize(
    ("variables", "certain"),
    [
        ("{ TOPIC = var.t }", True),
        ("merge({ TOPIC = var.t }, local.e)", True),
        ("var.e", False),
        ("merge({ TOPIC = var.t }, var.e)", False),
    ],
)
def test_a_finding_says_whether_it_hangs_on_a_variable(tmp_path: Path, variables: str, certain: bool) -> None:
    rest = 'variable "t" {}\nvariable "e" {\n  default = {}\n}\nlocals {\n  e = { X = var.t }\n}\n'
    files = {"main.tf": function(variables) + ARCHIVE + rest, "code/app.py": CODE}
    assert [one.certain for one in checked(tmp_path, files, RULE).findings] == [certain]


def test_none_in_place_of_a_value_is_less_bad_than_an_error(tmp_path: Path) -> None:
    code = CODE + 'print(os.getenv("TOPIC"))\n'
    findings = checked(tmp_path, {"main.tf": function() + ARCHIVE, "code/app.py": code}, RULE).findings
    assert {one.message.split("`")[1]: one.severity for one in findings} == {
        "TABLE": Severity.HIGH,
        "TOPIC": Severity.MEDIUM,
    }
