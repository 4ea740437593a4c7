"""A bucket that is given an access control list takes one."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("s3-acl-disabled")

BUCKET = 'resource "aws_s3_bucket" "a" {\n}\n'


def acl(more: str = '  acl = "private"\n', bucket: str = "aws_s3_bucket.a.id") -> str:
    return f'resource "aws_s3_bucket_acl" "a" {{\n  bucket = {bucket}\n{more}}}\n'


def controls(ownership: str = '"BucketOwnerPreferred"', more: str = "") -> str:
    return (
        'resource "aws_s3_bucket_ownership_controls" "a" {\n  bucket = aws_s3_bucket.a.id\n'
        f"{more}  rule {{\n    object_ownership = {ownership}\n  }}\n}}\n"
    )


WAITING = acl('  acl        = "log-delivery-write"\n  depends_on = [aws_s3_bucket_ownership_controls.a]\n')
THROUGH_THE_CONTROLS = acl(bucket="aws_s3_bucket_ownership_controls.a.bucket")
OFF = 'variable "o" {\n  default = false\n}\n'
EACH = 'resource "aws_s3_bucket" "a" {\n  for_each = toset(["x", "y"])\n}\n'


def of(key: str) -> str:
    return acl(bucket=f'aws_s3_bucket.a["{key}"].id')


def controls_of(key: str) -> str:
    return controls('"BucketOwnerEnforced"').replace("aws_s3_bucket.a.id", f'aws_s3_bucket.a["{key}"].bucket')


DEFAULT = 'variable "o" {\n  default = "BucketOwnerEnforced"\n}\n'
PASSED_ON = 'module "m" {\n  source = "./m"\n  bucket = aws_s3_bucket.a.id\n}\n'

CASES = [
    ("a new bucket takes none", acl() + BUCKET, [(1, 1)]),
    ("nor one that is public", acl('  acl = "public-read"\n') + BUCKET, [(1, 1)]),
    ("ownership lets it, and it waits for that", WAITING + BUCKET + controls(), []),
    ("as the bucket of the controls", THROUGH_THE_CONTROLS + BUCKET + controls('"ObjectWriter"'), []),
    ("it does not wait", acl() + BUCKET + controls(), [(1, 1)]),
    ("ownership is the bucket's owner's", WAITING + BUCKET + controls('"BucketOwnerEnforced"'), [(1, 1)]),
    ("by a variable's default", WAITING + BUCKET + controls("var.o") + DEFAULT, [(1, 1)]),
    ("ownership is that of another of the buckets", of("x") + EACH + controls_of("y"), []),
    ("ownership is that of this of the buckets", of("x") + EACH + controls_of("x"), [(1, 1)]),
    ("ownership is not known", acl() + BUCKET + controls("var.x"), []),
    ("nor whether there is any", acl() + BUCKET + controls(more="  count = var.x\n"), []),
    ("the bucket is elsewhere", acl(bucket='"documents"'), []),
    ("the bucket is passed to a module", acl() + BUCKET + PASSED_ON, []),
    (
        "something of the bucket was there",
        acl() + BUCKET + "import {\n  to = aws_s3_bucket_cors_configuration.a\n  id = aws_s3_bucket.a.id\n}\n",
        [],
    ),
    ("the bucket was there", acl() + BUCKET + 'import {\n  to = aws_s3_bucket.a\n  id = "a"\n}\n', []),
    ("there is no list", acl('  acl = "private"\n  count = 0\n') + BUCKET, []),
    ("there is none unless asked for", acl("  for_each = var.o ? toset([1]) : toset([])\n") + BUCKET + OFF, []),
    ("ownership is what a module says", acl() + BUCKET + controls("module.m.ownership"), []),
    ("there may be one", acl('  acl = "private"\n  count = var.x ? 1 : 0\n') + BUCKET, [(1, 1)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_list_that_the_bucket_does_not_take_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_nothing_is_said_where_a_file_could_not_be_read(tmp_path: Path) -> None:
    files = {"main.tf": acl() + BUCKET, "broken.tf": 'resource "aws_s3_bucket_ownership_controls" "a" {'}
    assert checked(tmp_path, files, RULE).findings[1:] == ()


@pytest.mark.parametrize(
    ("hcl", "severity", "certain"),
    [
        (acl() + BUCKET, Severity.HIGH, True),
        (acl() + BUCKET + controls(), Severity.MEDIUM, True),
        (WAITING + BUCKET + controls("var.o") + DEFAULT, Severity.HIGH, False),
        (acl('  acl = "private"\n  count = var.x ? 1 : 0\n') + BUCKET, Severity.HIGH, False),
    ],
)
def test_what_is_refused_each_time_is_worse_than_what_is_a_race(
    tmp_path: Path, hcl: str, severity: Severity, certain: bool
) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert (found.severity, found.certain) == (severity, certain)


def test_a_private_list_is_taken_away_since_it_says_nothing(tmp_path: Path) -> None:
    assert fixed(tmp_path, checked(tmp_path, BUCKET + acl(), RULE)) == BUCKET


@pytest.mark.parametrize(
    "hcl",
    [
        acl('  acl = "public-read"\n') + BUCKET,
        acl() + BUCKET + 'output "o" {\n  value = aws_s3_bucket_acl.a.id\n}\n',
        acl("  access_control_policy {\n  }\n") + BUCKET,
    ],
    ids=["it says something", "it is referred to", "it has grants"],
)
def test_a_list_that_may_be_needed_stays(tmp_path: Path, hcl: str) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.edits == ()


def test_a_list_is_made_to_wait(tmp_path: Path) -> None:
    mended = fixed(tmp_path, checked(tmp_path, BUCKET + acl() + controls(), RULE))
    assert "  depends_on = [aws_s3_bucket_ownership_controls.a]\n" in mended
    (tmp_path / "main.tf").unlink()
    assert checked(tmp_path, mended, RULE).findings == ()
