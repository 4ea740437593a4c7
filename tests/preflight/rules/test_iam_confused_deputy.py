"""Services are trusted for this account only, where AWS says how."""

from pathlib import Path

import pytest

from docferry.preflight.rules.iam_confused_deputy import DOCUMENTED
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-confused-deputy")


def condition(key: str, *, dynamic: bool = False) -> str:
    body = f'test = "StringEquals"\n variable = "{key}"\n values = ["1"]'
    return (
        f'dynamic "condition" {{\n for_each = var.x\n content {{\n{body}\n}}\n}}'
        if dynamic
        else f"condition {{\n{body}\n}}"
    )


def trust(service: str, rest: str = "", action: str = "sts:AssumeRole") -> str:
    return (
        f'data "aws_iam_policy_document" "t" {{\n  statement {{\n    actions = ["{action}"]\n'
        f'    principals {{\n      type = "Service"\n      identifiers = ["{service}"]\n    }}\n{rest}\n  }}\n}}\n'
    )


def permission(rest: str, principal: str = '"s3.amazonaws.com"', action: str = '"lambda:InvokeFunction"') -> str:
    return f'resource "aws_lambda_permission" "p" {{\n  action = {action}\n  principal = {principal}\n{rest}\n}}\n'


STATES = "states.amazonaws.com"
CASES = [
    ("a service", trust(STATES), [(2, 3)]),
    ("of a region", trust("states.eu-central-1.amazonaws.com"), [(2, 3)]),
    ("of a region that is not known", trust("states.${var.r}.amazonaws.com"), [(2, 3)]),
    ("for an account", trust(STATES, condition("aws:SourceAccount")), []),
    ("for a resource", trust(STATES, condition("AWS:sourcearn")), []),
    ("for an organization", trust(STATES, condition("aws:SourceOrgID")), []),
    ("on another condition", trust(STATES, condition("sts:ExternalId")), [(2, 3)]),
    ("on one that may be there", trust(STATES, condition("aws:SourceAccount", dynamic=True)), []),
    ("a service that AWS says nothing of", trust("lambda.amazonaws.com"), []),
    ("a name that looks like one", trust("states.example.com"), []),
    ("another action", trust(STATES, action="sqs:SendMessage"), []),
    ("denied", trust(STATES, '    effect = "Deny"'), []),
    (
        "encoded",
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({\n    Statement = [{\n      '
        'Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" }\n'
        "    }]\n  })\n}",
        [(3, 18)],
    ),
    ("a function", permission(""), [(1, 1)]),
    ("a function for a resource", permission("  source_arn = aws_s3_bucket.b.arn"), []),
    ("a function for an account", permission("  source_account = var.account"), []),
    ("a function and another account", permission("", '"123456789012"'), []),
    ("a function and who is not known", permission("", "var.x"), []),
    ("a function's every action", permission("", action='"lambda:*"'), [(1, 1)]),
    (
        "what a copy at the edge is made of",
        permission("", '"edgelambda.amazonaws.com"', '"lambda:GetFunction"'),
        [],
    ),
    ("a function and what is not known", permission("", action="var.x"), []),
    ("a skill", permission("", '"alexa-appkit.amazon.com"'), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_services_trusted_for_everyone_are_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_is_claimed_of_a_service_is_on_a_page_of_aws(tmp_path: Path) -> None:
    for service, page in DOCUMENTED.items():
        (found,) = checked(tmp_path / service, trust(f"{service}.amazonaws.com"), RULE).findings
        assert page in found.fix
        assert page.startswith("https://docs.aws.amazon.com/")
