"""Replicas are backed up and tagged as their table is."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("global-table-uneven")
BACKED_UP = "  point_in_time_recovery {\n    enabled = true\n  }\n"
TAGS = '  tags = {\n    owner = "orders"\n  }\n'


def replica(*lines: str) -> str:
    return '  replica {\n    region_name = "eu-west-1"\n' + "".join(f"    {one}\n" for one in lines) + "  }\n"


def table(*lines: str, head: str = "") -> str:
    return f'{head}resource "aws_dynamodb_table" "t" {{\n{"".join(lines)}}}\n'


def separate(*lines: str) -> str:
    inner = "".join(f"  {one}\n" for one in lines)
    return (
        f'resource "aws_dynamodb_table_replica" "r" {{\n  global_table_arn = aws_dynamodb_table.t.arn\n{inner}}}\n'
    )


ALSO, NOT = "point_in_time_recovery = true", "point_in_time_recovery = false"
DYNAMIC = (
    '  dynamic "point_in_time_recovery" {\n    for_each = var.p\n    content {\n      enabled = true\n    }\n  }\n'
)

CASES = [
    ("neither backed up", table(replica()), []),
    ("both backed up", table(BACKED_UP, replica(ALSO)), []),
    ("only the table", table(BACKED_UP, replica()), [(5, 3)]),
    ("only the table, by intent", table(BACKED_UP, replica(NOT)), [(7, 5)]),
    ("only the replica", table(replica(ALSO)), [(4, 5)]),
    ("one of two replicas", table(BACKED_UP, replica(ALSO), replica()), [(9, 3)]),
    ("a replica of its own, backed up", table(BACKED_UP) + separate(ALSO), []),
    ("a replica of its own, not backed up", table(BACKED_UP) + separate(), [(6, 1)]),
    ("not known of the table", table(DYNAMIC, replica(ALSO)), []),
    (
        "not known of the replica",
        table(BACKED_UP, replica("point_in_time_recovery = var.p"), head='variable "p" {}\n'),
        [],
    ),
    ("tags, and carried over", table(TAGS, replica("propagate_tags = true")), []),
    ("tags, and not carried over", table(TAGS, replica()), [(5, 3)]),
    ("no tags", table(replica()), []),
    ("empty tags", table("  tags = {}\n", replica()), []),
    ("tags that are not known", table("  tags = var.t\n", replica(), head='variable "t" {}\n'), []),
    (
        "tags from a local",
        table("  tags = local.t\n", replica(), head='locals {\n  t = { a = "b" }\n}\n'),
        [(6, 3)],
    ),
    ("a replica of its own has its provider's", table(TAGS) + separate(), []),
    ("no replica", table(BACKED_UP, TAGS), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_only_one_side_has_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_hangs_on_a_variable_of_the_table_is_not_certain(tmp_path: Path) -> None:
    head = 'variable "p" {\n  default = true\n}\nvariable "t" {\n  default = { a = "b" }\n}\n'
    hcl = table(BACKED_UP.replace("true", "var.p"), "  tags = var.t\n", replica(), head=head)
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False, False]


def test_backups_are_worse_than_tags(tmp_path: Path) -> None:
    found = checked(tmp_path, table(BACKED_UP, TAGS, replica()), RULE).findings
    assert sorted(one.severity for one in found) == [Severity.LOW, Severity.MEDIUM]


def test_the_edits_are_made_in_the_replica(tmp_path: Path) -> None:
    result = checked(tmp_path, table(BACKED_UP, TAGS, replica()), RULE)
    mended = fixed(tmp_path, result)
    assert checked(tmp_path / "again", mended, RULE).findings == ()
    assert len(mended.splitlines()) == len(table(BACKED_UP, TAGS, replica()).splitlines()) + 2
