"""What was deployed is tested."""

from pathlib import Path

import pytest

from tests.preflight.checking import checked, rule
from tests.preflight.rules.whole import NOT_WHOLE, WHOLE

RULE = rule("no-integration-tests")
MARK = {"pyproject.toml": ""}
CASES: list[tuple[str, dict[str, str], int]] = [
    ("none", {}, 1),
    ("a directory of them", {"tests/integration/test_a.py": ""}, 0),
    ("tests of what is live", {"tests/live/test_a.py": ""}, 0),
    ("from end to end", {"e2e/a.spec.ts": ""}, 0),
    ("a file of them", {"tests/test_integration.py": ""}, 0),
    ("a file named otherwise", {"tests/smoke_test.py": ""}, 0),
    ("in Go", {"test/stack_test.go": ""}, 0),
    ("unit tests", {"tests/unit/test_a.py": "", "tests/test_b.py": ""}, 1),
    ("a name that only holds the word", {"tests/test_delivery.py": "", "tests/alive/test_a.py": ""}, 1),
    ("tests of Terraform that plan", {"tests/a.tftest.hcl": 'run "a" {\n  command = plan\n}'}, 1),
    ("tests of Terraform on a mock", {"tests/a.tftest.hcl": 'mock_provider "aws" {}\nrun "a" {\n}'}, 1),
    ("tests of Terraform that apply", {"tests/a.tftest.hcl": 'run "a" {\n}'}, 0),
    ("of a library", {"node_modules/x/e2e/a.test.js": ""}, 1),
]


@pytest.mark.parametrize(("files", "count"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_deployment_that_nothing_tests_is_found(tmp_path: Path, files: dict[str, str], count: int) -> None:
    assert len(checked(tmp_path, {"main.tf": WHOLE, **MARK, **files}, RULE).findings) == count


def test_nothing_is_claimed_where_tests_may_lie_outside(tmp_path: Path) -> None:
    result = checked(tmp_path, WHOLE, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


@pytest.mark.parametrize("text", NOT_WHOLE.values(), ids=NOT_WHOLE)
def test_what_is_not_deployed_needs_none(tmp_path: Path, text: str) -> None:
    result = checked(tmp_path, {"main.tf": text, **MARK}, RULE)
    assert (result.findings, result.undecided) == ((), ())
