"""Whoever may pass a role may do what the role may."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown, Value
from docferry.preflight.policies import policy_of
from docferry.preflight.policy import Policy, Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._patterns import matches, shape

_ALL_ROLES = re.compile(r"\*|arn:[^:]*:iam::[^:]*:(?:role/?)?\*")
_KEY = "iam:passedtoservice"


@dataclass(frozen=True, slots=True)
class _Wide:
    """What is too wide, what to do, and how bad it is."""

    what: str
    fix: str
    severity: Severity


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for statements that let roles be passed."""
    for grant in grants(module):
        statement = grant.statement
        if grant.to_identity and _passes(statement) and (found := _judged(statement, module)):
            yield RULE.finding(
                at=statement,
                message=found.what,
                fix=found.fix,
                severity=found.severity,
                certain=not statement.assumed,
            )


def _passes(statement: Statement) -> bool:
    actions = told(statement.actions)
    wide = ("*", "*:*", "iam:*")
    return any(isinstance(one, str) and one not in wide and matches(one, "iam:PassRole") for one in actions)


def _judged(statement: Statement, module: Module) -> _Wide | None:
    if isinstance(statement.resources, Unknown) or isinstance(statement.conditions, Unknown):
        return None
    bound = any(one.key.lower() == _KEY for one in statement.conditions)
    shapes = [shape(one) for one in statement.resources]
    if any(one and _ALL_ROLES.fullmatch(one) for one in shapes):
        return _Wide(
            "every role of the account may be passed on", "Name the roles that are to be passed.", Severity.MEDIUM
        )
    if bound or statement.conditions:
        return None
    add = "Add a condition on `iam:PassedToService` with the service that gets the role."
    # A role of another account cannot be passed: `*` for the account means this one.
    if any(one and "*" in one.rpartition(":role/")[2] for one in shapes):
        return _Wide("any role whose name fits may be passed to any service", add, Severity.MEDIUM)
    if statement.resources and not all(_trusts_one(one, module) for one in statement.resources):
        return _Wide("a role may be passed to any service that it trusts", add, Severity.LOW)
    return None


def _trusts_one(resource: Value, module: Module) -> bool:
    """Whether it is a role whose trust policy names one service: it can be passed to no other."""
    role = module.resolve(resource)
    return role is not None and role.type == "resource" and _services(role, module) == 1


def _services(role: Block, module: Module) -> int:
    trust = role.attribute("assume_role_policy")
    policy = policy_of(trust.expression, module) if trust else None
    if not isinstance(policy, Policy) or not policy.complete:
        return 0
    names: set[str] = set()
    for one in policy.statements:
        held = told(one.principals)
        names |= {str(shape(name)) for kind, name in held if kind == "Service"}
    return len(names)


RULE = Rule(
    id="iam-pass-role",
    title="Roles that may be passed on too freely",
    severity=Severity.MEDIUM,
    stage=Stage.NEVER,
    why="Who may pass a role to a service makes the service act as that role: with a function and the role of an "
    "administrator, that is an administrator.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    check=check,
)
