"""A lifecycle configuration has filters or prefixes, not both."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("s3-lifecycle-filter-and-prefix")
HEAD = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n'

CASES = [
    ("a filter", HEAD + '  rule {\n    filter {\n      prefix = "a/"\n    }\n  }\n}', []),
    ("a prefix", HEAD + '  rule {\n    prefix = "a/"\n  }\n}', []),
    ("both", HEAD + '  rule {\n    prefix = "a/"\n    filter {}\n  }\n}', [(3, 5)]),
    ("both, the prefix empty", HEAD + '  rule {\n    prefix = ""\n    filter {}\n  }\n}', [(3, 5)]),
    ("the prefix null", HEAD + "  rule {\n    prefix = null\n    filter {}\n  }\n}", []),
    ("one of each", HEAD + '  rule {\n    filter {}\n  }\n  rule {\n    prefix = "a/"\n  }\n}', [(6, 5)]),
    (
        "one of each, the prefix empty",
        HEAD + '  rule {\n    filter {}\n  }\n  rule {\n    prefix = ""\n  }\n}',
        [],
    ),
    ("neither beside a prefix", HEAD + '  rule {\n  }\n  rule {\n    prefix = "a/"\n  }\n}', [(5, 5)]),
    (
        "an empty prefix beside a prefix",
        HEAD + '  rule {\n    prefix = ""\n  }\n  rule {\n    prefix = "a/"\n  }\n}',
        [(6, 5)],
    ),
    (
        "a prefix that is not known beside a prefix",
        HEAD + '  rule {\n    prefix = aws_x.a.p\n  }\n  rule {\n    prefix = "a/"\n  }\n}',
        [],
    ),
    (
        "neither, which may not be there, beside a prefix",
        HEAD
        + '  dynamic "rule" {\n    for_each = var.r\n    content {}\n  }\n  rule {\n    prefix = "a/"\n  }\n}',
        [],
    ),
    ("two prefixes", HEAD + '  rule {\n    prefix = "a/"\n  }\n  rule {\n    prefix = "b/"\n  }\n}', []),
    (
        "a prefix that is not known",
        'variable "p" {}\n' + HEAD + "  rule {\n    prefix = var.p\n    filter {}\n  }\n}",
        [],
    ),
    (
        "a prefix from a local",
        'locals {\n  p = "a/"\n}\n' + HEAD + "  rule {\n    prefix = local.p\n    filter {}\n  }\n}",
        [(6, 5)],
    ),
    (
        "a filter that may not be there, in another rule",
        HEAD + '  dynamic "rule" {\n    for_each = var.r\n    content {\n      filter {}\n    }\n  }\n'
        '  rule {\n    prefix = "a/"\n  }\n}',
        [],
    ),
    (
        "in a rule made by dynamic",
        HEAD
        + '  dynamic "rule" {\n    for_each = [1]\n'
        + '    content {\n      prefix = "a/"\n      filter {}\n    }\n  }\n}',
        [(5, 7)],
    ),
    (
        "one of each in two configurations",
        HEAD
        + "  rule {\n    filter {}\n  }\n}\n"
        + HEAD.replace('"a"', '"b"')
        + '  rule {\n    prefix = "a/"\n  }\n}',
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_prefixes_beside_filters_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_an_empty_prefix_is_only_untidy_and_is_taken_away(tmp_path: Path) -> None:
    result = checked(tmp_path, HEAD + '  rule {\n    prefix = ""\n    filter {}\n  }\n}\n', RULE)
    assert [one.severity for one in result.findings] == [Severity.LOW]
    assert fixed(tmp_path, result) == HEAD + "  rule {\n    filter {}\n  }\n}\n"


def test_both_are_found_in_json_too(tmp_path: Path) -> None:
    held = '{"a": {"rule": {\n  "prefix": "a/", "filter": {}}}}'
    text = f'{{"resource": {{"aws_s3_bucket_lifecycle_configuration": {held}}}}}'
    result = checked(tmp_path, {"main.tf.json": text}, RULE)
    assert at(result.findings) == [(2, 13)]


VARIABLES = 'variable "p" {\n  default = ""\n}\nvariable "f" {\n  default = []\n}\n'
MAYBE = '    dynamic "filter" {\n      for_each = var.f\n      content {}\n    }\n'
SURE = [
    ("beside neither", "  rule {\n  }\n", [True]),
    ("beside a prefix of a variable that is empty so far", "  rule {\n    prefix = var.p\n  }\n", [False]),
    ("beside a prefix whose filter may be none", f'  rule {{\n    prefix = "b/"\n{MAYBE}  }}\n', [False, False]),
]


@pytest.mark.parametrize(("other", "certain"), [case[1:] for case in SURE], ids=[case[0] for case in SURE])
def test_what_hangs_on_a_variable_is_not_certain(tmp_path: Path, other: str, certain: list[bool]) -> None:
    hcl = HEAD + '  rule {\n    prefix = "a/"\n  }\n' + other + "}\n" + VARIABLES
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == certain
