"""A policy names the actions that are needed, and not all there are."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policy import Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import Grant, grants
from docferry.preflight.rules._patterns import shape

_EVERYTHING = re.compile(r"\*(?::\*)?")
_SERVICE = re.compile(r"[\w-]+:\*")
_ALL = "everything (`*`)"
_WITHIN_A_DOMAIN = re.compile(r".*:domain/[^/*]+/\*", re.DOTALL)
_DOMAINS = ("aws_opensearch_domain", "aws_elasticsearch_domain")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for statements that allow every action, or every one of a service."""
    for grant in grants(module):
        statement, found = grant.statement, _widest(grant.statement)
        open_to_all = grant.is_open and not _is_guarded(grant, module)
        if found and (grant.to_identity or open_to_all or (found == _ALL and _is_for_some(statement))):
            yield RULE.finding(
                at=statement,
                message=f"{_who(grant)} may do {found}",
                fix="Name the actions that are needed.",
                severity=_severity(grant, found),
                certain="actions" not in statement.assumed,
            )


def _is_for_some(statement: Statement) -> bool:
    """Whether it names for whom it is, and is not a key's, which leaves the rest to its account."""
    names = [shape(one) or "" for _, one in told(statement.principals)]
    return bool(names) and not (statement.resources == ("*",) and all(one.endswith(":root") for one in names))


def _is_guarded(grant: Grant, module: Module) -> bool:
    """Whether it is for what is within search domains whose network or whose users decide who gets in.

    AWS's own pages give such domains a policy for everyone:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html#vpc-security
    """
    within = all(_WITHIN_A_DOMAIN.fullmatch(shape(one) or "") for one in told(grant.statement.resources))
    users = module.referrers(grant.block) if grant.block.type == "data" else (grant.block,)
    return within and bool(users) and all(_has_a_guard(one, module) for one in users)


def _has_a_guard(user: Block, module: Module) -> bool:
    domain = user if user.labels[0] in _DOMAINS else module.resolve(user.value("domain_name"))
    if domain is None or len(domain.labels) < 2 or domain.labels[0] not in _DOMAINS:
        return False
    logins = domain.block("advanced_security_options")
    return domain.block("vpc_options") is not None or (logins is not None and logins.value("enabled") is True)


def _widest(statement: Statement) -> str:
    """Say what is allowed that is too much, or nothing."""
    actions = [one for one in told(statement.actions) if isinstance(one, str)]
    if any(_EVERYTHING.fullmatch(one) for one in actions):
        return _ALL
    if told(statement.not_actions):
        return "everything but what `NotAction` names"
    services = dict.fromkeys(one for one in actions if _SERVICE.fullmatch(one))
    return "everything of a service ({})".format(", ".join(f"`{one}`" for one in services)) if services else ""


def _who(grant: Grant) -> str:
    if grant.to_identity:
        return "whoever has this policy"
    return "everyone" if grant.is_open else "whom the statement names"


def _severity(grant: Grant, found: str) -> Severity:
    if not grant.to_identity:
        return Severity.HIGH if grant.is_open else Severity.MEDIUM
    statement = grant.statement
    anywhere = isinstance(statement.resources, Unknown) or "*" in statement.resources
    return Severity.HIGH if found == _ALL and anywhere and statement.conditions == () else Severity.MEDIUM


RULE = Rule(
    id="iam-wildcard-action",
    title="Policy that allows all actions",
    severity=Severity.HIGH,
    stage=Stage.NEVER,
    why="Whoever gets hold of the role may do everything that the wildcard means, and what AWS adds to it later: "
    "delete the data, read the secrets, give permissions on.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    check=check,
)
