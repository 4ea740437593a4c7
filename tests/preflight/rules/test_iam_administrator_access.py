"""A policy of AWS's own that is attached does not allow everything."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-administrator-access")
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM

ALL = '"arn:aws:iam::aws:policy/AdministratorAccess"'


def role(principal: str = '{ Service = "lambda.amazonaws.com" }', more: str = "") -> str:
    statement = f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {principal} }}'
    return (
        f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({{ Statement = [{statement}] }})\n'
        f"{more}}}\n"
    )


def attached(arn: str = ALL, kind: str = "role", to: str = "aws_iam_role.r.name") -> str:
    return f'resource "aws_iam_{kind}_policy_attachment" "a" {{\n  {kind} = {to}\n  policy_arn = {arn}\n}}\n'


def managed(argument: str) -> str:
    return f'data "aws_iam_policy" "p" {{\n  {argument}\n}}\n'


ACCOUNT = role('{ AWS = "arn:aws:iam::111122223333:root" }')
OFF = 'variable "off" {\n  default = false\n}\n'
CASES = [
    ("a function", attached() + role(), [HIGH]),
    ("somebody of an account", attached() + ACCOUNT, [MEDIUM]),
    ("a group", attached(kind="group", to='"admins"'), [MEDIUM]),
    ("whoever may have a role from elsewhere", attached(to='"deploys"'), [MEDIUM]),
    ("in the role", role(more=f"  managed_policy_arns = [{ALL}]\n"), [HIGH]),
    ("of another partition", attached(ALL.replace("aws", "aws-cn", 1)), [MEDIUM]),
    ("of a partition that is not known", attached(ALL.replace("arn:aws:", "arn:${var.p}:")), [MEDIUM]),
    ("by name", attached("data.aws_iam_policy.p.arn") + managed('name = "AdministratorAccess"'), [MEDIUM]),
    ("by ARN", attached("data.aws_iam_policy.p.arn") + managed(f"arn = {ALL}"), [MEDIUM]),
    ("what gives permissions", attached(ALL.replace("Administrator", "IAMFull")), [MEDIUM]),
    ("what only reads", attached(ALL.replace("Administrator", "ReadOnly")) + role(), []),
    ("one's own of a longer name", attached(ALL.replace("Access", "AccessToNothing")) + role(), []),
    ("one's own of the same name", attached(ALL.replace(":aws:p", ":111122223333:p")) + role(), []),
    ("unless asked otherwise", attached().replace("{\n", "{\n  count = var.off ? 1 : 0\n") + OFF, []),
    ("not known", attached("var.p") + role(), []),
    ("a limit", role(more=f"  permissions_boundary = {ALL}\n"), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_allows_everything_is_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_a_finding_is_at_the_argument_and_says_whether_it_hangs_on_a_variable(tmp_path: Path) -> None:
    result = checked(tmp_path, attached("var.p") + f'variable "p" {{\n  default = {ALL}\n}}\n', RULE)
    assert at(result.findings) == [(3, 3)]
    assert not result.findings[0].certain
    result = checked(tmp_path, attached().replace("{\n", "{\n  count = var.x ? 1 : 0\n"), RULE)
    assert not result.findings[0].certain
