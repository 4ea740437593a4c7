"""A state in S3 is locked."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("backend-no-lock")


def backend(*lines: str, kind: str = "s3") -> str:
    return "\n".join((f'terraform {{\n  backend "{kind}" {{', *(f"    {one}" for one in lines), "  }\n}\n"))


WHOLE = ('bucket = "b"', 'key = "k"', 'region = "eu-west-1"')
CASES = [
    ("no lock", backend(*WHOLE), [(2, 3)]),
    ("a lock file", backend(*WHOLE, "use_lockfile = true"), []),
    ("a lock file, as a text", backend(*WHOLE, 'use_lockfile = "true"'), []),
    ("a table", backend(*WHOLE, 'dynamodb_table = "locks"'), []),
    ("both", backend(*WHOLE, "use_lockfile = true", 'dynamodb_table = "locks"'), []),
    ("turned off", backend(*WHOLE, "use_lockfile = false"), [(6, 5)]),
    ("turned off, with a table", backend(*WHOLE, "use_lockfile = false", 'dynamodb_table = "locks"'), []),
    ("a table without a name", backend(*WHOLE, 'dynamodb_table = ""'), [(2, 3)]),
    ("another backend", backend('path = "x"', kind="local"), []),
    ("no backend", "terraform {\n}\n", []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_state_without_a_lock_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": backend()},
        {"main.tf": backend('key = "k"')},
        {"main.tf": backend(*WHOLE), "prod.s3.tfbackend": "use_lockfile = true\n"},
        {"main.tf": backend(*WHOLE), "env/backend-prod.hcl": 'dynamodb_table = "locks"\n'},
        {"main.tf": backend(*WHOLE), "backends/prod.conf": 'dynamodb_table = "locks"\n'},
        {"main.tf": backend(*WHOLE, "use_lockfile = var.lock")},
    ],
    ids=["empty", "partial", "a file beside it", "a file below it", "a file of such a directory", "not known"],
)
def test_what_may_come_with_backend_config_is_undecided(tmp_path: Path, files: dict[str, str]) -> None:
    result = checked(tmp_path, files, RULE)
    assert result.findings == ()
    assert [one.subject for one in result.undecided] == ["backend.s3"]


def test_a_file_for_backend_config_without_a_lock_is_no_lock(tmp_path: Path) -> None:
    files = {"main.tf": backend(*WHOLE), "prod.s3.tfbackend": "# use_lockfile = true\nencrypt = true\n"}
    assert at(checked(tmp_path, files, RULE).findings) == [(2, 3)]


@pytest.mark.parametrize(
    "state", ['backend "local" {}', "cloud {}", 'backend "s3" {\n    use_lockfile = true\n  }']
)
def test_the_place_for_the_state_in_an_override_file_is_the_only_one(tmp_path: Path, state: str) -> None:
    files = {"main.tf": backend(*WHOLE), "backend_override.tf": f"terraform {{\n  {state}\n}}\n"}
    assert checked(tmp_path, files, RULE).findings == ()


def test_an_override_file_with_no_place_for_the_state_changes_none(tmp_path: Path) -> None:
    files = {"main.tf": backend(*WHOLE), "override.tf": 'terraform {\n  required_version = "1.11.4"\n}\n'}
    assert at(checked(tmp_path, files, RULE).findings) == [(2, 3)]
