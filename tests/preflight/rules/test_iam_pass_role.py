"""Roles are passed on by name, to a service that is named."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule
from tests.preflight.rules.test_iam_wildcard_action import document, encoded

RULE = rule("iam-pass-role")
LOW, MEDIUM = Severity.LOW, Severity.MEDIUM
TO = (
    '\n    condition {\n      test = "StringEquals"\n      variable = "iam:PassedToService"\n'
    '      values = ["x"]\n    }'
)


def passing(resources: str, rest: str = "", action: str = "iam:PassRole") -> str:
    return document(f'    actions = ["{action}"]\n    resources = {resources}{rest}')


def role(*services: str) -> str:
    names = ", ".join(f'"{one}.amazonaws.com"' for one in services)
    return (
        '\nresource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", '
        f'Action = "sts:AssumeRole", Principal = {{ Service = [{names}] }} }}] }})\n}}\n'
    )


ROLE = "[aws_iam_role.r.arn]"
CASES = [
    ("every role", passing('["*"]'), [MEDIUM]),
    ("every role to one service", passing('["*"]', TO), [MEDIUM]),
    ("every role of an account", passing('["arn:aws:iam::1:role/*"]'), [MEDIUM]),
    ("of this account", passing('["arn:aws:iam::${data.aws_caller_identity.c.account_id}:role/*"]'), [MEDIUM]),
    ("of this partition", passing('["arn:${data.aws_partition.c.partition}:iam::${var.a}:role/*"]'), [MEDIUM]),
    ("any that fits", passing('["arn:aws:iam::1:role/app-*"]'), [MEDIUM]),
    ("any that fits to one service", passing('["arn:aws:iam::1:role/app-*"]', TO), []),
    ("one in any account", passing('["arn:aws:iam::*:role/app"]'), [LOW]),
    ("one by name", passing('["arn:aws:iam::1:role/app"]'), [LOW]),
    ("one to one service", passing('["arn:aws:iam::1:role/app"]', TO), []),
    ("one that one service may have", passing(ROLE) + role("lambda"), []),
    ("one that two services may have", passing(ROLE) + role("lambda", "ec2"), [LOW]),
    ("by a pattern", passing('["*"]', action="iam:Pass*"), [MEDIUM]),
    ("whatever the case", passing('["*"]', action="iam:passrole"), [MEDIUM]),
    ("all of IAM, which is another's", passing('["*"]', action="iam:*"), []),
    ("something else", passing('["*"]', action="iam:GetRole"), []),
    ("not known which", passing("var.x"), []),
    ("denied", passing('["*"]', '\n    effect = "Deny"'), []),
    ("encoded", encoded('Effect = "Allow", Action = "iam:PassRole", Resource = "*"'), [MEDIUM]),
    (
        "encoded, to one service",
        encoded(
            'Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::1:role/a", '
            'Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }'
        ),
        [],
    ),
    (
        "by dynamic, on a condition that is not known",
        passing(
            '["arn:aws:iam::1:role/a"]',
            '\n    dynamic "condition" {\n      for_each = var.x\n      content {}\n    }',
        ),
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_roles_that_may_be_passed_too_freely_are_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_the_place_is_that_of_the_statement(tmp_path: Path) -> None:
    assert at(checked(tmp_path, passing('["*"]'), RULE).findings) == [(2, 3)]
