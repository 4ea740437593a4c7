"""Versions expire."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("s3-lifecycle-noncurrent-forever")

NAME = '"documents"'
BUCKET = 'resource "aws_s3_bucket" "a" {\n  bucket = "documents"\n}\n'


def versioning(status: str = '"Enabled"', bucket: str = "aws_s3_bucket.a.id", more: str = "") -> str:
    return (
        f'resource "aws_s3_bucket_versioning" "a" {{\n  bucket = {bucket}{more}\n'
        f"  versioning_configuration {{\n    status = {status}\n  }}\n}}\n"
    )


def lifecycle(*blocks: str, bucket: str = "aws_s3_bucket.a.id") -> str:
    lines = "\n".join(blocks)
    return (
        f'resource "aws_s3_bucket_lifecycle_configuration" "a" {{\n  bucket = {bucket}\n'
        f"  rule {{\n{lines}\n  }}\n}}\n"
    )


EXPIRE = "    expiration {\n      days = 90\n    }"
MAYBE = '    dynamic "expiration" {\n      for_each = var.e\n      content {\n        days = 9\n      }\n    }'
OFF = '    status = "Disabled"'
FORGET = "    noncurrent_version_expiration {\n      noncurrent_days = 30\n    }"

CASES = [
    ("no rule at all", BUCKET + versioning(), [(7, 5)]),
    ("versions expire", BUCKET + versioning() + lifecycle(FORGET), []),
    ("objects and versions expire", BUCKET + versioning() + lifecycle(EXPIRE, FORGET), []),
    ("only objects expire", BUCKET + versioning() + lifecycle(EXPIRE), [(13, 5)]),
    (
        "only markers and parts go",
        BUCKET + versioning() + lifecycle("    expiration {\n      expired_object_delete_marker = true\n    }"),
        [(7, 5)],
    ),
    ("objects expire, perhaps", BUCKET + versioning() + lifecycle(MAYBE), [(7, 5)]),
    ("objects expire, but the rule is off", BUCKET + versioning() + lifecycle(OFF, EXPIRE), [(7, 5)]),
    (
        "objects expire after no days",
        BUCKET + versioning() + lifecycle(EXPIRE.replace("90", "var.d")) + 'variable "d" {\n  default = null\n}\n',
        [(7, 5)],
    ),
    (
        "objects expire, but the rule in the bucket is off",
        'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n  lifecycle_rule {\n'
        "    enabled = false\n" + EXPIRE + "\n  }\n}\n",
        [(3, 5)],
    ),
    ("no versions", BUCKET, []),
    ("versions no longer", BUCKET + versioning('"Suspended"'), []),
    ("versioning not known", 'variable "v" {}\n' + BUCKET + versioning("var.v"), []),
    ("versions of a bucket elsewhere", versioning(bucket='"other"'), []),
    ("by the bucket's name", BUCKET + versioning(bucket=NAME) + lifecycle(FORGET, bucket=NAME), []),
    (
        "by the bucket of the versioning",
        BUCKET + versioning() + lifecycle(FORGET, bucket="aws_s3_bucket_versioning.a.bucket"),
        [],
    ),
    ("rules for some bucket", 'variable "b" {}\n' + BUCKET + versioning() + lifecycle(FORGET, bucket="var.b"), []),
    ("a module is given the bucket", BUCKET + versioning() + 'module "m" {\n  b = aws_s3_bucket.a.id\n}\n', []),
    ("another bucket's rules", BUCKET + versioning() + lifecycle(FORGET, bucket='"other"'), [(7, 5)]),
    ("versions by intent", BUCKET.replace("{\n", "{\n  object_lock_enabled = true\n", 1) + versioning(), []),
    (
        "versions by intent, in the bucket",
        'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n'
        "  object_lock_configuration {\n  }\n}\n",
        [],
    ),
    ("perhaps no versions", BUCKET + versioning(more="\n  count = var.versions ? 1 : 0"), []),
    (
        "a rule made by dynamic",
        BUCKET
        + versioning()
        + 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n  bucket = aws_s3_bucket.a.id\n'
        '  dynamic "rule" {\n    for_each = var.r\n    content {\n' + FORGET + "\n    }\n  }\n}\n",
        [],
    ),
    (
        "in the bucket",
        'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n}\n',
        [(3, 5)],
    ),
    (
        "in the bucket, with a rule",
        'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n  lifecycle_rule {\n'
        + FORGET
        + "\n  }\n}\n",
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_versions_that_stay_for_ever_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_it_is_worse_where_something_was_meant_to_go(tmp_path: Path) -> None:
    kept = checked(tmp_path / "a", BUCKET + versioning(), RULE)
    expired = checked(tmp_path / "b", BUCKET + versioning() + lifecycle(EXPIRE), RULE)
    assert [one.severity for one in (*kept.findings, *expired.findings)] == [Severity.LOW, Severity.MEDIUM]


def test_nothing_is_missing_where_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert checked(tmp_path, {"main.tf": BUCKET + versioning(), "b.tf": "resource {"}, RULE).findings[1:] == ()
