"""Lock files hold checksums of more than one platform."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import checked, rule
from tests.preflight.rules.whole import LOCK

RULE = rule("lock-file-platforms")
ONE = LOCK.replace('    "h1:b",\n', "")
CASES = [
    ("two packages", LOCK, []),
    ("one package", ONE, [Severity.MEDIUM]),
    ("one package and archives", ONE.replace('"h1:a",', '"h1:a",\n    "zh:c",\n    "zh:d",'), [Severity.LOW]),
    ("archives only", LOCK.replace("h1:", "zh:"), []),
    ("no checksums", 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}', []),
    ("one of two providers", LOCK + ONE.replace("aws", "random"), [Severity.MEDIUM]),
    ("no lock file at all", "", []),
    ("a broken one", ONE + "}", [Severity.MEDIUM]),
]


@pytest.mark.parametrize(("lock", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_provider_locked_for_one_platform_is_found(tmp_path: Path, lock: str, expected: list[Severity]) -> None:
    found = checked(tmp_path, {"main.tf": "locals {}", ".terraform.lock.hcl": lock}, RULE).findings
    assert [one.severity for one in found] == expected


def test_the_place_is_in_the_lock_file(tmp_path: Path) -> None:
    result = checked(tmp_path, {"a/main.tf": "locals {}", "a/.terraform.lock.hcl": ONE}, RULE)
    (found,) = result.findings
    assert str(found.place) == "a/.terraform.lock.hcl:3:3"
    assert found.subject == "hashicorp/aws"
    assert "a/.terraform.lock.hcl" in result.sources
