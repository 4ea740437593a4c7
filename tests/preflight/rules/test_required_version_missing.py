"""What is deployed says which Terraform it is for."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule
from tests.preflight.rules.whole import NOT_WHOLE, QUEUES, WHOLE

RULE = rule("required-version-missing")
WITHOUT = WHOLE.replace('  required_version = ">= 1.11"\n', "")
CASES: list[tuple[str, dict[str, str], list[tuple[int, int]]]] = [
    ("none", {"main.tf": WITHOUT}, [(1, 1)]),
    ("one", {"main.tf": WHOLE}, []),
    ("one in another file", {"main.tf": WITHOUT, "v.tf": 'terraform {\n  required_version = ">= 1.9"\n}'}, []),
    ("no terraform block", {"main.tf": QUEUES + 'provider "aws" {}'}, [(6, 1)]),
    *(
        (name, {"main.tf": text.replace('required_version = ">= 1.11"', "")}, [])
        for name, text in NOT_WHOLE.items()
    ),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_deployed_with_any_terraform_is_found(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, files, RULE).findings) == expected
