"""A provider holds no credentials."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("provider-credentials")
# The examples of AWS's own pages.
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HEAD = 'provider "aws" {\n  region = "eu-west-1"\n'

CASES = [
    ("none", HEAD + "}", []),
    (
        "a key and a secret are one finding",
        HEAD + f'  access_key = "{KEY}"\n  secret_key = "{SECRET}"\n}}',
        [(4, 3)],
    ),
    ("from a variable without a value", 'variable "k" {}\n' + HEAD + "  secret_key = var.k\n}", []),
    (
        "from a variable with a key as its default",
        f'variable "k" {{\n  default = "{SECRET}"\n}}\n' + HEAD + "  secret_key = var.k\n}",
        [(6, 3)],
    ),
    (
        "from a variable with some default",
        'variable "k" {\n  default = "x1"\n}\n' + HEAD + "  token = var.k\n}",
        [],
    ),
    ("from a local", f'locals {{\n  k = "{KEY}"\n}}\n' + HEAD + "  access_key = local.k\n}", [(6, 3)]),
    ("for an emulator", HEAD + '  access_key = "test"\n  secret_key = "test"\n}', []),
    (
        "for an emulator, by its settings",
        HEAD + '  access_key = "owner7"\n  skip_credentials_validation = true\n}',
        [],
    ),
    (
        "a key of AWS in spite of these settings",
        HEAD + f'  access_key = "{KEY}"\n  skip_credentials_validation = true\n}}',
        [(3, 3)],
    ),
    ("a name that is 40 letters long", HEAD + f'  token = "{"a" * 40}"\n}}', [(3, 3)]),
    ("another provider's", 'provider "other" {\n  token = "x1"\n}', []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_credentials_in_a_provider_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_has_the_form_of_a_key_of_aws_is_worse_than_what_has_not(tmp_path: Path) -> None:
    sure = checked(tmp_path / "a", HEAD + f'  access_key = "{KEY}"\n}}', RULE)
    unsure = checked(tmp_path / "b", HEAD + '  secret_key = "hunter22"\n}', RULE)
    assert [one.severity for one in (*sure.findings, *unsure.findings)] == [Severity.CRITICAL, Severity.HIGH]


def test_a_key_is_found_in_json_too(tmp_path: Path) -> None:
    files = {"main.tf.json": '{"provider": {"aws": {\n  "access_key": "' + KEY + '"}}}'}
    assert at(checked(tmp_path, files, RULE).findings) == [(2, 17)]
