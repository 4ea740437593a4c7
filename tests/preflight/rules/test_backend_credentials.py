"""A backend holds no credentials."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("backend-credentials")
# The examples of AWS's own pages.
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def backend(*lines: str, kind: str = "s3") -> str:
    return "\n".join((f'terraform {{\n  backend "{kind}" {{', *(f"    {one}" for one in lines), "  }\n}\n"))


CASES = [
    ("none", backend('bucket = "b"'), []),
    ("a key and a secret are one finding", backend(f'access_key = "{KEY}"', f'secret_key = "{SECRET}"'), [(4, 5)]),
    ("a key alone", backend(f'access_key = "{KEY}"'), [(3, 5)]),
    ("a token", backend('token = "FwoGZXIvYXdzEXAMPLE"'), [(3, 5)]),
    ("for an emulator", backend('access_key = "test"', 'secret_key = "test"'), []),
    ("for an emulator, in words", backend('access_key = "mock_access_key"'), []),
    ("to be filled in", backend('access_key = "<your access key>"', 'secret_key = "<SECRET>"'), []),
    ("nothing in it", backend('secret_key = ""'), []),
    ("a profile", backend('profile = "state"', 'shared_credentials_files = ["~/.aws/credentials"]'), []),
    ("another backend's", backend('password = "correct horse"', kind="http"), [(3, 5)]),
    ("a name that means something else there", backend('token = "x-y-z"', kind="consul"), []),
    (
        "a database's address with a password",
        backend('conn_str = "postgres://t:hunter22@db/state"', kind="pg"),
        [(3, 5)],
    ),
    ("without one", backend('conn_str = "postgres://db/state"', kind="pg"), []),
    ("a token of HCP Terraform", 'terraform {\n  cloud {\n    token = "hunter22"\n  }\n}\n', [(3, 5)]),
    ("a key of one's own", backend('sse_customer_key = "4YUmCB9yOq/Kg3lSV1TwCbLSBoGKgGj7wPR0vr3KEX4="'), [(3, 5)]),
    ("a variable, which no backend takes", 'variable "s" {}\n' + backend("secret_key = var.s"), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_credentials_in_a_backend_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_has_the_form_of_a_key_of_aws_is_worse_than_what_has_not(tmp_path: Path) -> None:
    sure = checked(tmp_path / "a", backend(f'secret_key = "{SECRET}"'), RULE)
    unsure = checked(tmp_path / "b", backend('secret_key = "hunter22"'), RULE)
    assert [one.severity for one in (*sure.findings, *unsure.findings)] == [Severity.CRITICAL, Severity.HIGH]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("s3", "secret_key", "AWS_PROFILE"),
        ("azurerm", "access_key", "ARM_ACCESS_KEY"),
        ("consul", "access_token", "CONSUL_HTTP_TOKEN"),
        ("http", "password", "TF_HTTP_PASSWORD"),
        ("remote", "token", "TF_TOKEN_"),
        ("gcs", "access_token", "GOOGLE_OAUTH_ACCESS_TOKEN"),
        ("kubernetes", "password", "KUBE_PASSWORD"),
    ],
)
def test_it_is_told_where_that_backend_looks_for_them(tmp_path: Path, kind: str, name: str, said: str) -> None:
    (found,) = checked(tmp_path, backend(f'{name} = "hunter22"', kind=kind), RULE).findings
    assert said in found.fix
    assert ("AWS_" in found.fix) is (kind == "s3")


def test_no_message_holds_the_secret(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, backend(f'secret_key = "{SECRET}"'), RULE).findings
    assert SECRET not in f"{found.message} {found.fix} {found.why}"


def test_a_backend_of_a_module_that_another_calls_does_not_count(tmp_path: Path) -> None:
    files = {"main.tf": 'module "a" {\n  source = "./a"\n}\n', "a/main.tf": backend(f'access_key = "{KEY}"')}
    assert checked(tmp_path, files, RULE).findings == ()
