"""What is deployed has a lock file."""

from pathlib import Path

import pytest

from docferry.preflight.rules import all_rules
from tests.preflight.checking import at, checked, rule
from tests.preflight.rules.whole import BACKEND, LOCK, NOT_WHOLE, QUEUES, WHOLE

RULE = rule("lock-file-missing")
CALL = 'module "m" {\n  source = "./m"\n}\n'
CASES: list[tuple[str, dict[str, str], list[tuple[int, int]]]] = [
    ("none", {"main.tf": WHOLE}, [(1, 1)]),
    ("one", {"main.tf": WHOLE, ".terraform.lock.hcl": LOCK}, []),
    ("one elsewhere", {"main.tf": WHOLE, "other/.terraform.lock.hcl": LOCK}, [(1, 1)]),
    ("a provider instead of a backend", {"main.tf": QUEUES + 'provider "aws" {}'}, [(6, 1)]),
    ("a cloud instead", {"main.tf": QUEUES + "terraform {\n  cloud {}\n}"}, [(6, 1)]),
    ("a module that holds the rest", {"main.tf": BACKEND + CALL, "m/main.tf": QUEUES}, [(1, 1)]),
    ("an example", {"examples/complete/main.tf": WHOLE}, []),
    ("what is tested", {"test/fixtures/all/main.tf": WHOLE}, []),
    ("what is only named like one", {"examples-of-acme/main.tf": WHOLE}, [(1, 1)]),
    ("one before there were any", {"main.tf": WHOLE.replace(">= 1.11", "~> 0.11.8")}, []),
    ("perhaps one before", {"main.tf": WHOLE.replace(">= 1.11", ">= 0.11.8")}, [(1, 1)]),
    ("what is called", {"main.tf": CALL, "m/main.tf": WHOLE}, []),
    *((name, {"main.tf": text}, []) for name, text in NOT_WHOLE.items()),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_deployed_without_a_lock_file_is_found(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, files, RULE).findings) == expected


def test_each_configuration_of_a_tree_needs_its_own(tmp_path: Path) -> None:
    files = {"a/main.tf": WHOLE, "a/.terraform.lock.hcl": LOCK, "b/main.tf": WHOLE}
    assert [str(one.place) for one in checked(tmp_path, files, RULE).findings] == ["b/main.tf:1:1"]


def test_nothing_is_claimed_of_a_directory_that_cannot_be_read_whole(tmp_path: Path) -> None:
    found = checked(tmp_path, {"main.tf": WHOLE, "broken.tf": "}"}, *all_rules()).findings
    assert {one.rule for one in found} == {"syntax-error"}
