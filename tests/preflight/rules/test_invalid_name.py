"""Names are those that Terraform takes: each case was tried with Terraform 1.11."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("invalid-name")
RESERVED = (
    *("_", "count", "depends_on", "for_each", "lifecycle"),
    *("locals", "provider", "providers", "source", "version"),
)
REFUSED = [
    'variable "a b" {}',
    'output "a.b" {}',
    'module "a b" {}',
    'check "a b" {}',
    'provider "a b" {}',
    'provider "my_aws" {}',
    'provider "AWS" {}',
    'provider "my--aws" {}',
    "terraform {\n required_providers {\n  AWS = {}\n }\n}",
    'resource "aws_x" "1a" {}',
    'resource "aws_x" "-a" {}',
    'resource "aws_x" "" {}',
    'resource "aws_x" "${var.a}" {}',
    'resource "aws x" "a" {}',
    'data "aws_x" "a/b" {}',
    *(f'variable "{one}" {{}}' for one in RESERVED),
]
TAKEN = [
    'variable "_a" {}',
    'variable "module" {}',
    'variable "a-" {}',
    'output "A-b" {}',
    'output "count" {}',
    'resource "aws_x" "größe" {}',
    'resource "aws_x" "a-1_b" {}',
    'provider "google-beta" {}',
    'provider "b2" {}',
    "locals {\n  version = 1\n}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_terraform_refuses_is_found(tmp_path: Path, text: str) -> None:
    assert len(checked(tmp_path, text, RULE).findings) == 1


@pytest.mark.parametrize("text", TAKEN)
def test_what_terraform_takes_is_not_found(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text, RULE).findings == ()


def test_json_lets_locals_have_any_name(tmp_path: Path) -> None:
    result = checked(tmp_path, {"main.tf.json": '{"locals": {"a": 1, "a b": 2}}'}, RULE)
    assert at(result.findings) == [(1, 28)]


BEFORE = ("= 0.11.15", "0.11.14", "~> 0.11.0", "< 0.12", ">= 0.10, < 0.12.0")
SINCE = ("= 0.12.31", "0.12.0-rc1", "~> 0.12.0", ">= 0.11", "~> 0.11", "<= 0.12", "^0.11", "!= 0.11")


@pytest.mark.parametrize(("version", "found"), [*((one, 0) for one in BEFORE), *((one, 2) for one in SINCE)])
def test_names_are_those_of_terraform_since_0_12(tmp_path: Path, version: str, found: int) -> None:
    text = 'variable "lifecycle" {}\nresource "aws_x" "1a" {}\n'
    held = f'terraform {{\n  required_version = "{version}"\n}}\n'
    assert len(checked(tmp_path, {"main.tf": text, "versions.tf": held}, RULE).findings) == found


def test_an_unknown_version_of_terraform_may_be_any(tmp_path: Path) -> None:
    text = 'variable "lifecycle" {}\nterraform {\n  required_version = var.v\n}\n'
    assert len(checked(tmp_path, text, RULE).findings) == 1
