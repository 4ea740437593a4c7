"""A role that trusts an identity provider of everybody's says whom of them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Unknown, Value
from docferry.preflight.policies import Condition, Statement
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._patterns import matches, shape

_ASSUME = "sts:AssumeRoleWithWebIdentity"


class Provider(NamedTuple):
    """An identity provider: who its users are, the claims that tell them apart, and what `sub` must begin with."""

    users: str
    claims: tuple[str, ...]
    subject: re.Pattern[str] | None = None


_PROVIDERS = {
    "token.actions.githubusercontent.com": Provider(
        "every repository of GitHub",
        ("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
        re.compile(r"[a-z_]+:[^*?/:]+[/:]"),
    ),
    "gitlab.com": Provider(
        "every project of GitLab",
        ("sub", "project_path", "project_id", "namespace_path", "namespace_id"),
        re.compile(r"[a-z_]+:[^*?/:]+[/:]"),
    ),
    "app.terraform.io": Provider(
        "every organization of HCP Terraform", ("sub",), re.compile(r"organization:[^*?:]+:")
    ),
}


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for trust in a provider that everybody may have an identity of, without a condition on whose it is."""
    for grant in grants(module):
        statement = grant.statement
        for host in _hosts(statement, module):
            found = _fault(statement, host)
            if found:
                message, severity, stage = found
                yield RULE.finding(at=statement, message=message, fix=_fix(host), severity=severity, stage=stage)


def _hosts(statement: Statement, module: Module) -> Iterator[str]:
    held, actions = statement.principals, statement.actions
    if isinstance(held, Unknown) or isinstance(actions, Unknown):
        return
    if any(isinstance(one, str) and matches(one, _ASSUME) for one in actions):
        yield from (host for kind, value in held if kind == "Federated" and (host := _host(value, module)))


def _host(value: Value, module: Module) -> str:
    """Return which of the providers a principal is, or nothing."""
    block = module.resolve(value) if isinstance(value, Reference) else None
    if block is not None:
        value = block.value("url")
    name = re.split(r"oidc-provider/|://", shape(value) or "")[-1].rstrip("/")
    return name if name in _PROVIDERS else ""


def _fault(statement: Statement, host: str) -> tuple[str, Severity, Stage] | None:
    conditions, provider = statement.conditions, _PROVIDERS[host]
    if isinstance(conditions, Unknown):
        return None
    on_claims = [one for one in conditions if _claim(one, host) in provider.claims]
    if not on_claims:
        return f"{provider.users} may assume the role", Severity.HIGH, Stage.NEVER
    for one in on_claims:
        values = [] if isinstance(one.values, Unknown) else [each for each in one.values if isinstance(each, str)]
        literal = one.test.lower().rpartition(":")[2] in ("stringequals", "stringequalsignorecase")
        if literal and any("*" in each or "?" in each for each in values):
            message = f"nobody may assume the role: for `{one.test}` a `*` is no pattern"
            return message, Severity.MEDIUM, Stage.RUN
        if _claim(one, host) == "sub" and "like" in one.test.lower() and provider.subject:
            wide = [each for each in values if "*" in each and not provider.subject.match(each)]
            if wide:
                return f"`{wide[0]}` lets in whoever takes a name that fits", Severity.HIGH, Stage.NEVER
    return None


def _claim(condition: Condition, host: str) -> str:
    """Return the claim that a condition is on, in lower case, or nothing."""
    before, _, claim = condition.key.rpartition(":")
    return claim.lower() if before.lower() == host else ""


def _fix(host: str) -> str:
    return f"Add a condition `StringLike` of `{host}:sub` with the whole name of the owner, and then a pattern."


RULE = Rule(
    id="iam-shared-provider",
    title="Role for everybody of an identity provider",
    severity=Severity.HIGH,
    stage=Stage.NEVER,
    why="The provider signs tokens for all its customers. That the audience is `sts.amazonaws.com` says nothing: "
    "everybody may ask for it.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    check=check,
)
