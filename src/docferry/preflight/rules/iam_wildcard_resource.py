"""A policy names the resources that an action is for, where AWS lets it."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policy import Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._actions import meant
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._patterns import matches

_SHOWN = 4
_LOOKING = ("Describe", "List")
_IN_A_VPC = tuple(
    f"ec2:{one}"
    for one in (
        "AssignPrivateIpAddresses",
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "UnassignPrivateIpAddresses",
    )
)
"""What a function in a VPC has to have for all, as in AWS's own AWSLambdaVPCAccessExecutionRole."""


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for statements on all resources with actions that could be for some."""
    for grant in grants(module):
        statement = grant.statement
        if not grant.to_identity or not _on_all(statement):
            continue
        found, unknown = _sorted(statement)
        if found and not all(one in _IN_A_VPC for one in found):
            yield RULE.finding(
                at=statement,
                message=f"all resources are open to {_listed(found)}",
                fix="Write the ARNs that are meant; what takes no resource goes into a statement of its own.",
                severity=Severity.LOW if all(_looks(one) for one in found) else None,
                certain=not statement.assumed,
            )
        elif unknown and not found:
            yield RULE.undecided(
                at=statement, what_is_unknown=f"whether {_listed(unknown)} can be narrowed to a resource"
            )


def _on_all(statement: Statement) -> bool:
    resources = statement.resources
    return not isinstance(resources, Unknown) and "*" in resources and statement.conditions == ()


def _sorted(statement: Statement) -> tuple[list[str], list[str]]:
    """Part the actions: those that take a resource, and those of which it is not known."""
    found: list[str] = []
    unknown: list[str] = []
    actions = told(statement.actions)
    for action in actions:
        # All of a service, and passing of roles, are for rules of their own.
        if (
            not isinstance(action, str)
            or action.endswith(":*")
            or action == "*"
            or matches(action, "iam:PassRole")
        ):
            continue
        names = meant(action)
        if names is None:
            unknown.append(action)
        elif names.some and not (names.all and _looks(action)):
            # With a pattern for looking that is mixed, such as ec2:Describe*, there is nothing to be won.
            found.append(
                action if "*" in action or "?" in action else f"{action.partition(':')[0]}:{names.some[0]}"
            )
    return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))


def _looks(action: str) -> bool:
    return action.partition(":")[2].startswith(_LOOKING)


def _listed(actions: list[str]) -> str:
    shown = ", ".join(f"`{one}`" for one in actions[:_SHOWN])
    more = len(actions) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


RULE = Rule(
    id="iam-wildcard-resource",
    title="Policy on all resources for actions that take some",
    severity=Severity.MEDIUM,
    stage=Stage.NEVER,
    why="Whoever gets hold of the role reaches every table, bucket or function of the account, those of other "
    "projects too.",
    reference="https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html",
    check=check,
)
