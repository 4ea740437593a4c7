"""A table with replicas has a stream."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("global-table-stream")
ON = "  stream_enabled   = true\n"
VIEW = '  stream_view_type = "NEW_AND_OLD_IMAGES"\n'
REPLICA = '  replica {\n    region_name = "eu-west-1"\n  }\n'


def table(*lines: str, head: str = "") -> str:
    return f'{head}resource "aws_dynamodb_table" "t" {{\n{"".join(lines)}}}\n'


def maybe(each: str) -> str:
    content = "    content {\n      region_name = replica.value\n    }\n"
    return f'  dynamic "replica" {{\n    for_each = {each}\n{content}  }}\n'


def ignoring(changes: str) -> str:
    return f"  lifecycle {{\n    ignore_changes = {changes}\n  }}\n"


STRONG = REPLICA.replace("\n  }", '\n    consistency_mode = "STRONG"\n  }')
SEPARATE = 'resource "aws_dynamodb_table_replica" "r" {\n  global_table_arn = aws_dynamodb_table.t.arn\n}\n'
VARIABLE = 'variable "s" {\n}\n'

CASES = [
    ("no replica", table(), []),
    ("a replica and a stream", table(ON, VIEW, REPLICA), []),
    ("a replica, no stream", table(REPLICA), [(1, 1)]),
    ("a stream that is let be", table(REPLICA, ignoring("[replica, stream_enabled]")), []),
    ("a table that is let be", table(REPLICA, ignoring("all")), []),
    ("something else is let be", table(REPLICA, ignoring("[read_capacity]")), [(1, 1)]),
    ("a replica, the stream off", table("  stream_enabled = false\n", REPLICA), [(2, 3)]),
    ("no view type", table(ON, REPLICA), [(2, 3)]),
    ("an empty view type", table(ON, '  stream_view_type = ""\n', REPLICA), [(3, 3)]),
    ("another view type", table(ON, '  stream_view_type = "KEYS_ONLY"\n', REPLICA), [(3, 3)]),
    ("another view type, no replica", table(ON, '  stream_view_type = "KEYS_ONLY"\n'), []),
    ("a replica of its own", table() + SEPARATE, [(1, 1)]),
    ("a replica of its own, and a stream", table(ON, VIEW) + SEPARATE, []),
    ("a replica of another table", table() + SEPARATE.replace("aws_dynamodb_table.t.arn", "var.t"), []),
    ("strongly consistent", table(STRONG, STRONG), []),
    ("replicas of a list", table(maybe('["eu-west-1"]')), [(1, 1)]),
    ("replicas of a list that is not known", table(maybe("var.regions")), []),
    ("replicas of an empty list", table(maybe("[]")), []),
    ("a stream that is not known", table("  stream_enabled = var.s\n", REPLICA, head=VARIABLE), []),
    ("a view type that is not known", table(ON, "  stream_view_type = var.s\n", REPLICA, head=VARIABLE), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_table_with_replicas_and_no_whole_stream_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_fails_when_is_said(tmp_path: Path) -> None:
    hcls = (table(REPLICA), table(ON, REPLICA), table(ON, '  stream_view_type = "NEW_IMAGE"\n', REPLICA))
    found = [checked(tmp_path / str(number), hcl, RULE).findings[0] for number, hcl in enumerate(hcls)]
    assert [(one.severity, one.stage) for one in found] == [
        (Severity.HIGH, Stage.APPLY),
        (Severity.HIGH, Stage.PLAN),
        (Severity.MEDIUM, Stage.RUN),
    ]


@pytest.mark.parametrize("line", ["  stream_enabled = var.s\n", ON + "  stream_view_type = var.v\n"])
def test_what_hangs_on_a_variable_is_not_certain(tmp_path: Path, line: str) -> None:
    head = 'variable "s" {\n  default = true\n}\nvariable "v" {\n  default = null\n}\n'
    assert [one.certain for one in checked(tmp_path, table(line, REPLICA, head=head), RULE).findings] == [False]


def test_the_edit_adds_a_stream(tmp_path: Path) -> None:
    result = checked(tmp_path, table(REPLICA), RULE)
    assert fixed(tmp_path, result) == table(ON, VIEW, REPLICA)
