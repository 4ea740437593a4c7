"""A role that trusts an identity provider of everybody's says whom of them."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("iam-shared-provider")
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM

GITHUB = "token.actions.githubusercontent.com"


def trust(condition: str = "", principal: str | None = None, action: str = "sts:AssumeRoleWithWebIdentity") -> str:
    who = principal or f'"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"'
    statement = f'Effect = "Allow", Action = "{action}", Principal = {{ Federated = {who} }}{condition}'
    return (
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({\n'
        f"    Statement = [{{ {statement} }}]\n  }})\n}}\n"
    )


def on(claim: str, value: str, test: str = "StringLike", host: str = GITHUB) -> str:
    return f', Condition = {{ "{test}" = {{ "{host}:{claim}" = "{value}" }} }}'


def provider(url: str = f"https://{GITHUB}") -> str:
    return f'resource "aws_iam_openid_connect_provider" "p" {{\n  url = "{url}"\n}}\n'


ITS = "aws_iam_openid_connect_provider.p.arn"
GITLAB = '"arn:aws:iam::111122223333:oidc-provider/gitlab.com"'
HCP = '"arn:aws:iam::111122223333:oidc-provider/app.terraform.io"'
CASES = [
    ("any repository", trust(), [HIGH]),
    ("any that asks for AWS", trust(on("aud", "sts.amazonaws.com", "StringEquals")), [HIGH]),
    ("a repository", trust(on("sub", "repo:acme/store:*")), []),
    ("a branch", trust(on("sub", "repo:acme/store:ref:refs/heads/main", "StringEquals")), []),
    ("an owner's", trust(on("sub", "repo:acme/*")), []),
    ("an owner by another claim", trust(on("repository_owner", "acme", "StringEquals")), []),
    ("all that are repositories", trust(on("sub", "repo:*")), [HIGH]),
    ("owners that begin like it", trust(on("sub", "repo:acme*")), [HIGH]),
    ("everything", trust(on("sub", "*")), [HIGH]),
    ("a pattern that is none", trust(on("sub", "repo:acme/store:*", "StringEquals")), [MEDIUM]),
    ("if it is one at all", trust(on("sub", "repo:*", "ForAllValues:StringLike")), [HIGH]),
    ("by a variable", trust(on("sub", "${var.s}")), []),
    ("on what is not known", trust(", Condition = var.c"), []),
    ("another's claim", trust(on("sub", "repo:acme/*", host="gitlab.com")), [HIGH]),
    ("a provider made here", trust(principal=ITS) + provider(), [HIGH]),
    ("a provider of one's own", trust(principal=ITS) + provider("https://login.acme.example"), []),
    ("a cluster's provider", trust(principal=ITS) + provider("https://oidc.eks.eu-west-1.amazonaws.com/id/1"), []),
    ("any project of GitLab", trust(principal=GITLAB), [HIGH]),
    ("a project of GitLab", trust(on("sub", "project_path:acme/store:*", host="gitlab.com"), GITLAB), []),
    ("any organization", trust(on("sub", "organization:*", host="app.terraform.io"), HCP), [HIGH]),
    ("an organization", trust(on("sub", "organization:acme:*", host="app.terraform.io"), HCP), []),
    ("a login by SAML", trust(action="sts:AssumeRoleWithSAML"), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_trust_in_everybody_of_a_provider_is_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_a_finding_is_at_its_statement(tmp_path: Path) -> None:
    assert at(checked(tmp_path, trust(), RULE).findings) == [(3, 18)]
