"""A service that acts for many accounts is trusted for this one only, where AWS says how."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policy import Statement
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._patterns import HOLE, matches, shape

_GUIDE = "https://docs.aws.amazon.com/"
DOCUMENTED = {
    "datasync": f"{_GUIDE}datasync/latest/userguide/cross-service-confused-deputy-prevention.html",
    "fis": f"{_GUIDE}resilience-hub/latest/userguide/next-gen-resilience-testing-iam-single-account.html",
    "iot": f"{_GUIDE}iot/latest/developerguide/cross-service-confused-deputy-prevention.html",
    "personalize": f"{_GUIDE}personalize/latest/dg/cross-service-confused-deputy-prevention.html",
    "scheduler": f"{_GUIDE}scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    "states": f"{_GUIDE}step-functions/latest/dg/procedure-create-iam-role.html",
    "vpc-flow-logs": f"{_GUIDE}vpc/latest/userguide/flow-logs-iam-role.html",
}
"""Services of which a page of AWS shows the condition in a role's trust policy. Of others nothing is claimed: with
a key that a service does not send, it could not assume its role any more."""

_SERVICE = re.compile(rf"([a-z0-9-]+)(?:\.(?:[a-z0-9-]+|{HOLE}))?\.(?:amazonaws\.com(?:\.cn)?|{HOLE})")
_KEYS = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
_LAMBDA = f"{_GUIDE}lambda/latest/dg/permissions-function-services.html"
_INVOKING = ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")
_SOURCES = ("source_arn", "source_account", "principal_org_id", "event_source_token")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for trust policies and permissions of functions without the account or the resource that is meant."""
    for grant in grants(module):
        for service in _trusted(grant.statement):
            yield RULE.finding(
                at=grant.statement,
                message=f"the role trusts `{service}` whoever it acts for",
                fix="Add a condition `StringEquals` of `aws:SourceAccount` with this account's number, as "
                f"{DOCUMENTED[service.partition('.')[0]]} shows.",
            )
    for permission in module.resources("aws_lambda_permission"):
        service = _unbound(permission)
        if service:
            yield RULE.finding(
                at=permission,
                message=f"`{service}` may invoke the function whoever it acts for",
                fix=f"Set `source_arn`, and for S3 `source_account` too: {_LAMBDA}",
                severity=Severity.MEDIUM,
            )


def _trusted(statement: Statement) -> Iterator[str]:
    held, conditions, actions = statement.principals, statement.conditions, statement.actions
    if isinstance(held, Unknown) or isinstance(conditions, Unknown) or isinstance(actions, Unknown):
        return
    if any(one.key.lower() in _KEYS for one in conditions):
        return
    if not any(isinstance(one, str) and matches(one, "sts:AssumeRole") for one in actions):
        return
    for kind, value in held:
        name = _SERVICE.fullmatch(shape(value) or "") if kind == "Service" else None
        if name and name[1] in DOCUMENTED:
            yield f"{name[1]}.amazonaws.com"


def _unbound(permission: Block) -> str:
    principal, action = permission.value("principal"), permission.value("action")
    if not isinstance(action, str) or not any(matches(action, one) for one in _INVOKING):
        return ""
    bound = any(permission.value(one) is not None for one in _SOURCES)
    return principal if isinstance(principal, str) and _SERVICE.fullmatch(principal) and not bound else ""


RULE = Rule(
    id="iam-confused-deputy",
    title="Service trusted for every account",
    severity=Severity.LOW,
    stage=Stage.NEVER,
    why="The service acts for all its customers. If another account names this role or function, the service may "
    "use it there: the confused deputy.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    check=check,
)
