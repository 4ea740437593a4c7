"""What expressions come to, and that what cannot be told is never guessed."""

from pathlib import Path

import pytest

from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Value, known
from tests.preflight.checking import module

BUCKET_ID = Reference(("aws_s3_bucket", "b", "id"))

VALUES: list[tuple[str, Value]] = [
    ("null", None),
    ("true", True),
    ("5", 5),
    ("-2.5", -2.5),
    ("1e3", 1000),
    ('""', ""),
    (r'"a\"b\n\u00e9\\"', 'a"b\né\\'),
    ('"$${a} %%{b}"', "${a} %{b}"),
    ('["a", 1, [true]]', ["a", 1, [True]]),
    ('{ a = 1, "b" : 2 }', {"a": 1, "b": 2}),
    ("{ (var.given) = 1 }", {"g": 1}),
    ("{ (var.open) = 1 }", UNKNOWN),
    ('{ "x-${var.given}" = 1 }', {"x-g": 1}),
    ("{ 1 = 2 }", {"1": 2}),
    ("(1)", 1),
    ('jsonencode({ A = ["b"] })', {"A": ["b"]}),
    ("jsonencode({ A = var.open })", {"A": UNKNOWN}),
    ('jsondecode("[1]")', [1]),
    ('jsondecode("[")', UNKNOWN),
    ("<<E\nx ${var.given}\n y\nE\n", "x g\n y\n"),
    ("<<-E\n    x\n      y\n    E\n", "x\n  y\n"),
    ("<<-E\n    x ${aws_s3_bucket.b.id}\n    y\n  E\n", Template(("x ", BUCKET_ID, "\ny\n"))),
    ("<<E\nE\n", ""),
    ("<<E\n$${a} \\n\nE\n", "${a} \\n\n"),
    ("<<-E\n  ${var.open}\n    ${var.given}\n  E\n", Template((UNKNOWN, "\n  g\n"))),
    ('"${aws_s3_bucket.b.id}"', BUCKET_ID),
    ('"${aws_s3_bucket.b.id}/*"', Template((BUCKET_ID, "/*"))),
    ('"${var.open}/*"', Template((UNKNOWN, "/*"))),
    ('"${true}-${1}-${"x"}"', "true-1-x"),
    ('"a%{ if true }b%{ endif }"', Template(("a", UNKNOWN))),
    ("var.given", "g"),
    ("var.open", UNKNOWN),
    ("var.object.a[1]", "y"),
    ("var.object.none", UNKNOWN),
    ("var.object.a[7]", UNKNOWN),
    ('var.object["a"][0]', "x"),
    ("var.nothing", UNKNOWN),
    ("local.twice", "gg"),
    ("local.circle", UNKNOWN),
    ("local.bucket.arn", Reference(("aws_s3_bucket", "b", "arn"))),
    ("local.missing", UNKNOWN),
    ("aws_s3_bucket.b[0].id", Reference(("aws_s3_bucket", "b", "id"), indexed=True)),
    ('aws_s3_bucket.b["x"].id', Reference(("aws_s3_bucket", "b", "id"), indexed=True)),
    ("aws_s3_bucket.b[*].id", Reference(("aws_s3_bucket", "b", "id"), indexed=True, splat=True)),
    ("data.aws_x.y.z", Reference(("data", "aws_x", "y", "z"))),
    ("module.m.out", Reference(("module", "m", "out"))),
    ("each.value", UNKNOWN),
    ("count.index", UNKNOWN),
    ("lifecycle_rule.value", UNKNOWN),
    ("path.module", UNKNOWN),
    ("[for x in [1] : x]", UNKNOWN),
    ("{ for k, v in {} : k => v }", UNKNOWN),
    ('file("x")', UNKNOWN),
    ("timestamp()", UNKNOWN),
    ("provider::aws::arn()", UNKNOWN),
    ('true ? "a" : "b"', "a"),
    ('var.open ? "a" : "b"', UNKNOWN),
    ('var.open ? "a" : "a"', "a"),
    ("var.open ? 1 : true", UNKNOWN),
    ("var.open == 1", UNKNOWN),
    ('var.given == "g"', True),
    ("1 == true", False),
    ("1 != 2", True),
    ("var.open && false", False),
    ("var.open || true", True),
    ("var.open || false", UNKNOWN),
    ("!true", False),
    ("!var.open", UNKNOWN),
    ("1 + 2 * 3", 7),
    ("7 % 2", 1),
    ("1 / 0", UNKNOWN),
    ("7 > 3", True),
    ('"7" > 3', UNKNOWN),
    ("-var.open", UNKNOWN),
    ("9" * 200, UNKNOWN),
    ('concat(["a"], [var.open])', ["a", UNKNOWN]),
    ("merge({ a = 1 }, { a = 2, b = 3 })", {"a": 2, "b": 3}),
    ("merge({ a = 1 }, var.open)", UNKNOWN),
    ('length(["a", var.open])', 2),
    ('length("${var.open}-")', UNKNOWN),
    ('format("%s-%d", "a", 1)', "a-1"),
    ('format("%05d", 1)', UNKNOWN),
    ('join("-", ["a", "b"])', "a-b"),
    ('lookup({ a = 1 }, "b", 2)', 2),
    ('lookup({ a = 1 }, "a")', 1),
    ('coalesce(null, "x")', "x"),
    ('try(var.open, "x")', UNKNOWN),
    ('toset(["a", "a"])', ["a"]),
    ("element([], 0)", UNKNOWN),
    ('lower("A", "B")', UNKNOWN),
    ("concat([1]...)", UNKNOWN),
    ('replace("aXb", "X", "-")', "a-b"),
    ('replace("aXb", "/X/", "-")', UNKNOWN),
    ('contains(["a"], "a")', True),
    ('tonumber("5")', 5),
    ('split(",", "a,b")', ["a", "b"]),
    ("[" * 200 + "]" * 200, UNKNOWN),
]

SHARED = """
variable "given" { default = "g" }
variable "open" {}
variable "object" { default = { a = ["x", "y"] } }
resource "aws_s3_bucket" "b" {}
locals {
  twice  = "${local.once}${local.once}"
  once   = var.given
  circle = local.circle2
  circle2 = local.circle
  bucket = aws_s3_bucket.b
}
"""


def expression(root: Path, text: str) -> Expression:
    return (
        module(root, f'{SHARED}\noutput "it" {{\n  value = {text}\n}}\n')
        .of("output")[0]
        .attributes["value"]
        .expression
    )


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text[:30] for text, _ in VALUES])
def test_an_expression_comes_to_its_value_or_is_unknown(tmp_path: Path, text: str, value: Value) -> None:
    found = expression(tmp_path, text).value
    if text.startswith("[["):
        assert not known(found)
    else:
        assert found == value
        assert type(found) is type(value)


def test_references_are_all_that_is_named_but_for_what_for_binds(tmp_path: Path) -> None:
    text = '{ for k, v in var.open : k => "${v.x}-${aws_s3_bucket.b[local.once].id}-${each.key}" }'
    assert [str(one) for one in expression(tmp_path, text).references] == [
        "var.open",
        "aws_s3_bucket.b.id",
        "local.once",
        "each.key",
    ]


def test_the_keys_of_objects_refer_only_where_they_are_computed(tmp_path: Path) -> None:
    assert [str(one) for one in expression(tmp_path, "{ a = 1, (var.given) = 2 }").references] == ["var.given"]


def test_functions_are_named_at_any_depth(tmp_path: Path) -> None:
    assert expression(tmp_path, '[lower(upper("a"))]').functions == ("lower", "upper")


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ('"a"', False),
        ("aws_s3_bucket.b.id", False),
        ("var.given", True),
        ("local.twice", True),
        ("local.bucket", False),
    ],
)
def test_a_value_is_assumed_where_it_hangs_on_a_variable(tmp_path: Path, text: str, assumed: bool) -> None:
    assert expression(tmp_path, text).assumed is assumed


def test_the_parts_of_what_is_written_out_have_their_places(tmp_path: Path) -> None:
    whole = expression(tmp_path, 'jsonencode({\n    "A" = [1,\n      { b = "c" }]\n  })')
    called = whole.call
    assert called is not None and called[0] == "jsonencode"
    inner = called[1][0].item("A")
    assert inner is not None and inner.elements is not None
    last = inner.elements[1].item("b")
    assert last is not None and last.text == '"c"'
    assert (last.place.line - whole.place.line, last.place.column) == (2, 13)


@pytest.mark.parametrize("text", ["var.given", '"x"', "[1][0]", "1 + [1][0]"])
def test_what_is_not_written_out_has_no_parts(tmp_path: Path, text: str) -> None:
    whole = expression(tmp_path, text)
    assert (whole.elements, whole.items, whole.call) == (None, None, None)
