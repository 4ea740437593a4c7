"""A state in S3 is locked in S3 where Terraform can do that."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("backend-dynamodb-lock")


def backend(*lines: str, version: str = ">= 1.10") -> str:
    head = f'terraform {{\n  required_version = "{version}"\n  backend "s3" {{'
    return "\n".join((head, *(f"    {one}" for one in lines), "  }\n}\n"))


TABLE = 'dynamodb_table = "locks"'
CASES = [
    ("a table", backend(TABLE), [(4, 5)]),
    ("a lock file", backend("use_lockfile = true"), []),
    ("both, on the way from one to the other", backend("use_lockfile = true", TABLE), []),
    ("a table, and no lock file by intent", backend("use_lockfile = false", TABLE), [(5, 5)]),
    ("a table without a name", backend('dynamodb_table = ""'), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_table_of_locks_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


@pytest.mark.parametrize(
    "version", ["< 1.10", "< 1.10.0", "~> 1.9.0", "1.9.8", "= 1.5.7", ">= 1.3, < 1.6", "~> 0.15"]
)
def test_a_table_is_right_for_versions_that_have_no_lock_files(tmp_path: Path, version: str) -> None:
    assert checked(tmp_path, backend(TABLE, version=version), RULE).findings == ()


@pytest.mark.parametrize(
    "version", [">= 1.5", "~> 1.9", "~> 1.10.0", "1.11.4", "< 2.0", "> 1.9, != 1.10.1", "<= 1.10", ">= 1.10.0-rc1"]
)
def test_a_table_is_found_for_versions_that_may_have_them(tmp_path: Path, version: str) -> None:
    assert at(checked(tmp_path, backend(TABLE, version=version), RULE).findings) == [(4, 5)]


def test_a_constraint_in_another_file_counts(tmp_path: Path) -> None:
    files = {
        "main.tf": f'terraform {{\n  backend "s3" {{\n    {TABLE}\n  }}\n}}\n',
        "versions.tf": 'terraform {\n  required_version = "~> 1.8.0"\n}\n',
    }
    assert checked(tmp_path, files, RULE).findings == ()


def test_a_file_for_backend_config_may_set_the_lock_file_beside_the_table(tmp_path: Path) -> None:
    result = checked(tmp_path, {"main.tf": backend(TABLE), "prod.tfbackend": "use_lockfile = true\n"}, RULE)
    assert result.findings == ()
    assert [one.subject for one in result.undecided] == ["backend.s3"]
