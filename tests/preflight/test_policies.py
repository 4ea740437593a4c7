"""The policies of a module, and those of a role."""

from pathlib import Path

import pytest

from docferry.preflight.policies import granted_by, policies, policies_of, policy_of
from docferry.preflight.policy import Policy
from tests.preflight.checking import module

DOCUMENT = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""
ROLE = 'resource "aws_iam_role" "r" {\n  name = "a"\n%s}\n'
ALLOWED = """jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })"""
INLINE = f"  inline_policy {{\n    policy = {ALLOWED}\n  }}\n"
OWN = f'resource "aws_iam_role_policy" "p" {{\n  role = ROLE\n  policy = {ALLOWED}\n}}\n'
MANAGED = f'resource "aws_iam_policy" "m" {{\n  policy = {ALLOWED}\n}}\n'
ONE = 'resource "aws_iam_role_policy_attachment" "p" {\n  role = ROLE\n  policy_arn = ARN\n}\n'
MANY = 'resource "aws_iam_policy_attachment" "p" {\n  roles = [ROLE]\n  policy_arn = ARN\n}\n'
ALONE = (
    'resource "aws_iam_role_policy_attachments_exclusive" "p" {\n  role_name = ROLE\n  policy_arns = [ARN]\n}\n'
)
REFERENCE, OTHER, BY_AWS = "aws_iam_role.r.id", "aws_iam_role.s.id", '"arn:aws:iam::aws:policy/ReadOnlyAccess"'
ATTACHED = {
    "in the role": (ROLE % INLINE, [(True, True)]),
    "perhaps in the role": (
        ROLE % f'  dynamic "inline_policy" {{\n    for_each = var.x\n    content {{\n      policy = {ALLOWED}\n'
        "    }\n  }\n",
        [(True, False)],
    ),
    "for the role": (ROLE % "" + OWN.replace("ROLE", REFERENCE), [(True, True)]),
    "for the role, by name": (ROLE % "" + OWN.replace("ROLE", '"a"'), [(True, True)]),
    "for a role of another name": (ROLE % "" + OWN.replace("ROLE", '"b"'), []),
    "for another role": (
        ROLE % "" + (ROLE % "").replace('"r"', '"s"') + OWN.replace("ROLE", OTHER),
        [],
    ),
    "for a role that is not known": (ROLE % "" + OWN.replace("ROLE", "var.x"), [(True, False)]),
    "attached": (
        ROLE % "" + MANAGED + ONE.replace("ROLE", REFERENCE).replace("ARN", "aws_iam_policy.m.arn"),
        [(True, True)],
    ),
    "attached with others": (
        ROLE % "" + MANAGED + MANY.replace("ROLE", REFERENCE).replace("ARN", "aws_iam_policy.m.arn"),
        [(True, True)],
    ),
    "attached alone": (
        ROLE % "" + MANAGED + ALONE.replace("ROLE", REFERENCE).replace("ARN", "aws_iam_policy.m.arn"),
        [(True, True)],
    ),
    "attached alone to another": (
        ROLE % "" + MANAGED + ALONE.replace("ROLE", '"b"').replace("ARN", "aws_iam_policy.m.arn"),
        [],
    ),
    "attached, of AWS": (ROLE % "" + ONE.replace("ROLE", REFERENCE).replace("ARN", BY_AWS), [(False, True)]),
    "by the role itself": (
        ROLE % f"  managed_policy_arns = [aws_iam_policy.m.arn, {BY_AWS}]\n" + MANAGED,
        [(True, True), (False, True)],
    ),
}


@pytest.mark.parametrize(("hcl", "expected"), ATTACHED.values(), ids=list(ATTACHED))
def test_a_role_has_the_policies_that_are_written_in_it_for_it_or_attached(
    tmp_path: Path, hcl: str, expected: list[tuple[bool, bool]]
) -> None:
    made = module(tmp_path, hcl)
    role = made.resolve("aws_iam_role.r")
    assert role is not None
    found = list(policies_of(role, made))
    assert [(isinstance(one.policy, Policy), one.sure) for one in found] == expected
    held = granted_by([one.policy for one in found])
    assert len(held.statements) == sum(known for known, _ in expected)
    assert held.complete is all(known for known, _ in expected)


def test_a_document_is_given_once_and_found_where_it_is_used(tmp_path: Path) -> None:
    use = 'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}'
    made = module(tmp_path, DOCUMENT + use)
    assert [(block.address, name) for _, block, name in policies(made)] == [("data.aws_iam_policy_document.d", "")]
    found = policy_of(made.resources()[0].attributes["policy"].expression, made)
    assert isinstance(found, Policy) and found.address == "data.aws_iam_policy_document.d"
