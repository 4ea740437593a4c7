"""A replication waits for the versioning of its buckets."""

from pathlib import Path

import pytest

from docferry.preflight.rule import Context
from docferry.preflight.run import run
from tests.preflight.checking import TODAY, at, checked, fixed, rule

RULE = rule("replication-depends-on")

BUCKETS = 'resource "aws_s3_bucket" "a" {\n}\nresource "aws_s3_bucket" "b" {\n}\n'
VERSIONING = "".join(
    f'resource "aws_s3_bucket_versioning" "{one}" {{\n  bucket = aws_s3_bucket.{one}.id\n'
    '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    for one in "ab"
)
REST = BUCKETS + VERSIONING


def replication(more: str = "", source: str = "aws_s3_bucket.a.id", target: str = "aws_s3_bucket.b.arn") -> str:
    return (
        f'resource "aws_s3_bucket_replication_configuration" "r" {{\n  bucket = {source}\n'
        f"  rule {{\n    destination {{\n      bucket = {target}\n    }}\n  }}\n{more}}}\n"
    )


BOTH = "  depends_on = [aws_s3_bucket_versioning.a, aws_s3_bucket_versioning.b]\n"
OUTSIDE = 'resource "x_wait" "w" {\n  for = [aws_s3_bucket_versioning.a.id, aws_s3_bucket_versioning.b.id]\n}\n'
MODULE = OUTSIDE.replace('resource "x_wait" "w"', 'module "m"')
BY_ARN = '"arn:aws:s3:::${aws_s3_bucket_versioning.b.id}"'

CASES = [
    ("it waits for both", replication(BOTH) + REST, []),
    ("for neither", replication() + REST, [(1, 1)]),
    ("for the source only", replication("  depends_on = [aws_s3_bucket_versioning.a]\n") + REST, [(1, 1)]),
    (
        "by references",
        replication(source="aws_s3_bucket_versioning.a.bucket", target=BY_ARN) + REST,
        [],
    ),
    ("through something else", replication("  depends_on = [x_wait.w]\n") + OUTSIDE + REST, []),
    (
        "through locals",
        replication(source="local.s", target="local.t")
        + "locals {\n  s = aws_s3_bucket_versioning.a.bucket\n  t = local.u\n"
        '  u = "arn:aws:s3:::${aws_s3_bucket_versioning.b.bucket}"\n}\n' + REST,
        [],
    ),
    ("through a module", replication("  role = module.m.role\n") + MODULE + REST, []),
    ("there is no versioning", replication() + BUCKETS, []),
    ("the buckets are elsewhere", replication(source='"x"', target='"arn:aws:s3:::y"') + REST, []),
    ("something else is waited for", replication("  depends_on = [aws_s3_bucket.a]\n") + REST, [(1, 1)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_replication_that_does_not_wait_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_the_message_names_what_is_not_waited_for(tmp_path: Path) -> None:
    (found,) = checked(
        tmp_path, replication("  depends_on = [aws_s3_bucket_versioning.a]\n") + REST, RULE
    ).findings
    assert "aws_s3_bucket_versioning.b" in found.message
    assert "aws_s3_bucket_versioning.a" not in found.message


def test_the_edit_adds_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    none = checked(tmp_path / "a", replication() + REST, RULE)
    # Without the empty line `terraform fmt` would align it with what follows.
    assert f"{BOTH}\n" in fixed(tmp_path / "a", none)
    one = checked(tmp_path / "b", replication("  depends_on = [aws_s3_bucket_versioning.a]\n") + REST, RULE)
    assert fixed(tmp_path / "b", one) == replication(BOTH) + REST


def test_the_edit_keeps_comments_and_lines(tmp_path: Path) -> None:
    before = "  depends_on = [\n    # first\n    aws_s3_bucket.a, # second\n    aws_s3_bucket_versioning.a,\n  ]\n"
    after = before.replace("versioning.a,\n", "versioning.a,\n    aws_s3_bucket_versioning.b,\n")
    assert fixed(tmp_path, checked(tmp_path, replication(before) + REST, RULE)) == replication(after) + REST


def test_the_edit_ends_lines_as_they_end_there(tmp_path: Path) -> None:
    hcl = replication("  depends_on = [\n    aws_s3_bucket.a\n  ]\n") + REST
    (tmp_path / "main.tf").write_bytes(hcl.replace("\n", "\r\n").encode())
    mended = fixed(tmp_path, run(tmp_path, Context(TODAY), [RULE]))
    assert mended.count("\n") == mended.count("\r\n") == hcl.count("\n") + 2


def test_the_edit_fills_an_empty_list(tmp_path: Path) -> None:
    hcl = replication("  depends_on = []\n") + REST
    assert fixed(tmp_path, checked(tmp_path, hcl, RULE)) == replication(BOTH) + REST


def test_what_was_mended_is_not_found_again(tmp_path: Path) -> None:
    mended = fixed(tmp_path / "a", checked(tmp_path / "a", replication() + REST, RULE))
    assert checked(tmp_path / "b", mended, RULE).findings == ()
