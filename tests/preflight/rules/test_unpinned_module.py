"""Modules from elsewhere have a version."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import checked, rule

RULE = rule("unpinned-module")
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM
CASES = [
    ("beside", "./modules/a", "", []),
    ("above", "../a", "", []),
    ("a registry", "terraform-aws-modules/vpc/aws", "", [HIGH]),
    ("a registry, with a version", "terraform-aws-modules/vpc/aws", 'version = "~> 5.1"', []),
    ("a registry, with a version to come", "terraform-aws-modules/vpc/aws", "version = local.x", []),
    ("a registry, without", "terraform-aws-modules/vpc/aws", "version = null", [HIGH]),
    ("a part of it", "terraform-aws-modules/iam/aws//modules/iam-role", "", [HIGH]),
    ("a registry of one's own", "app.terraform.io/us/network/aws", "", [HIGH]),
    ("a repository", "git::https://example.com/vpc.git", "", [MEDIUM]),
    ("a repository, by tag", "git::https://example.com/vpc.git?ref=v1.2.0", "", []),
    ("a repository, by commit", "git::ssh://git@example.com/vpc.git?ref=51d462976d84", "", []),
    ("a repository, by a branch", "git::https://example.com/vpc.git?ref=main", "", [MEDIUM]),
    ("a repository, by nothing", "git::https://example.com/vpc.git?ref=", "", [MEDIUM]),
    ("a repository, by depth", "git::https://example.com/vpc.git?depth=1&ref=v1", "", []),
    ("a repository over ssh", "git@github.com:us/vpc.git", "", [MEDIUM]),
    ("a short name of one", "github.com/us/vpc", "", [MEDIUM]),
    ("a short name of one, by tag", "github.com/us/vpc?ref=v1", "", []),
    ("an archive", "https://example.com/vpc-1.2.zip", "", []),
    ("a bucket", "s3::https://s3-eu-west-1.amazonaws.com/us/vpc.zip", "", []),
]


@pytest.mark.parametrize(
    ("source", "rest", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_modules_without_a_version_are_found(
    tmp_path: Path, source: str, rest: str, expected: list[Severity]
) -> None:
    hcl = f'module "m" {{\n  source = "{source}"\n  {rest}\n}}\nlocals {{\n  x = "1.0"\n}}\n'
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected
