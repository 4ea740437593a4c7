"""Policies name the actions that are needed."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-wildcard-action")
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM


def document(statement: str, rest: str = "") -> str:
    return f'data "aws_iam_policy_document" "p" {{\n  statement {{\n{statement}\n  }}\n}}\n{rest}'


def encoded(statement: str, kind: str = "aws_iam_policy", argument: str = "policy") -> str:
    return (
        f'resource "{kind}" "p" {{\n  {argument} = jsonencode({{\n    Statement = [\n'
        f"      {{ {statement} }}\n    ]\n  }})\n}}\n"
    )


ALL = '    actions = ["*"]\n    resources = ["*"]'
KMS = (
    '    actions = ["kms:*"]\n    resources = ["*"]\n'
    '    principals {\n      type = "AWS"\n      identifiers = ["arn:aws:iam::1:root"]\n    }'
)
SEARCH = document(
    '    actions = ["es:*"]\n    resources = ["arn:aws:es:eu-central-1:${var.account}:domain/search/*"]\n'
    '    principals {\n      type = "AWS"\n      identifiers = ["*"]\n    }'
)
GIVEN = "  access_policies = data.aws_iam_policy_document.p.json\n"


def domain(inside: str, kind: str = "aws_opensearch_domain") -> str:
    return f'resource "{kind}" "d" {{\n{inside}}}\n'


IN_VPC = "  vpc_options {\n    subnet_ids = var.s\n  }\n"
GIVEN_TO = 'resource "aws_opensearch_domain_policy" "p" {\n  domain_name = aws_opensearch_domain.d.domain_name\n'
CASES = [
    ("everything", document(ALL), [HIGH]),
    ("whoever reaches a domain", SEARCH + domain(GIVEN), [HIGH]),
    ("whoever reaches a domain in a VPC", SEARCH + domain(GIVEN + IN_VPC), []),
    ("the same apart", SEARCH + domain(IN_VPC) + GIVEN_TO + GIVEN + "}\n", []),
    ("the same of a former name", SEARCH + domain(GIVEN + IN_VPC, "aws_elasticsearch_domain"), []),
    (
        "whoever has a name and a password",
        SEARCH + domain(GIVEN + "  advanced_security_options {\n    enabled = true\n  }\n"),
        [],
    ),
    (
        "whoever has none",
        SEARCH + domain(GIVEN + "  advanced_security_options {\n    enabled = false\n  }\n"),
        [HIGH],
    ),
    ("the domain itself, too", SEARCH.replace("/search/*", "/*") + domain(GIVEN + IN_VPC), [HIGH]),
    ("everything on something", document('    actions = ["*"]\n    resources = ["arn:aws:s3:::b"]'), [MEDIUM]),
    ("everything on something not known", document('    actions = ["*"]\n    resources = var.x'), [HIGH]),
    (
        "everything on a condition",
        document(
            ALL + '\n    condition {\n      test = "Bool"\n      variable = "aws:x"\n      values = ["a"]\n    }'
        ),
        [MEDIUM],
    ),
    ("everything denied", document('    effect = "Deny"\n' + ALL), []),
    ("allowed or denied", document("    effect = var.x\n" + ALL), []),
    ("a service", document('    actions = ["s3:*"]\n    resources = ["*"]'), [MEDIUM]),
    ("some of a service", document('    actions = ["s3:Get*"]\n    resources = ["*"]'), []),
    (
        "a service among others",
        document('    actions = ["s3:GetObject", "sqs:*"]\n    resources = ["*"]'),
        [MEDIUM],
    ),
    ("all but some", document('    not_actions = ["iam:*"]\n    resources = ["*"]'), [MEDIUM]),
    ("actions not known", document('    actions = var.x\n    resources = ["*"]'), []),
    ("through a local", document('    actions = local.x\n    resources = ["*"]', 'locals { x = ["*"] }'), [HIGH]),
    (
        "by dynamic",
        document(ALL).replace("  statement {", '  dynamic "statement" {\n    for_each=[1]\n content {') + "}",
        [HIGH],
    ),
    ("a key's own policy", document(KMS), []),
    (
        "everyone",
        document(KMS.replace("kms:*", "s3:*").replace("arn:aws:iam::1:root", "*")),
        [HIGH],
    ),
    ("encoded", encoded('Effect = "Allow", Action = "*", Resource = "*"'), [HIGH]),
    ("encoded, in a list", encoded('Effect = "Allow", Action = ["dynamodb:*"], Resource = "*"'), [MEDIUM]),
    ("encoded and denied", encoded('Effect = "Deny", Action = "*", Resource = "*"'), []),
    (
        "of a role",
        encoded('Effect = "Allow", Action = "*", Resource = "*"', "aws_iam_role_policy"),
        [HIGH],
    ),
    (
        "a heredoc",
        'resource "aws_iam_policy" "p" {\n  policy = <<EOF\n{"Statement": [{"Effect": "Allow", "Action": "*", '
        '"Resource": "${aws_s3_bucket.b.arn}/*"}]}\nEOF\n}',
        [MEDIUM],
    ),
    (
        "inline",
        'resource "aws_iam_role" "r" {\n  inline_policy {\n    policy = jsonencode({ Statement = { '
        'Effect = "Allow", Action = "*", Resource = "*" } })\n  }\n}',
        [HIGH],
    ),
    (
        "a service control policy",
        encoded('Effect = "Allow", Action = "*", Resource = "*"', "aws_organizations_policy", "content")
        + document(
            ALL, 'resource "aws_organizations_policy" "o" {\n  content = data.aws_iam_policy_document.p.json\n}'
        ),
        [],
    ),
    (
        "an endpoint",
        encoded('Effect = "Allow", Principal = "*", Action = "*", Resource = "*"', "aws_vpc_endpoint"),
        [],
    ),
    (
        "a service control policy that is shown, too",
        document(
            ALL,
            'resource "aws_organizations_policy" "o" {\n  content = data.aws_iam_policy_document.p.json\n}\n'
            'output "p" {\n  value = data.aws_iam_policy_document.p.json\n}\n',
        ),
        [],
    ),
    (
        "what is only shown",
        document(ALL, 'output "p" {\n  value = data.aws_iam_policy_document.p.json\n}\n'),
        [HIGH],
    ),
    (
        "an endpoint that a module makes",
        document(
            ALL + '\n    principals {\n      type = "*"\n      identifiers = ["*"]\n    }',
            'module "e" {\n  source = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n'
            "  endpoints = { s3 = { policy = data.aws_iam_policy_document.p.json } }\n}\n",
        ),
        [],
    ),
    (
        "what a session is narrowed to",
        encoded('Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::b/*"', "aws_transfer_user"),
        [],
    ),
    (
        "a boundary",
        document(
            ALL,
            'resource "aws_iam_policy" "b" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
            'resource "aws_iam_role" "r" {\n  permissions_boundary = aws_iam_policy.b.arn\n}\n',
        ),
        [],
    ),
    (
        "a boundary through a local, of a module, that a condition asks for",
        document(
            ALL,
            'resource "aws_iam_policy" "b" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
            "locals {\n  b = aws_iam_policy.b.arn\n}\n"
            "moved {\n  from = aws_iam_policy.a\n  to   = aws_iam_policy.b\n}\n"
            'output "b" {\n  value = local.b\n}\n'
            'module "m" {\n  source = "./m"\n  permissions_boundary_arn = aws_iam_policy.b.arn\n}\n'
            'resource "aws_iam_role" "r" {\n  permissions_boundary = var.x ? local.b : null\n}\n'
            'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["iam:CreateRole"]\n'
            '    resources = ["*"]\n    condition {\n      test = "StringEquals"\n'
            '      variable = "iam:PermissionsBoundary"\n      values = [aws_iam_policy.b.arn]\n    }\n  }\n}\n',
        ),
        [],
    ),
    (
        "a boundary for others",
        document(
            ALL,
            'resource "aws_iam_policy" "boundary" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
            'output "b" {\n  value = aws_iam_policy.boundary.arn\n}\n',
        ),
        [],
    ),
    (
        "a policy for others",
        document(
            ALL,
            'resource "aws_iam_policy" "b" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
            'output "b" {\n  value = aws_iam_policy.b.arn\n}\n',
        ),
        [HIGH],
    ),
    (
        "a boundary that is attached too",
        document(
            ALL,
            'resource "aws_iam_policy" "b" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
            'resource "aws_iam_role" "r" {\n  permissions_boundary = aws_iam_policy.b.arn\n}\n'
            'resource "aws_iam_role_policy_attachment" "a" {\n  policy_arn = aws_iam_policy.b.arn\n}\n',
        ),
        [HIGH],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_too_many_actions_are_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_the_place_is_that_of_the_statement(tmp_path: Path) -> None:
    assert at(checked(tmp_path / "1", document(ALL), RULE).findings) == [(2, 3)]
    written = encoded('Effect = "Allow", Action = "*", Resource = "*"')
    assert at(checked(tmp_path / "2", written, RULE).findings) == [(4, 7)]
