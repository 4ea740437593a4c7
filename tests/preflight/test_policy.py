"""Policies in one shape, however they are written."""

from pathlib import Path

import pytest

from docferry.preflight.hcl.value import UNKNOWN, Reference, Template
from docferry.preflight.policies import policies, policy_of
from docferry.preflight.policy import Condition, Policy
from tests.preflight.checking import module

ARN = Reference(("aws_s3_bucket", "b", "arn"))
DOCUMENT = """
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "One"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["a.example"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["1"]
    }
  }
}
"""
OBJECT = """{
    Version = "2012-10-17"
    Statement = [{
      Sid = "One"
      Effect = "Allow"
      Action = "s3:GetObject"
      Resource = "${aws_s3_bucket.b.arn}/*"
      Principal = { Service = "a.example" }
      Condition = { StringEquals = { "aws:SourceAccount" = "1" } }
    }]
  }"""
JSON = """{"Statement": {"Sid": "One", "Effect": "Allow", "Action": ["s3:GetObject"],
  "Resource": "${aws_s3_bucket.b.arn}/*", "Principal": {"Service": ["a.example"]},
  "Condition": {"StringEquals": {"aws:SourceAccount": ["1"]}}}}"""
WRITTEN = {
    "document": DOCUMENT,
    "jsonencode": f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({OBJECT})\n}}',
    "local": f'resource "aws_x" "p" {{\n  policy = jsonencode(local.p)\n}}\nlocals {{\n  p = {OBJECT}\n}}',
    "heredoc": f'resource "aws_iam_policy" "p" {{\n  policy = <<E\n{JSON}\nE\n}}',
}


def only(root: Path, hcl: str) -> Policy:
    ((policy, _, _),) = policies(module(root, hcl))
    return policy


@pytest.mark.parametrize("hcl", WRITTEN.values(), ids=list(WRITTEN))
def test_the_same_policy_has_the_same_shape_however_it_is_written(tmp_path: Path, hcl: str) -> None:
    policy = only(tmp_path, hcl)
    (one,) = policy.statements
    assert policy.complete and one.allows
    assert (one.sid, one.actions, one.resources) == ("One", ("s3:GetObject",), (Template((ARN, "/*")),))
    assert one.principals == (("Service", "a.example"),)
    assert one.conditions == (Condition("StringEquals", "aws:SourceAccount", ("1",)),)
    assert (one.not_actions, one.not_resources, one.not_principals) == ((), (), ())


def test_statements_have_their_places(tmp_path: Path) -> None:
    assert only(tmp_path, DOCUMENT).statements[0].place.line == 3
    assert only(tmp_path / "object", WRITTEN["jsonencode"]).statements[0].place.line == 4
    assert only(tmp_path / "heredoc", WRITTEN["heredoc"]).statements[0].place.line == 2


@pytest.mark.parametrize(
    "value",
    [
        "var.p",
        'file("p.json")',
        '"no json"',
        "jsonencode(1)",
        'jsonencode({ Statement = "x" })',
        '"[}"',
        '<<E\n{"${var.k}": 1}\nE\n',
    ],
)
def test_what_is_no_policy_is_unknown(tmp_path: Path, value: str) -> None:
    made = module(tmp_path, f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}')
    assert policy_of(made.resources()[0].attributes["policy"].expression, made) is UNKNOWN
    assert list(policies(made)) == []


def test_parts_that_cannot_be_told_are_unknown_and_the_rest_is_not(tmp_path: Path) -> None:
    first = '{ Effect = var.e, Action = var.a, Resource = ["*", var.r], Principal = "*" }'
    text = f"jsonencode({{ Statement = [{first}, var.s] }})"
    policy = only(tmp_path, f'resource "aws_iam_policy" "p" {{\n  policy = {text}\n}}')
    (one,) = policy.statements
    assert not policy.complete and not one.allows
    assert (one.effect, one.actions, one.resources) == (UNKNOWN, UNKNOWN, ("*", UNKNOWN))
    assert one.principals == (("*", "*"),)


def test_a_reference_to_one_thing_is_one_value_and_another_may_be_many(tmp_path: Path) -> None:
    text = "jsonencode({ Statement = [{ Resource = %s }] })"
    one, many = (
        only(tmp_path / str(number), f'resource "aws_iam_policy" "p" {{\n  policy = {text % resource}\n}}')
        for number, resource in enumerate(("aws_s3_bucket.b[0].arn", "aws_s3_bucket.b[*].arn"))
    )
    assert one.statements[0].resources == (Reference(("aws_s3_bucket", "b", "arn"), indexed=True),)
    assert many.statements[0].resources is UNKNOWN


def test_documents_that_others_are_merged_into_are_not_complete(tmp_path: Path) -> None:
    merged = 'data "aws_iam_policy_document" "d" {\n  source_policy_documents = [var.x]\n}'
    assert not only(tmp_path, merged).complete
    statement = 'dynamic "statement" {\n    for_each = var.x\n    content {}\n  }'
    made = f'data "aws_iam_policy_document" "d" {{\n  {statement}\n}}'
    assert not only(tmp_path / "dynamic", made).complete


MADE = """
variable "public" {
  default = %s
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.public ? [1] : []
    content {
      actions = ["s3:GetObject"]
    }
  }
}
"""


def test_a_statement_that_there_is_none_of_by_default_is_none(tmp_path: Path) -> None:
    off = only(tmp_path / "off", MADE % "false")
    assert (off.statements, off.complete) == ((), False)
    (statement,) = only(tmp_path / "on", MADE % "true").statements
    assert statement.hangs_on_a_variable
    (perhaps,) = only(tmp_path / "unknown", MADE.replace("var.public ?", "var.x ?") % "true").statements
    assert perhaps.hangs_on_a_variable
