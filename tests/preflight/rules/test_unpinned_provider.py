"""Providers have a version."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("unpinned-provider")


def required(*entries: str) -> str:
    return "terraform {\n  required_providers {\n" + "".join(f"    {one}\n" for one in entries) + "  }\n}\n"


AWS = 'aws = { source = "hashicorp/aws", version = "~> 5.100" }'
FIVE = 'provider "aws" {}\n' + "".join(f'resource "aws_sqs_queue" "q{one}" {{}}\n' for one in range(5))
CASES = [
    ("a version", required(AWS), []),
    ("none", required('aws = { source = "hashicorp/aws" }'), [(3, 5)]),
    ("an empty one", required('aws = { source = "hashicorp/aws", version = "" }'), [(3, 5)]),
    ("a constraint alone", required('aws = "~> 5.100"'), []),
    ("what is built in", required(AWS, 'terraform = { source = "terraform.io/builtin/terraform" }'), []),
    (
        "of a module that is given its providers",
        required('aws = { source = "hashicorp/aws", configuration_aliases = [aws.target] }'),
        [(3, 5)],
    ),
    ("another one is used", required(AWS) + 'resource "random_id" "r" {}', [(6, 1)]),
    ("another one is used twice", required(AWS) + 'data "http" "h" {}\ndata "http" "i" {}', [(6, 1)]),
    ("another one is configured", required(AWS) + 'provider "random" {}', [(6, 1)]),
    ("another one by a meta-argument", required(AWS) + 'resource "x_y" "r" {\n  provider = aws.target\n}', []),
    (
        "another one by a meta-argument, not required",
        required(AWS) + 'resource "aws_y" "r" {\n  provider = awscc\n}',
        [(6, 1)],
    ),
    ("an alias in quotes", required(AWS) + 'resource "x_y" "r" {\n  provider = "aws.target"\n}', []),
    ("an alias of a variable", required(AWS) + 'resource "x_y" "r" {\n  provider = "aws.${var.region}"\n}', []),
    ("a provider of a variable", required(AWS) + 'resource "x_y" "r" {\n  provider = "${var.provider}"\n}', []),
    ("what is built in is used", required(AWS) + 'resource "terraform_data" "t" {}', []),
    ("a version where it was once written", required(AWS) + 'provider "random" {\n  version = "~> 3.0"\n}', []),
    ("an excerpt", 'resource "aws_sqs_queue" "q" {}', []),
    ("an excerpt with a provider", 'provider "aws" {}\nresource "aws_sqs_queue" "q" {}', []),
    ("a whole one", FIVE, [(1, 1)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_providers_without_a_version_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_a_called_directory_leaves_it_to_its_caller(tmp_path: Path) -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m"\n}', "m/main.tf": required('aws = { source = "x/aws" }')}
    assert checked(tmp_path, files, RULE).findings == ()


def test_an_override_file_may_have_the_version(tmp_path: Path) -> None:
    files = {"main.tf": required('aws = { source = "hashicorp/aws" }'), "versions_override.tf": required(AWS)}
    assert checked(tmp_path, files, RULE).findings == ()


@pytest.mark.parametrize(("name", "said"), [("aws", True), ("random", False)])
def test_a_version_of_aws_is_proposed_for_aws_only(tmp_path: Path, name: str, said: bool) -> None:
    (found,) = checked(tmp_path, required(f'{name} = {{ source = "hashicorp/{name}" }}'), RULE).findings
    assert ("~> 5.100" in found.fix) is said


def test_it_matters_less_where_a_lock_file_holds_a_version(tmp_path: Path) -> None:
    lock = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'
    files = {"main.tf": required('aws = { source = "hashicorp/aws" }'), ".terraform.lock.hcl": lock}
    (found,) = checked(tmp_path / "1", files, RULE).findings
    assert found.severity is Severity.LOW
    (found,) = checked(tmp_path / "2", files["main.tf"], RULE).findings
    assert found.severity is Severity.MEDIUM


def test_it_is_found_in_json_too(tmp_path: Path) -> None:
    files = {"main.tf.json": '{"terraform": {"required_providers": {"aws": {\n"source": "hashicorp/aws"}}}}'}
    assert len(checked(tmp_path, files, RULE).findings) == 1
