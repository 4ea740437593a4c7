"""Both buckets of a replication keep versions."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("replication-unversioned")

BUCKETS = 'resource "aws_s3_bucket" "a" {\n  bucket = "source"\n}\nresource "aws_s3_bucket" "b" {\n}\n'


def versioning(name: str, bucket: str = "", status: str = '"Enabled"', more: str = "") -> str:
    bucket = bucket or f"aws_s3_bucket.{name}.id"
    return (
        f'resource "aws_s3_bucket_versioning" "{name}" {{\n  bucket = {bucket}{more}\n'
        f"  versioning_configuration {{\n    status = {status}\n  }}\n}}\n"
    )


def replication(source: str = "aws_s3_bucket.a.id", target: str = "aws_s3_bucket.b.arn") -> str:
    return (
        f'resource "aws_s3_bucket_replication_configuration" "r" {{\n  bucket = {source}\n'
        f"  rule {{\n    destination {{\n      bucket = {target}\n    }}\n  }}\n}}\n"
    )


A, B = versioning("a"), versioning("b")
# The replication is written first, so that lines stay where they are: its source on line 2, its target on line 5.
FIRST = replication() + BUCKETS
LOCKED = 'resource "aws_s3_bucket" "b" {\n  object_lock_enabled = true\n}\n'
LOCK = '  object_lock_configuration {\n    object_lock_enabled = "Enabled"\n  }\n'
LOCKED_INSIDE = f'resource "aws_s3_bucket" "b" {{\n{LOCK}}}\n'
MAYBE_LOCKED = LOCKED_INSIDE.replace("object_lock_configuration {", 'dynamic "object_lock_configuration" {', 1)
INLINE = 'resource "aws_s3_bucket" "b" {\n  versioning {\n    enabled = true\n  }\n}\n'
LABEL = 'module "label" {\n}\n'
LABELLED = 'resource "aws_s3_bucket" "a" {\n  bucket = module.label.id\n}\nresource "aws_s3_bucket" "b" {\n}\n'
BY_LABEL = versioning("a", bucket="module.label.id")
BY_ACCOUNT = '"docs-${data.aws_caller_identity.me.account_id}"'
LOCAL = 'locals {\n  s = "Disabled"\n}\n'
EACH = versioning("c", bucket="each.value", more="\n  for_each = var.b")
ONE = 'resource "aws_s3_bucket" "a" {\n}\n'

CASES = [
    ("both have it", FIRST + A + B, []),
    ("neither has", FIRST, [(2, 3), (5, 7)]),
    ("the source has not", FIRST + B, [(2, 3)]),
    ("the target has not", FIRST + A, [(5, 7)]),
    ("suspended", FIRST + A + versioning("b", status='"Suspended"'), [(23, 5)]),
    ("disabled, from a local", LOCAL + FIRST + A + versioning("b", status="local.s"), [(26, 5)]),
    ("by its name", replication(source='"source"') + BUCKETS + versioning("a", bucket='"source"') + B, []),
    ("by its name, without", replication(source='"source"') + BUCKETS + B, [(2, 3)]),
    ("by an ARN of its id", replication(target='"arn:aws:s3:::${aws_s3_bucket.b.id}"') + BUCKETS + A, [(5, 7)]),
    ("by its versioning", replication(source="aws_s3_bucket_versioning.a.bucket") + BUCKETS + A + B, []),
    ("by the label of a module", replication() + LABELLED + LABEL + BY_LABEL + B, []),
    ("by an ARN of it", replication('"arn:aws:s3:::${module.label.id}"') + LABELLED + LABEL + BY_LABEL + B, []),
    ("by another label", replication() + LABELLED + LABEL + BY_LABEL.replace("label.id", "m.id") + B, [(2, 3)]),
    (
        "by a name with the account in it",
        FIRST.replace('"source"', BY_ACCOUNT) + versioning("a", bucket=BY_ACCOUNT) + B,
        [],
    ),
    ("Object Lock turns it on", replication() + ONE + LOCKED + A, []),
    ("Object Lock in the bucket turns it on", replication() + ONE + LOCKED_INSIDE + A, []),
    ("written in the bucket", replication() + ONE + INLINE + A, []),
    ("written in the bucket as off", replication() + ONE + INLINE.replace("true", "false") + A, [(13, 5)]),
    ("a module is given another name", FIRST + A + 'module "m" {\n  buckets = ["sources"]\n}\n', [(5, 7)]),
    ("another bucket's", FIRST + A + versioning("c", bucket="data.aws_s3_bucket.c.id"), [(5, 7)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_replicated_bucket_without_versioning_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


UNDECIDED = [
    ("a bucket elsewhere", replication(target='"arn:aws:s3:::elsewhere"') + BUCKETS + A, [(5, 7)]),
    ("a bucket of a module", replication(source="module.m.bucket") + BUCKETS + B, [(2, 3)]),
    ("a bucket that is asked for", replication(source="data.aws_s3_bucket.c.id") + BUCKETS + B, [(2, 3)]),
    ("a status that is not known", 'variable "s" {}\n' + FIRST + A + versioning("b", status="var.s"), [(6, 7)]),
    ("versioning that may not be there", FIRST + A + versioning("b", more="\n  count = var.n"), [(5, 7)]),
    ("versioning of each of some", FIRST + A + EACH, [(5, 7)]),
    (
        "by one of several labels",
        replication()
        + LABELLED.replace("label.id", 'label["a"].id')
        + LABEL.replace("{", "{\n  for_each = var.l", 1)
        + versioning("a", bucket='module.label["b"].id')
        + B,
        [(2, 3)],
    ),
    ("Object Lock that may not be there", replication() + ONE + MAYBE_LOCKED + A, [(5, 7)]),
    (
        "versioning and replication that hang on a variable",
        FIRST.replace("a.id\n", "a.id\n  count = var.r ? 1 : 0\n", 1)
        + A
        + versioning("b", status='var.r ? "Enabled" : "Suspended"')
        + 'variable "r" {\n  default = false\n}\n',
        [(6, 7)],
    ),
    ("a module is given its name", FIRST + B + 'module "m" {\n  buckets = ["source"]\n}\n', [(2, 3)]),
    (
        "a module is given its name from a local",
        FIRST + B + 'module "m" {\n  buckets = { one = local.n }\n}\nlocals {\n  n = "source"\n}\n',
        [(2, 3)],
    ),
    (
        "a module is given its name, which is not known",
        FIRST.replace('"source"', "var.n") + B + 'module "m" {\n  bucket = var.n\n}\n',
        [(2, 3)],
    ),
    ("a module is given the bucket", FIRST + A + 'module "m" {\n  bucket = aws_s3_bucket.b.id\n}\n', [(5, 7)]),
]


@pytest.mark.parametrize(
    ("hcl", "expected"), [case[1:] for case in UNDECIDED], ids=[case[0] for case in UNDECIDED]
)
def test_what_cannot_be_told_is_undecided(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert result.findings == ()
    assert [(one.place.line, one.place.column) for one in result.undecided if one.place] == expected


def test_buckets_made_by_for_each_are_versioned_by_for_each(tmp_path: Path) -> None:
    buckets = 'resource "aws_s3_bucket" "s" {\n  for_each = toset(["a", "b"])\n}\n'
    each = versioning("s", bucket="aws_s3_bucket.s[each.key].id", more="\n  for_each = aws_s3_bucket.s")
    hcl = replication('aws_s3_bucket.s["a"].id', 'aws_s3_bucket.s["b"].arn') + buckets + each
    assert checked(tmp_path, hcl, RULE).findings == ()


def test_versioning_that_is_there_whenever_its_bucket_is_counts(tmp_path: Path) -> None:
    count = "\n  count = var.here ? 1 : 0"
    bucket = f'resource "aws_s3_bucket" "b" {{{count}\n}}\n'
    target = replication(target="aws_s3_bucket.b[0].arn") + ONE + bucket + A
    for status, expected in (('"Enabled"', []), ('"Suspended"', [(24, 5)])):
        hcl = target + versioning("b", bucket="aws_s3_bucket.b[0].id", status=status, more=count)
        result = checked(tmp_path, hcl, RULE)
        assert (at(result.findings), result.undecided) == (expected, ())


def test_a_bucket_without_versioning_is_found_once_in_a_replication(tmp_path: Path) -> None:
    rule_ = "  rule {\n    destination {\n      bucket = aws_s3_bucket.b.arn\n    }\n  }\n"
    twice = replication().replace(rule_, rule_ + rule_)
    assert at(checked(tmp_path, twice + BUCKETS + A, RULE).findings) == [(5, 7)]
