"""A policy of AWS's own that is attached does not allow everything."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Unknown, Value
from docferry.preflight.policies import ROLE, policy_of
from docferry.preflight.policy import told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._patterns import shape

_ARGUMENTS = {
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_iam_role": "managed_policy_arns",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
}
_ALLOWED = {"AdministratorAccess": "do everything", "IAMFullAccess": "give itself every permission"}
# Not one of an account's own that is called the same.
_POLICY = re.compile(rf"(?:.*:aws:policy/)?({'|'.join(_ALLOWED)})", re.DOTALL)


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for AWS's policies that allow everything, be it by way of giving permissions."""
    for kind, argument in _ARGUMENTS.items():
        for block in module.resources(kind):
            held = block.attribute(argument)
            value = held.value if held and not block.absent else None
            for one in value if isinstance(value, list) else (value,):
                name = _name(one, module)
                if held is not None and name:
                    yield RULE.finding(
                        at=held,
                        message=f"with `{name}` it may {_ALLOWED[name]}",
                        fix="Write a policy of its own, with the actions and resources that are needed.",
                        severity=Severity.HIGH if _is_a_services(block, module) else None,
                        certain=not held.expression.assumed and not block.repeated,
                    )


def _name(value: Value, module: Module) -> str:
    """Return which of these policies a value is, or nothing."""
    if isinstance(value, Reference):
        found = module.resolve(value)
        if found is None or found.type != "data" or found.labels[0] != "aws_iam_policy":
            return ""
        value = found.value("name") if "name" in found.attributes else found.value("arn")
    match = _POLICY.fullmatch(shape(value) or "")
    return match[1] if match else ""


def _is_a_services(block: Block, module: Module) -> bool:
    """Whether it is for a role that a service has, and not somebody who administers."""
    role = block if block.labels[0] == ROLE else _role(block.value("role"), module)
    trust = role.attribute("assume_role_policy") if role else None
    policy = policy_of(trust.expression, module) if trust else None
    if policy is None or isinstance(policy, Unknown):
        return False
    allowing = (one for one in policy.statements if one.allows)
    return any(kind == "Service" for one in allowing for kind, _ in told(one.principals))


def _role(value: Value, module: Module) -> Block | None:
    found = module.resolve(value) if isinstance(value, Reference) else None
    return found if found is not None and found.type == "resource" and found.labels[0] == ROLE else None


RULE = Rule(
    id="iam-administrator-access",
    title="Managed policy that allows everything",
    severity=Severity.MEDIUM,
    stage=Stage.NEVER,
    why="Whoever gets hold of the role has the account: all data, all secrets, all permissions.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    check=check,
)
