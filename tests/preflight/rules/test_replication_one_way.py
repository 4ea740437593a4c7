"""Changes of replicas go back where replicas come from."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("replication-one-way")
BUCKETS = "".join(f'resource "aws_s3_bucket" "{one}" {{\n}}\n' for one in "abc")
SYNC = (
    '    source_selection_criteria {\n      replica_modifications {\n        status = "Enabled"\n      }\n    }\n'
)


def replication(source: str, target: str, more: str = SYNC) -> str:
    return (
        f'resource "aws_s3_bucket_replication_configuration" "{source}" {{\n  bucket = aws_s3_bucket.{source}.id\n'
        f"  rule {{\n{more}    destination {{\n      bucket = {target}\n    }}\n  }}\n}}\n"
    )


A, B, C = (f"aws_s3_bucket.{one}.arn" for one in "abc")
OFF = SYNC.replace("Enabled", "Disabled")

CASES = [
    ("one way, and no more is meant", replication("a", B, "") + BUCKETS, []),
    ("one way, and both are meant", replication("a", B) + BUCKETS, [(5, 7)]),
    ("both ways", replication("a", B) + replication("b", A) + BUCKETS, []),
    ("one way, turned off", replication("a", B, OFF) + BUCKETS, []),
    ("replicas come from a third", replication("a", B) + replication("c", A, "") + BUCKETS, []),
    ("a chain", replication("a", B) + replication("b", C, "") + BUCKETS, [(5, 7)]),
    (
        "both ways between buckets of one resource",
        replication("a", "aws_s3_bucket.a[each.value].arn").replace("a.id", "a[each.key].id")
        + BUCKETS.replace('"a" {', '"a" {\n  for_each = toset(["x", "y"])'),
        [],
    ),
    (
        "something replicates elsewhere",
        replication("a", B) + replication("b", '"arn:aws:s3:::x"', "") + BUCKETS,
        [],
    ),
    ("a target that is not known", replication("a", "module.m.arn") + BUCKETS, []),
    ("a source that is not known", replication("a", B).replace("aws_s3_bucket.a.id", "var.a") + BUCKETS, []),
    (
        "a module is given the source",
        replication("a", B) + BUCKETS + 'module "m" {\n  b = aws_s3_bucket.a\n}\n',
        [],
    ),
    (
        "the way back is written in the bucket",
        replication("a", B) + BUCKETS + 'resource "aws_s3_bucket" "d" {\n  replication_configuration {\n  }\n}\n',
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_half_of_a_replication_both_ways_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_nothing_is_said_where_a_file_cannot_be_read(tmp_path: Path) -> None:
    files = {"main.tf": replication("a", B) + BUCKETS, "z.tf": "resource {"}
    assert not [one for one in checked(tmp_path, files, RULE).findings if one.rule == RULE.id]
