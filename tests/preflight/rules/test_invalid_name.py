"""Names are those that Terraform takes: each case was tried with Terraform 1.11."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("invalid-name")
RESERVED = ("count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version")
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
