"""A state in S3 is written with the encryption that is meant."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("backend-unencrypted")


def backend(*lines: str) -> str:
    return "\n".join(('terraform {\n  backend "s3" {', *(f"    {one}" for one in lines), "  }\n}\n"))


WHOLE = ('bucket = "b"', 'key = "k"')
KEY = 'kms_key_id = "alias/state"'
CASES = [
    ("not asked for", backend(*WHOLE), [(2, 3)]),
    ("asked for", backend(*WHOLE, "encrypt = true"), []),
    ("asked for, with a key", backend(*WHOLE, "encrypt = true", KEY), []),
    ("turned off", backend(*WHOLE, "encrypt = false"), [(5, 5)]),
    ("a key without effect", backend(*WHOLE, KEY), [(5, 5)]),
    ("a key and turned off", backend(*WHOLE, KEY, "encrypt = false"), [(5, 5)]),
    ("partial", backend('key = "k"'), []),
    ("empty", backend(), []),
    ("partial and turned off", backend("encrypt = false"), [(3, 5)]),
    ("not known", backend(*WHOLE, "encrypt = var.e"), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_backend_that_does_not_ask_for_encryption_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_a_key_that_is_not_used_is_worse_than_none(tmp_path: Path) -> None:
    used = checked(tmp_path / "a", backend(*WHOLE, KEY), RULE)
    none = checked(tmp_path / "b", backend(*WHOLE), RULE)
    assert [one.severity for one in (*used.findings, *none.findings)] == [Severity.MEDIUM, Severity.LOW]


def test_a_file_for_backend_config_may_ask_for_it(tmp_path: Path) -> None:
    files = {"main.tf": backend(*WHOLE), "a.tfbackend": "encrypt = true\n"}
    assert checked(tmp_path, files, RULE).findings == ()


def test_only_a_key_that_is_there_already_is_made_to_count(tmp_path: Path) -> None:
    result = checked(tmp_path / "a", backend(*WHOLE, KEY), RULE)
    assert fixed(tmp_path / "a", result) == backend("encrypt = true", *WHOLE, KEY)
    assert not any(one.edits for one in checked(tmp_path / "b", backend(*WHOLE), RULE).findings)


def test_a_customers_key_is_not_made_to_count_for_a_state_that_it_does_not_encrypt(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, backend(*WHOLE, 'sse_customer_key = "a"'), RULE).findings
    assert (found.severity, found.edits) == (Severity.MEDIUM, ())
    assert "by copying it onto itself" in found.fix
