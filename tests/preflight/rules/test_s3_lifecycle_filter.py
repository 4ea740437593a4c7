"""Lifecycle rules have a filter or a prefix."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("s3-lifecycle-filter")
HEAD = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n'

CASES = [
    ("neither", HEAD + '  rule {\n    id = "x"\n  }\n}', [(2, 3)]),
    ("a filter", HEAD + '  rule {\n    filter {\n      prefix = "a/"\n    }\n  }\n}', []),
    ("an empty filter", HEAD + "  rule {\n    filter {}\n  }\n}", []),
    ("a prefix", HEAD + '  rule {\n    prefix = ""\n  }\n}', []),
    ("a prefix that is null", HEAD + "  rule {\n    prefix = null\n  }\n}", [(2, 3)]),
    ("a prefix that is not known", HEAD + "  rule {\n    prefix = aws_x.a.p\n  }\n}", []),
    ("the second of two", HEAD + "  rule {\n    filter {}\n  }\n  rule {\n  }\n}", [(5, 3)]),
    (
        "made by dynamic",
        HEAD + '  dynamic "rule" {\n    for_each = [1]\n    content {}\n  }\n}',
        [(2, 3)],
    ),
    (
        "a dynamic filter",
        HEAD + '  rule {\n    dynamic "filter" {\n      for_each = [1]\n      content {}\n    }\n  }\n}',
        [],
    ),
    ("another resource", 'resource "aws_s3_bucket" "a" {\n  rule {\n  }\n}', []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_rule_with_neither_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_the_edit_adds_an_empty_filter_and_nothing_else(tmp_path: Path) -> None:
    result = checked(tmp_path, HEAD + '  rule {\n    id = "x"\n  }\n}\n', RULE)
    assert fixed(tmp_path, result) == HEAD + '  rule {\n    filter {}\n    id = "x"\n  }\n}\n'


def test_a_prefix_that_a_variable_leaves_out_may_be_given_at_deployment(tmp_path: Path) -> None:
    hcl = 'variable "p" {\n  default = null\n}\n' + HEAD + "  rule {\n    prefix = var.p\n  }\n}\n"
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert (found.certain, found.edits) == (False, ())
    assert [one.certain for one in checked(tmp_path, HEAD + "  rule {\n  }\n}\n", RULE).findings] == [True]
