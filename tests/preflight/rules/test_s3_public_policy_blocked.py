"""A bucket with a policy for everyone is one that takes such a policy."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("s3-public-policy-blocked")

BUCKET = 'resource "aws_s3_bucket" "a" {\n}\n'
EVERYONE = 'Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.a.arn}/*"'


def policy(statement: str = EVERYONE, more: str = "") -> str:
    return (
        f'resource "aws_s3_bucket_policy" "a" {{\n  bucket = aws_s3_bucket.a.id\n{more}'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


def block(argument: str = "  block_public_policy = false\n", more: str = "") -> str:
    return (
        f'resource "aws_s3_bucket_public_access_block" "a" {{\n  bucket = aws_s3_bucket.a.id\n{argument}{more}}}\n'
    )


WAITS = "  depends_on = [aws_s3_bucket_public_access_block.a]\n"
DOCUMENT = (
    'resource "aws_s3_bucket_policy" "a" {\n  bucket = aws_s3_bucket.a.id\n'
    "  policy = data.aws_iam_policy_document.p.json\n}\n"
    'data "aws_iam_policy_document" "p" {\n  statement {\n    actions = ["s3:GetObject"]\n'
    '    resources = ["*"]\n    principals {\n      type = "AWS"\n      identifiers = ["*"]\n    }\n  }\n}\n'
)
ONE = EVERYONE.replace('"*"', '{ AWS = "arn:aws:iam::111122223333:root" }', 1)
ENCRYPTED = EVERYONE + ', Condition = { Bool = { "aws:SecureTransport" = "true" } }'
BUT_SOME = (
    EVERYONE.replace("Allow", "Deny") + ', Condition = { StringNotEquals = { "aws:SourceVpce" = "vpce-1" } }'
)
MERGED = "  source_policy_documents = [var.denied]\n"
OFF = 'variable "o" {\n  default = false\n}\n'
EACH = 'resource "aws_s3_bucket" "a" {\n  for_each = toset(["x", "y"])\n}\n'


def of(key: str, hcl: str) -> str:
    return hcl.replace("aws_s3_bucket.a.id", f'aws_s3_bucket.a["{key}"].id')


DEFAULT = 'variable "b" {\n  default = true\n}\n'

INSIDE = BUCKET.replace("{\n", f"{{\n  policy = jsonencode({{ Statement = [{{ {EVERYONE} }}] }})\n")
CASES = [
    ("a new bucket refuses it", policy() + BUCKET, [(1, 1)]),
    ("as a document", DOCUMENT + BUCKET, [(1, 1)]),
    ("by the type AWS", policy(EVERYONE.replace('"*"', '{ AWS = ["*"] }', 1)) + BUCKET, [(1, 1)]),
    ("the bucket lets it through", policy(more=WAITS) + BUCKET + block(), []),
    ("by the argument's default", policy(more=WAITS) + BUCKET + block(""), []),
    ("it does not wait for that", policy() + BUCKET + block(), [(1, 1)]),
    ("the bucket says no", policy(more=WAITS) + BUCKET + block("  block_public_policy = true\n"), [(1, 1)]),
    ("by a variable", policy(more=WAITS) + BUCKET + block("  block_public_policy = var.b\n") + DEFAULT, [(1, 1)]),
    (
        "another of the buckets says no",
        of("x", policy()) + EACH + of("y", block("  block_public_policy = true\n")),
        [],
    ),
    ("within the bucket", INSIDE + block(), [(2, 3)]),
    ("within the bucket, for one account", INSIDE.replace('"*"', '{ AWS = "1" }', 1), []),
    ("it is for one account", policy(ONE) + BUCKET, []),
    ("it is denied", policy(EVERYONE.replace("Allow", "Deny")) + BUCKET, []),
    ("it has a condition", policy(ENCRYPTED) + BUCKET, []),
    ("it is denied to all but some", policy(f"{EVERYONE} }}, {{ {BUT_SOME}") + BUCKET, []),
    ("others are merged into it", DOCUMENT.replace("  statement", f"{MERGED}  statement") + BUCKET, []),
    ("what it says is not known", policy().replace("jsonencode", "file") + BUCKET, []),
    ("the bucket is elsewhere", policy(), []),
    (
        "something of the bucket was there",
        policy() + BUCKET + "import {\n  to = aws_s3_bucket_cors_configuration.a\n  id = aws_s3_bucket.a.id\n}\n",
        [],
    ),
    ("the bucket was there", policy() + BUCKET + 'import {\n  to = aws_s3_bucket.a\n  id = "a"\n}\n', []),
    ("there is none unless asked for", policy(more="  for_each = var.o ? toset([1]) : []\n") + BUCKET + OFF, []),
    ("there is no such bucket", INSIDE.replace("{\n", "{\n  count = var.o ? 1 : 0\n", 1) + OFF, []),
    ("there is no policy", policy(more="  count = 0\n") + BUCKET, []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_policy_that_the_bucket_refuses_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert at(result.findings) == expected
    assert not result.undecided


@pytest.mark.parametrize(
    "there",
    [block("  block_public_policy = var.x\n"), block(more="  count = var.x\n")],
    ids=["the argument", "the block"],
)
def test_what_is_not_known_of_the_bucket_is_told(tmp_path: Path, there: str) -> None:
    result = checked(tmp_path, policy() + BUCKET + there, RULE)
    assert not result.findings
    (told,) = result.undecided
    assert "aws_s3_bucket_public_access_block.a" in told.what_is_unknown


@pytest.mark.parametrize(
    ("hcl", "severity", "certain"),
    [
        (policy() + BUCKET, Severity.HIGH, True),
        (policy() + BUCKET + block(), Severity.MEDIUM, True),
        (policy(more=WAITS) + BUCKET + block("  block_public_policy = var.b\n") + DEFAULT, Severity.HIGH, False),
        (policy(more="  count = var.x\n") + BUCKET, Severity.HIGH, False),
    ],
)
def test_what_is_refused_each_time_is_worse_than_what_is_a_race(
    tmp_path: Path, hcl: str, severity: Severity, certain: bool
) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert (found.severity, found.certain) == (severity, certain)


def test_a_policy_is_made_to_wait(tmp_path: Path) -> None:
    mended = fixed(tmp_path, checked(tmp_path, policy() + BUCKET + block(), RULE))
    assert WAITS in mended
    (tmp_path / "main.tf").unlink()
    assert checked(tmp_path, mended, RULE).findings == ()
