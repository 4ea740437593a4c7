"""A role that trusts an identity provider of everybody's says whom of them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Unknown, Value
from docferry.preflight.policy import Condition, Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._patterns import matches, shape

_ASSUME = "sts:AssumeRoleWithWebIdentity"


# The owner's name has ended where `/`, `:` or, before its number, `@` follows.
_OWNER = r"[a-z_]+:[^*?/:@]+[/:@]"
# What GitHub puts into `sub` besides, if told to.
_OWNER_LATER = r".*:repository(?:_owner)?(?:_id)?:[^*?/:]+(?:[/:]|$)"


class Provider(NamedTuple):
    """An identity provider: who its users are, the claims that tell them apart, and those that IAM asks for.

    `subject` is what `sub` must begin with.
    """

    users: str
    claims: tuple[str, ...]
    required: tuple[str, ...]
    subject: re.Pattern[str]


_PROVIDERS = {
    "token.actions.githubusercontent.com": Provider(
        "every repository of GitHub",
        ("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
        ("sub", "job_workflow_ref"),
        re.compile(f"{_OWNER}|{_OWNER_LATER}"),
    ),
    "gitlab.com": Provider(
        "every project of GitLab",
        ("sub", "project_path", "project_id", "namespace_path", "namespace_id"),
        ("sub",),
        re.compile(_OWNER),
    ),
    "app.terraform.io": Provider(
        "every organization of HCP Terraform", ("sub",), ("sub",), re.compile(r"organization:[^*?:]+:")
    ),
}
_LITERAL = re.compile("(?:for[a-z]+:)?stringequals(?:ignorecase)?", re.IGNORECASE)
# It tells only who is not meant, or whether there is such a claim.
_EXCLUDES = re.compile("not|^null$", re.IGNORECASE)


class Fault(NamedTuple):
    """What is wrong with a statement, and what comes of it."""

    message: str
    stage: Stage
    why: str
    severity: Severity = Severity.HIGH


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for trust in a provider that everybody may have an identity of, without a condition on whose it is."""
    for grant in grants(module):
        statement = grant.statement
        for host in _hosts(statement, module):
            found = _fault(statement, host)
            if found:
                yield RULE.finding(
                    at=statement,
                    message=found.message,
                    fix=_fix(host),
                    severity=found.severity,
                    stage=found.stage,
                    why=found.why,
                    certain=not statement.hangs_on_a_variable,
                )


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


def _fault(statement: Statement, host: str) -> Fault | None:
    conditions, provider = statement.conditions, _PROVIDERS[host]
    if isinstance(conditions, Unknown):
        return None
    claims = [one for one in conditions if _claim(one, host) in provider.claims and not _EXCLUDES.search(one.test)]
    if not any(_claim(one, host) in provider.required for one in claims):
        everybody = f"{provider.users} may assume the role"
        return Fault("no condition is on `sub`" if claims else everybody, Stage.APPLY, _REFUSED)
    stars = [each for one in claims if _LITERAL.fullmatch(one.test) for each in _only_stars(one)]
    if stars:
        message = f"nobody may assume the role: `{stars[0]}` is no pattern where equality is asked for"
        return Fault(message, Stage.RUN, _NO_PATTERN, Severity.MEDIUM)
    # All conditions have to hold: one that is narrow is enough.
    wide = [_widest(one, host, provider) for one in claims]
    if not all(wide):
        return None
    message = f"`{wide[0]}` lets in whoever takes a name that fits"
    if all(one.values == ("*",) for one in claims):
        return Fault(message, Stage.APPLY, _REFUSED)
    return Fault(message, Stage.NEVER, _FOR_ALL)


def _only_stars(condition: Condition) -> list[str]:
    """Return the values of a test of equality if no token can have any of them."""
    values = told(condition.values)
    found = [one for one in values if isinstance(one, str) and ("*" in one or "?" in one)]
    return found if len(found) == len(values) else []


def _widest(condition: Condition, host: str, provider: Provider) -> str:
    """Return the pattern of a condition on `sub` that fits the names of others, or nothing."""
    if _claim(condition, host) != "sub" or "like" not in condition.test.lower():
        return ""
    values = told(condition.values)
    wide = (one for one in values if isinstance(one, str) and "*" in one and not provider.subject.match(one))
    return next(wide, "")


def _claim(condition: Condition, host: str) -> str:
    """Return the claim that a condition is on, in lower case, or nothing."""
    before, _, claim = condition.key.rpartition(":")
    return claim.lower() if before.lower() == host else ""


def _fix(host: str) -> str:
    return f"Add a condition `StringLike` of `{host}:sub` with the whole name of the owner, and then a pattern."


_FOR_ALL = (
    "The provider signs tokens for all its customers. That the audience is `sts.amazonaws.com` says nothing: "
    "everybody may ask for it."
)
_REFUSED = (
    "IAM refuses to make the role, or to change it: `MalformedPolicyDocument: Trust policy ... must evaluate ... "
    "sub ... which is not scoped to all`. A role that was made before IAM did lets in whoever its policy says."
)
_NO_PATTERN = "No token has a `*` in its claims: each login is refused, and only a run of the pipeline shows it."

RULE = Rule(
    id="iam-shared-provider",
    title="Role for everybody of an identity provider",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why=_REFUSED,
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
    check=check,
)
