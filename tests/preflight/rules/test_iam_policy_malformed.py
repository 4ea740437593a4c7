"""A policy is one that IAM takes."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Stage
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-policy-malformed")

MINE = 'Effect = "Allow", Action = "s3:GetObject", Resource = "*"'
ITS = 'Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" }'
THEIRS = 'Effect = "Allow", Action = "s3:GetObject", Resource = "*", Principal = { AWS = "1" }'


def on(resource: str) -> str:
    return MINE.replace('"*"', resource)


def encoded(*statements: str, kind: str = "aws_iam_policy", argument: str = "policy", more: str = "") -> str:
    written = "\n".join(f"{{ {one} }}," for one in statements)
    return f'resource "{kind}" "p" {{\n{argument} = jsonencode({{ {more}Statement = [\n{written}\n]}})\n}}\n'


def dynamic(principals: str) -> str:
    inside = principals.replace("principals {", "content {")
    return f'    dynamic "principals" {{\n      for_each = var.p\n  {inside}    }}\n'


def bucket(principal: str) -> str:
    return encoded(THEIRS.replace('{ AWS = "1" }', principal), kind="aws_s3_bucket_policy")


def trust(statement: str) -> str:
    return encoded(statement, kind="aws_iam_role", argument="assume_role_policy")


def in_a_role(statement: str) -> str:
    policy = f"policy = jsonencode({{ Statement = [{{ {statement} }}] }})"
    return f'resource "aws_iam_role" "r" {{\n  inline_policy {{\n    {policy}\n  }}\n}}\n'


def document(inside: str, use: str = "aws_iam_policy.policy") -> str:
    kind, _, argument = use.partition(".")
    used = f'resource "{kind}" "u" {{\n  {argument} = data.aws_iam_policy_document.p.json\n}}\n' if use else ""
    return f'data "aws_iam_policy_document" "p" {{\n  statement {{\n{inside}  }}\n}}\n{used}'


def heredoc(text: str, kind: str = "aws_iam_policy", argument: str = "policy") -> str:
    return f'resource "{kind}" "p" {{\n  {argument} = <<EOT\n{text}\nEOT\n}}\n'


TRUST = "aws_iam_role.assume_role_policy"
ACTION = '    actions = ["s3:GetObject"]\n'
MAYBE = "    resources = var.x\n"
EMPTY = 'variable "e" {\n  default = ""\n}\n'
RESOURCE = '    resources = ["*"]\n'
SERVICE = '    principals {\n      type = "Service"\n      identifiers = ["ec2.amazonaws.com"]\n    }\n'
OVERRULED = "  override_policy_documents = [var.x]\n  statement"
NULL = 'variable "n" { default = null }\n'
BUCKET = 'resource "aws_s3_bucket" "b" {\n}\n'


def either() -> str:
    inside = f'content {{\n      sid = "A"\n{ACTION}{RESOURCE}    }}\n  }}\n'
    made = (
        f'  dynamic "statement" {{\n    for_each = {one}\n    {inside}'
        for one in ("var.x ? [1] : []", "var.x ? [] : [1]")
    )
    used = 'resource "aws_iam_policy" "u" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
    return f'data "aws_iam_policy_document" "p" {{\n{"".join(made)}}}\n{used}'


STATEMENTS = [
    ("what is needed", encoded(MINE), False),
    ("no effect", encoded(MINE.replace('Effect = "Allow", ', "")), True),
    ("another effect", encoded(MINE.replace("Allow", "allow")), True),
    ("an effect that is not known", encoded(MINE.replace('"Allow"', "var.x")), False),
    ("no action", encoded(MINE.replace("Action =", "Actions =")), True),
    ("all actions but one", encoded(MINE.replace("Action =", "NotAction =")), False),
    ("letters of any case", encoded(MINE.replace("Action =", "action =")), False),
    ("an action of no service", encoded(MINE.replace("s3:GetObject", "GetObject")), True),
    ("every action", encoded(MINE.replace("s3:GetObject", "*")), False),
    ("no resource", encoded(MINE.replace("Resource =", "Resources =")), True),
    ("a resource that may be null", encoded(on("var.n")) + NULL, False),
    ("somebody else", encoded(THEIRS), True),
    ("a name instead of an ARN", encoded(on('"documents"')), True),
    ("a bucket's name", encoded(on("aws_s3_bucket.b.id")) + BUCKET, True),
    ("a bucket's name and keys", encoded(on('["${aws_s3_bucket.b.bucket}/*"]')) + BUCKET, True),
    ("a bucket's ARN and keys", encoded(on('["${aws_s3_bucket.b.arn}/*"]')) + BUCKET, False),
    ("an ARN made up of a name", encoded(on('"arn:aws:s3:::${aws_s3_bucket.b.id}"')) + BUCKET, False),
    ("an ARN of no known partition", encoded(on('"${var.p}:s3:::documents"')), False),
    ("a name with a blank", encoded(f'Sid = "read all", {MINE}'), True),
    ("a name", encoded(f'Sid = "ReadAll1", {MINE}'), False),
    ("two of a name", encoded(f'Sid = "A", {MINE}', f'Sid = "A", {MINE}'), True),
    ("two of a name, of which there is one", either(), False),
    ("two without a name", encoded(f'Sid = "", {MINE}', f'Sid = "", {MINE}'), False),
    ("a version that there is not", encoded(MINE, more='Version = "2012-10-07", '), True),
    ("a version that there is", encoded(MINE, more='Version = "2012-10-17", '), False),
    ("a role's trust", trust(ITS), False),
    ("trust in a resource", trust(f'{ITS}, Resource = "*"'), True),
    ("trust in nobody", trust('Effect = "Allow", Action = "sts:AssumeRole"'), True),
    ("a bucket's", encoded(f'Sid = "of theirs", {THEIRS}', kind="aws_s3_bucket_policy"), False),
    ("a bucket's, for nobody", encoded(MINE, kind="aws_s3_bucket_policy"), True),
    ("a bucket's, for a pattern", bucket('{ AWS = "arn:aws:iam::*:role/reads" }'), True),
    ("a bucket's, for everyone", bucket('"*"'), False),
    ("a bucket's, for all of AWS", bucket('{ AWS = ["*"] }'), False),
    ("a bucket's, for no type", bucket('"arn:aws:iam::111122223333:root"'), True),
    ("a bucket's, for a list", bucket('["a", "*"]'), True),
    ("a bucket's, for another type", bucket('{ User = "111122223333" }'), True),
    ("a bucket's, for what is not known", bucket("var.x"), False),
    ("something else's", encoded('Resource = "*"', kind="aws_organizations_thing"), False),
    ("in a role", in_a_role(THEIRS), True),
    ("a document", document(ACTION + RESOURCE), False),
    ("a document without resources", document(ACTION), True),
    ("with some that may be null", document(ACTION + MAYBE), False),
    ("with what is left of an ARN", document(ACTION + '    resources = ["${var.e}/*"]\n') + EMPTY, False),
    ("with a principal", document(ACTION + RESOURCE + SERVICE), True),
    ("with a principal that there may be", document(ACTION + RESOURCE + dynamic(SERVICE)), False),
    ("of a role's trust, for whom there may be", document(ACTION + dynamic(SERVICE), TRUST), False),
    ("of a role's trust, with what may be null", document(ACTION + SERVICE + MAYBE, TRUST), False),
    ("of a role's trust", document('    actions = ["sts:AssumeRole"]\n' + SERVICE, TRUST), False),
    ("of a role's trust, with resources", document(ACTION + RESOURCE + SERVICE, TRUST), True),
    ("a document that is merged into others", document(ACTION, ""), False),
    ("one that others overrule", document(ACTION).replace("  statement", OVERRULED), False),
    ("JSON", heredoc('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'), False),
    ("JSON without an effect", heredoc('{"Statement": {"Action": "s3:*", "Resource": "*"}}'), True),
]


@pytest.mark.parametrize(("hcl", "wrong"), [case[1:] for case in STATEMENTS], ids=[case[0] for case in STATEMENTS])
def test_a_statement_that_iam_refuses_is_found(tmp_path: Path, hcl: str, *, wrong: bool) -> None:
    found = checked(tmp_path, hcl, RULE).findings
    assert len(found) == wrong
    assert all(one.stage is Stage.APPLY for one in found)


def test_a_finding_is_at_its_statement(tmp_path: Path) -> None:
    assert at(checked(tmp_path, encoded(MINE, THEIRS), RULE).findings) == [(4, 1)]


@pytest.mark.parametrize(
    ("hcl", "certain"),
    [
        (encoded(on('"documents"')), True),
        (encoded(on("var.b")) + 'variable "b" {\n  default = "documents"\n}\n', False),
        (document(ACTION + '    resources = ["documents"]\n'), True),
        (document(ACTION + "    resources = [var.b]\n") + 'variable "b" {\n  default = "documents"\n}\n', False),
    ],
)
def test_what_hangs_on_a_variable_says_so(tmp_path: Path, hcl: str, *, certain: bool) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.certain is certain


TEXTS = [
    ("a comma too many", '{"Statement": [{"Effect": "Allow",}]}', Stage.VALIDATE),
    ("a comma too few", '{"Version": "2012-10-17" "Statement": []}', Stage.VALIDATE),
    ("it ends too early", '{"Statement": [', Stage.VALIDATE),
    ("a comma too many after what is not known", '{"Statement": [{"Resource": "${var.x}",}]}', Stage.PLAN),
    ("a part that may be anything", '{"Statement": ${var.x}', None),
    ("a part that may be text", '{"Statement": [], "Id": "${var.x}"}', None),
    ("a part that may be more of a list", '{"Statement": [{"Resource": ["${join("\\",\\"", var.x)}"]}]}', None),
    ("no object", "everyone", None),
    ("nothing", "", None),
]


@pytest.mark.parametrize(("text", "stage"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_text_that_is_no_json_whatever_its_unknown_parts_are_is_found(
    tmp_path: Path, text: str, stage: Stage | None
) -> None:
    found = [one for one in checked(tmp_path, heredoc(text), RULE).findings if "no JSON" in one.message]
    assert [one.stage for one in found] == ([] if stage is None else [stage])
    assert at(found) == ([] if stage is None else [(2, 3)])


def test_another_language_is_not_read_as_json(tmp_path: Path) -> None:
    assert checked(tmp_path, heredoc("{ path = 1 }", kind="vault_policy"), RULE).findings == ()
