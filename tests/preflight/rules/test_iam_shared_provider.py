"""A role that trusts an identity provider of everybody's says whom of them."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
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


def also(claim: str, value: str, sub: str) -> str:
    equals = f'StringEquals = {{ "{GITHUB}:{claim}" = "{value}" }}'
    return f', Condition = {{ {equals}, StringLike = {{ "{GITHUB}:sub" = "{sub}" }} }}'


def unless(pattern: str, sub: str) -> str:
    return also("sub", pattern, sub).replace("StringEquals", "StringNotLike")


def equal(*values: str) -> str:
    return on("sub", '", "'.join(values), "StringEquals").replace('= "', '= ["', 1).replace('" }', '"] }', 1)


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
    (
        "an owner by another claim, which IAM refuses",
        trust(on("repository_owner", "acme", "StringEquals")),
        [HIGH],
    ),
    ("an owner by another claim besides", trust(also("repository_owner_id", "65", "repo:*:environment:prod")), []),
    ("an owner by another claim within it", trust(on("sub", "repo:*:repository_owner_id:65:*")), []),
    ("an owner with a number", trust(on("sub", "repo:acme@*/store@*:*")), []),
    ("a workflow that others may call", trust(on("job_workflow_ref", "acme/flows/.github/workflows/a.yml@*")), []),
    ("a repository, but for what others propose", trust(unless("*:pull_request", "repo:acme/store:*")), []),
    ("any but one's own", trust(on("sub", "repo:acme/*", "StringNotLike")), [HIGH]),
    ("any that has a name", trust(on("sub", "false", "Null")), [HIGH]),
    ("all that are repositories", trust(on("sub", "repo:*")), [HIGH]),
    ("owners that begin like it", trust(on("sub", "repo:acme*")), [HIGH]),
    ("everything", trust(on("sub", "*")), [HIGH]),
    ("a pattern that is none", trust(on("sub", "repo:acme/store:*", "StringEquals")), [MEDIUM]),
    (
        "a pattern that is none beside a name",
        trust(equal("repo:acme/store:*", "repo:acme/store:pull_request")),
        [],
    ),
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


@pytest.mark.parametrize(
    ("hcl", "stage"),
    [
        (trust(), Stage.APPLY),
        (trust(on("sub", "*")), Stage.APPLY),
        (trust(on("repository", "acme/store", "StringEquals")), Stage.APPLY),
        (trust(on("sub", "repo:*")), Stage.NEVER),
        (trust(on("sub", "repo:acme/*", "StringEquals")), Stage.RUN),
    ],
)
def test_what_iam_refuses_fails_when_the_role_is_made(tmp_path: Path, hcl: str, stage: Stage) -> None:
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.stage is stage


def test_what_hangs_on_a_variable_says_so(tmp_path: Path) -> None:
    by_default = trust(on("sub", "${var.s}")) + 'variable "s" {\n  default = "repo:*"\n}\n'
    (found,) = checked(tmp_path, by_default, RULE).findings
    assert not found.certain


def test_a_finding_is_at_its_statement(tmp_path: Path) -> None:
    assert at(checked(tmp_path, trust(), RULE).findings) == [(3, 18)]
