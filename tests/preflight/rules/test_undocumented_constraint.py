"""What a deployment asks for is written down."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule
from tests.preflight.rules.whole import NOT_WHOLE, WHOLE

RULE = rule("undocumented-constraint")
FIRST = len(WHOLE.splitlines()) + 1
REQUIRED = 'variable "owner" {\n  type = string\n}\n'
LIMIT = '  validation {\n    condition = true\n    error_message = "No."\n  }\n'
LIMITED = f'variable "owner" {{\n  default = "a"\n{LIMIT}}}\n'
OPTIONAL = 'variable "owner" {\n  default = "a"\n}\n'
NULL = 'variable "owner" {\n  default = null\n}\n'
ACCOUNTS = 'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n'
README = {"README.md": "# Orders\n"}


def described(text: str) -> str:
    return REQUIRED.replace("}", f"  description = {text}\n}}")


CASES: list[tuple[str, str, Mapping[str, str], int]] = [
    ("required and not told", REQUIRED, README, 1),
    ("limited and not told", LIMITED, README, 1),
    ("optional", OPTIONAL, README, 0),
    ("null unless given", NULL, README, 0),
    ("described", described('"Who is paged."'), README, 0),
    ("described by nothing", described('" "'), README, 1),
    ("described as null", described("null"), README, 1),
    ("named in the README", REQUIRED, {"README.md": "Set `owner`."}, 0),
    ("a longer name in the README", REQUIRED, {"README.md": "Set `owner_of`."}, 1),
    ("named in another document", REQUIRED, {**README, "docs/a.rst": "owner"}, 0),
    ("given", REQUIRED, {**README, "terraform.tfvars": 'owner = "a"\n'}, 0),
    ("shown in an example", REQUIRED, {**README, "test.tfvars.example": 'owner = "a"\n'}, 0),
    ("limited, with a value in a file", LIMITED, {**README, "production.tfvars": 'owner = "a"\n'}, 0),
    ("two", REQUIRED + REQUIRED.replace("owner", "team"), README, 1),
    ("accounts", ACCOUNTS, README, 1),
    ("no accounts in particular", ACCOUNTS.replace('"111122223333"', ""), README, 0),
    ("other accounts", ACCOUNTS.replace("allowed", "forbidden"), README, 1),
    ("accounts that the README names", ACCOUNTS, {"README.md": "Our account only."}, 0),
    ("accounts by the name of a variable", ACCOUNTS, {"README.md": "`account_id`: where it is deployed"}, 0),
    ("accounts that are given", ACCOUNTS.replace('"111122223333"', "var.account_id"), README, 0),
    ("in a project without documents", REQUIRED, {"Makefile": "test:\n"}, 1),
]


@pytest.mark.parametrize(("hcl", "files", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_what_is_asked_for_and_told_nowhere_is_found(
    tmp_path: Path, hcl: str, files: Mapping[str, str], expected: int
) -> None:
    result = checked(tmp_path, {"main.tf": WHOLE + hcl, **files}, RULE)
    assert at(result.findings) == [(FIRST, 1)] * expected
    assert result.undecided == ()


def test_the_first_few_are_named(tmp_path: Path) -> None:
    hcl = "".join(REQUIRED.replace("owner", f"v{one}") for one in range(5))
    (found,) = checked(tmp_path, {"main.tf": WHOLE + hcl, **README}, RULE).findings
    assert "`v0`, `v1`, `v2` and 2 more" in found.message


def test_documents_may_lie_outside_of_what_is_checked(tmp_path: Path) -> None:
    result = checked(tmp_path, WHOLE + REQUIRED, RULE)
    assert (result.findings, len(result.undecided)) == ((), 1)


@pytest.mark.parametrize("hcl", NOT_WHOLE.values(), ids=list(NOT_WHOLE))
def test_what_is_not_deployed_as_it_is_may_ask_for_anything(tmp_path: Path, hcl: str) -> None:
    result = checked(tmp_path, {"main.tf": hcl + "\n" + REQUIRED, **README}, RULE)
    assert (result.findings, result.undecided) == ((), ())
