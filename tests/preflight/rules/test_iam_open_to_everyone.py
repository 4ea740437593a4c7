"""A policy says who is meant."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-open-to-everyone")
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM

EVERYONE = '{ AWS = "*" }'


def policy(kind: str, action: str, principal: str = EVERYONE, more: str = "", argument: str = "policy") -> str:
    statement = f'Effect = "Allow", Principal = {principal}, Action = "{action}", Resource = "*"{more}'
    return f'resource "{kind}" "p" {{\n  {argument} = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n'


def also(hcl: str, statement: str) -> str:
    return hcl.replace("}] })", f"}}, {{ {statement} }}] }})")


def permission(more: str = "", principal: str = '"*"') -> str:
    return f'resource "aws_lambda_permission" "p" {{\n  principal = {principal}\n{more}}}\n'


SEND = policy("aws_sqs_queue_policy", "sqs:SendMessage")
DOCUMENT = (
    'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["sqs:SendMessage"]\n'
    '    principals {\n      type = "*"\n      identifiers = ["*"]\n    }\n  }\n}\n'
)
MERGED = DOCUMENT.replace("  statement", "  source_policy_documents = [var.denied]\n  statement")
USED = 'resource "aws_sqs_queue_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
ON_A_CONDITION = ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }'
OFF = 'variable "off" {\n  default = false\n}\n'
TO_OTHERS = 'Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "*"' + ON_A_CONDITION.replace(
    "Equals", "NotEquals"
)
UNENCRYPTED = TO_OTHERS.replace("aws:PrincipalOrgID", "aws:SecureTransport")
CASES = [
    ("a queue", SEND, [MEDIUM]),
    ("a topic", policy("aws_sns_topic_policy", "sns:Subscribe"), [MEDIUM]),
    ("a role", policy("aws_iam_role", "sts:AssumeRole", argument="assume_role_policy"), [HIGH]),
    ("a key", policy("aws_kms_key", "kms:Decrypt"), [HIGH]),
    ("a secret", policy("aws_secretsmanager_secret_policy", "secretsmanager:GetSecretValue"), [HIGH]),
    ("a bucket to write to", policy("aws_s3_bucket_policy", "s3:PutObject"), [MEDIUM]),
    ("a bucket to read from", policy("aws_s3_bucket_policy", "s3:GetObject"), []),
    ("a bucket to read all versions from", policy("aws_s3_bucket_policy", "s3:GetObject*"), []),
    ("a bucket to find out of", policy("aws_s3_bucket_policy", "s3:GetBucketLocation"), []),
    ("a bucket for what is not known", policy("aws_s3_bucket_policy", "${var.x}"), []),
    ("an interface for the web", policy("aws_api_gateway_rest_api", "execute-api:Invoke"), []),
    ("everything: another rule's", policy("aws_sqs_queue_policy", "sqs:*"), []),
    ("everyone, whatever they are", policy("aws_sqs_queue_policy", "sqs:SendMessage", '"*"'), [MEDIUM]),
    ("one account", policy("aws_sqs_queue_policy", "sqs:SendMessage", '{ AWS = "111122223333" }'), []),
    ("a service", policy("aws_sqs_queue_policy", "sqs:SendMessage", '{ Service = "sns.amazonaws.com" }'), []),
    ("on a condition", policy("aws_sqs_queue_policy", "sqs:SendMessage", more=ON_A_CONDITION), []),
    (
        "on a condition that is not known",
        policy("aws_sqs_queue_policy", "sqs:Send", more=", Condition = var.c"),
        [],
    ),
    ("denied", SEND.replace("Allow", "Deny"), []),
    ("denied to others", also(SEND, TO_OTHERS), []),
    ("denied without encryption", also(SEND, UNENCRYPTED), [MEDIUM]),
    ("a document of a queue", DOCUMENT + USED, [MEDIUM]),
    ("a document that others are merged into", MERGED + USED, []),
    ("a document of nothing here", DOCUMENT, []),
    ("a function", permission(), [MEDIUM]),
    ("a function, for an organization", permission('  principal_org_id = "o-1"\n'), []),
    ("a function with an address", permission('  function_url_auth_type = "NONE"\n'), []),
    ("a function by its address alone", permission("  invoked_via_function_url = true\n"), []),
    ("a function, unless asked otherwise", permission("  count = var.off ? 1 : 0\n") + OFF, []),
    ("a queue, unless asked otherwise", SEND.replace("{\n", "{\n  count = var.off ? 1 : 0\n", 1) + OFF, []),
    ("a function, for a service", permission(principal='"sns.amazonaws.com"'), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_open_to_everyone_is_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_a_finding_is_at_its_statement_and_names_what_is_open(tmp_path: Path) -> None:
    result = checked(tmp_path, DOCUMENT + USED, RULE)
    assert at(result.findings) == [(2, 3)]
    assert "aws_sqs_queue_policy.p" in result.findings[0].message


@pytest.mark.parametrize(
    ("hcl", "certain"),
    [
        (DOCUMENT + USED, True),
        (DOCUMENT.replace('["*"]', "var.who") + USED + 'variable "who" {\n  default = ["*"]\n}\n', False),
        (DOCUMENT + USED.replace("{\n", "{\n  count = var.x ? 1 : 0\n", 1), False),
        (permission(), True),
        (permission(principal="var.who") + 'variable "who" {\n  default = "*"\n}\n', False),
    ],
)
def test_what_hangs_on_a_variable_says_so(tmp_path: Path, hcl: str, *, certain: bool) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.certain is certain
