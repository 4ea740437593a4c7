"""Modules from elsewhere have a version."""

from pathlib import Path

import pytest

from tests.preflight.checking import checked, rule

RULE = rule("unpinned-module")
CASES = [
    ("beside", "./modules/a", "", 0),
    ("above", "../a", "", 0),
    ("a registry", "terraform-aws-modules/vpc/aws", "", 1),
    ("a registry, with a version", "terraform-aws-modules/vpc/aws", 'version = "~> 5.1"', 0),
    ("a registry, with a version to come", "terraform-aws-modules/vpc/aws", "version = local.x", 0),
    ("a registry, without", "terraform-aws-modules/vpc/aws", "version = null", 1),
    ("a part of it", "terraform-aws-modules/iam/aws//modules/iam-role", "", 1),
    ("a registry of one's own", "app.terraform.io/us/network/aws", "", 1),
    ("a repository", "git::https://example.com/vpc.git", "", 1),
    ("a repository, by tag", "git::https://example.com/vpc.git?ref=v1.2.0", "", 0),
    ("a repository, by commit", "git::ssh://git@example.com/vpc.git?ref=51d462976d84", "", 0),
    ("a repository, by a branch", "git::https://example.com/vpc.git?ref=main", "", 1),
    ("a repository, by nothing", "git::https://example.com/vpc.git?ref=", "", 1),
    ("a repository, by depth", "git::https://example.com/vpc.git?depth=1&ref=v1", "", 0),
    ("a repository over ssh", "git@github.com:us/vpc.git", "", 1),
    ("a short name of one", "github.com/us/vpc", "", 1),
    ("a short name of one, by tag", "github.com/us/vpc?ref=v1", "", 0),
    ("an archive", "https://example.com/vpc-1.2.zip", "", 0),
    ("a bucket", "s3::https://s3-eu-west-1.amazonaws.com/us/vpc.zip", "", 0),
]


@pytest.mark.parametrize(
    ("source", "rest", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_modules_without_a_version_are_found(tmp_path: Path, source: str, rest: str, expected: int) -> None:
    hcl = f'module "m" {{\n  source = "{source}"\n  {rest}\n}}\nlocals {{\n  x = "1.0"\n}}\n'
    assert len(checked(tmp_path, hcl, RULE).findings) == expected
