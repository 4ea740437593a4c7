"""The code of functions has tests."""

from pathlib import Path

import pytest

from tests.preflight.checking import checked, rule
from tests.preflight.rules.whole import WHOLE

RULE = rule("no-unit-tests")
MAIN = WHOLE + 'resource "aws_lambda_function" "f" {}\n'
CODE = "import os\n\n\ndef handler(event, context):\n    return os.environ\n"
MARK = {"Makefile": "test:\n"}
CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("none", {"src/orders.py": CODE}, ["`src/orders.py`"]),
    ("one that imports it", {"src/orders.py": CODE, "tests/test_a.py": "from src import orders"}, []),
    ("one that is named so", {"src/orders.py": CODE, "tests/test_orders.py": ""}, []),
    ("one of another", {"src/orders.py": CODE, "tests/test_a.py": "import borders"}, ["`src/orders.py`"]),
    ("no handler", {"src/orders.py": "def handler(x):\n    pass\n"}, []),
    (
        "a handler with types",
        {"a.py": "def go(event: dict[str, int], context: object) -> None:\n    pass\n"},
        ["`a.py`"],
    ),
    ("a handler that needs no context", {"a.py": "def go(event, _context):\n    pass\n"}, ["`a.py`"]),
    (
        "two of one name",
        {"one/app.py": CODE, "two/app.py": CODE, "tests/test_app.py": "from one import app"},
        ["`two/app.py`"],
    ),
    ("of a library", {"venv/lib/orders.py": CODE}, []),
    (
        "four",
        {f"f{one}.py": CODE for one in range(4)},
        ["`f0.py`, `f1.py`, `f2.py` and 1 more"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_handlers_that_no_test_names_are_found(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    found = checked(tmp_path, {"main.tf": MAIN, **MARK, **files}, RULE).findings
    assert [one.message.removeprefix("no test imports or names ") for one in found] == expected


def test_nothing_is_claimed_where_tests_may_lie_outside(tmp_path: Path) -> None:
    result = checked(tmp_path, {"main.tf": MAIN, "src/orders.py": CODE}, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_a_project_under_version_control_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert len(checked(tmp_path, {"main.tf": MAIN, "src/orders.py": CODE}, RULE).findings) == 1


def test_code_beside_a_configuration_without_functions_is_not_looked_at(tmp_path: Path) -> None:
    assert checked(tmp_path, {"main.tf": WHOLE, **MARK, "src/orders.py": CODE}, RULE).findings == ()
