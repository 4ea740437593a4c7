"""Versions that are asked for can be read, and there are such: each case was tried with Terraform 1.11."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("version-constraint")


def terraform(version: str) -> str:
    return f"terraform {{\n  required_version = {version}\n}}\n"


def provider(version: str) -> str:
    return f"terraform {{\n  required_providers {{\n    aws = {{\n      version = {version}\n    }}\n  }}\n}}\n"


def module(version: str, source: str = "acme/queues/aws") -> str:
    return f'module "a" {{\n  source  = "{source}"\n  version = {version}\n}}\n'


UNREADABLE = (
    '""',
    '"^1.2"',
    '"1.x"',
    '"1.*"',
    '"==1.0"',
    '">= 1.0,"',
    '"> = 1.4"',
    '">= 1.4 < 2"',
    '">= 1 || < 2"',
    '">=1.0.,<2"',
    '"latest"',
    '[">= 1"]',
)
READ = ('" >=1.0 , <2 "', '"~> 1"', '"!= 1.4"', '">= 1.4+a"', '"= 1.11.4"', '"1.11.4"', "null")


@pytest.mark.parametrize("version", UNREADABLE)
def test_what_is_no_constraint_is_found_wherever_it_is(tmp_path: Path, version: str) -> None:
    texts = (
        terraform(version),
        provider(version),
        module(version),
        f'provider "aws" {{\n  version = {version}\n}}\n',
    )
    for number, text in enumerate(texts):
        assert len(checked(tmp_path / str(number), text, RULE).findings) == 1


@pytest.mark.parametrize("version", READ)
def test_what_is_one_is_not_found(tmp_path: Path, version: str) -> None:
    for number, text in enumerate((provider(version), module(version))):
        assert checked(tmp_path / str(number), text, RULE).findings == ()


@pytest.mark.parametrize("version", ["", '      version = ">= 5"\n'], ids=["no version", "a version"])
def test_aliases_of_a_provider_are_no_version(tmp_path: Path, version: str) -> None:
    aliases = f"    aws = {{\n      configuration_aliases = [aws.west]\n{version}    }}\n"
    hcl = f"terraform {{\n  required_providers {{\n{aliases}  }}\n}}\n"
    assert checked(tmp_path, hcl, RULE).findings == ()


@pytest.mark.parametrize("version", [*READ, '">= v1.0"', '">= 1.0.0.0"', '">= 0.12"'])
def test_terraform_itself_takes_a_letter_and_four_numbers(tmp_path: Path, version: str) -> None:
    assert checked(tmp_path, terraform(version), RULE).findings == ()


@pytest.mark.parametrize(
    "version", ["3", "1.11", '"3"', '">= 2.0"', '"1.0-beta1"', '"!= 1.0-beta1"', "var.v", "true"]
)
def test_versions_of_terraform_that_nobody_has_are_found(tmp_path: Path, version: str) -> None:
    assert at(checked(tmp_path, terraform(version), RULE).findings) == [(2, 3)]


@pytest.mark.parametrize("version", ['">= v5.0"', '">= 5.0.0.0"', "5", "var.v"])
def test_what_only_terraform_itself_takes_is_found_at_a_provider(tmp_path: Path, version: str) -> None:
    text = 'variable "v" {\n  default = "5"\n}\n' + provider(version)
    assert at(checked(tmp_path, text, RULE).findings) == [(7, 17)]


def test_a_version_before_its_release_may_be_asked_of_a_provider(tmp_path: Path) -> None:
    assert checked(tmp_path, provider('">= 6.0.0-beta1"'), RULE).findings == ()


def test_a_provider_may_be_required_by_its_version_alone(tmp_path: Path) -> None:
    text = 'terraform {\n  required_providers {\n    aws  = "^5.0"\n    null = "~> 3.2"\n  }\n}\n'
    assert at(checked(tmp_path, text, RULE).findings) == [(3, 5)]


def test_a_module_that_is_a_directory_has_no_version(tmp_path: Path) -> None:
    assert at(checked(tmp_path, module('"1.0"', "./queues"), RULE).findings) == [(3, 3)]


def test_a_modules_version_that_cannot_be_told_is_not_found(tmp_path: Path) -> None:
    assert checked(tmp_path, module('">= ${a.b}"'), RULE).findings == ()


EMPTY = (
    ">= 1.5, < 1.2",
    "> 1.2, <= 1.2",
    "~> 1.2, >= 2.0",
    "= 1.4, < 1.4",
    "~> 1.2.3, >= 1.3",
    "1.4, 1.5",
    "< 1, >= 1",
)
NOT_EMPTY = (
    ">= 1.2, <= 1.2",
    "~> 1.2, >= 1.9",
    "~> 1.2.3, < 1.3",
    "= 1.4, < 1.4.1",
    "> 1.2, != 1.3, < 1.4",
    "~> 1, 1.9",
)


@pytest.mark.parametrize(("constraint", "found"), [*((one, 1) for one in EMPTY), *((one, 0) for one in NOT_EMPTY)])
def test_bounds_that_leave_no_version_are_found(tmp_path: Path, constraint: str, found: int) -> None:
    for number, text in enumerate((terraform(f'"{constraint}"'), provider(f'"{constraint}"'))):
        outcomes = checked(tmp_path / str(number), text, RULE).findings
        assert [("contradicts itself" in one.message) for one in outcomes] == [True] * found


def test_a_single_number_bounds_the_major_version_of_a_provider_only(tmp_path: Path) -> None:
    found = [
        len(checked(tmp_path / str(number), text, RULE).findings)
        for number, text in enumerate(
            (terraform('"~> 0, >= 1.11"'), module('"~> 3, >= 4"'), provider('"~> 4, >= 5"'))
        )
    ]
    assert found == [0, 0, 1]
