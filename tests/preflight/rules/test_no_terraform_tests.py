"""A configuration has tests of its own."""

from pathlib import Path

import pytest

from tests.preflight.checking import checked, rule
from tests.preflight.rules.whole import BACKEND, NOT_WHOLE, WHOLE

RULE = rule("no-terraform-tests")
TEST = 'run "x" {\n  command = plan\n}\n'
CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("none", {"main.tf": WHOLE}, ["main.tf:1:1"]),
    ("one", {"main.tf": WHOLE, "tests/a.tftest.hcl": TEST}, []),
    ("one in JSON", {"main.tf": WHOLE, "a.tftest.json": "{}"}, []),
    ("a Terraform that takes none", {"main.tf": WHOLE.replace(">= 1.11", "~> 1.5.0")}, []),
    ("what looks like one", {"main.tf": WHOLE, "tests/a.hcl": TEST}, ["main.tf:1:1"]),
    ("two configurations, one finding", {"a/main.tf": WHOLE, "b/main.tf": WHOLE}, ["a/main.tf:1:1"]),
    ("the uppermost", {"a/x/main.tf": WHOLE, "b/main.tf": WHOLE}, ["b/main.tf:1:1"]),
    ("above it one that is too small", {"a/main.tf": BACKEND, "b/c/main.tf": WHOLE}, ["b/c/main.tf:1:1"]),
    ("above it an example", {"examples/main.tf": WHOLE, "live/a/main.tf": WHOLE}, ["live/a/main.tf:1:1"]),
    *((name, {"main.tf": text}, []) for name, text in NOT_WHOLE.items()),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_configuration_without_tests_is_found_once(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert [str(one.place) for one in checked(tmp_path, files, RULE).findings] == expected
