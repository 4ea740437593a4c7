"""What the role of a function may do, as far as the configuration says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Template, Unknown, Value
from docferry.preflight.policies import Policy, Statement, policy_of
from docferry.preflight.rules._lambda import FUNCTION, resource_of

ROLE = "aws_iam_role"
POLICY = "aws_iam_policy"
# Policies of AWS that let nobody write objects, publish or send messages.
_HARMLESS = {
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
}


@dataclass(frozen=True, slots=True)
class Granted:
    """The statements of a role's policies, and whether these are known to be all.

    `shared` says that other functions have the role too: what it lets be done may be meant for them.
    """

    statements: tuple[Statement, ...]
    complete: bool
    shared: bool = False


def granted_to(function: Block, module: Module) -> Granted:
    """Return what a function's role may do."""
    role = resource_of(function.value("role"), module, ROLE)
    if role is None or "permissions_boundary" in role.attributes:
        return Granted((), False)
    found = list(_policies(role, module))
    known = [one for one in found if isinstance(one, Policy)]
    complete = module.complete and len(known) == len(found) and all(one.complete for one in known)
    users = [one for one in module.resources(FUNCTION) if resource_of(one.value("role"), module, ROLE) is role]
    return Granted(tuple(one for policy in known for one in policy.statements), complete, len(users) > 1)


def _policies(role: Block, module: Module) -> Iterator[Policy | Unknown]:
    for block in module.resources("aws_iam_role_policy"):
        of_role = _is_role(block.value("role"), role, module)
        if of_role is not False:
            yield _written(block.attribute("policy"), module) if of_role else UNKNOWN
    for block in role.blocks("inline_policy"):
        yield UNKNOWN if block.dynamic else _written(block.attribute("policy"), module)
    for of_role, arn in _attachments(role, module):
        if of_role is not False and not _harmless(arn):
            policy = resource_of(arn, module, POLICY) if of_role else None
            yield _written(policy.attribute("policy"), module) if policy else UNKNOWN


def _attachments(role: Block, module: Module) -> Iterator[tuple[bool | None, Value]]:
    """Give the policies that are attached to roles, and whether it is this role, None if that cannot be told."""
    for block in module.resources("aws_iam_role_policy_attachment"):
        yield _is_role(block.value("role"), role, module), block.value("policy_arn")
    for block in module.resources("aws_iam_policy_attachment"):
        roles = block.value("roles")
        for one in roles if isinstance(roles, list) else (roles,):
            yield _is_role(one, role, module), block.value("policy_arn")
    managed = role.value("managed_policy_arns")
    for arn in managed if isinstance(managed, list) else (managed,):
        yield arn is not None, arn


def _is_role(value: Value, role: Block, module: Module) -> bool | None:
    if value is None:
        return False
    found = resource_of(value, module, ROLE)
    if found is not None:
        return found is role
    name = role.value("name")
    return value == name if isinstance(value, str) and isinstance(name, str) else None


def _written(attribute: Attribute | None, module: Module) -> Policy | Unknown:
    return UNKNOWN if attribute is None else policy_of(attribute.expression, module)


def _harmless(arn: Value) -> bool:
    text = arn.parts[-1] if isinstance(arn, Template) else arn
    return isinstance(text, str) and text.rsplit("/", 1)[-1] in _HARMLESS


def patterns_of(statement: Statement, action: str) -> tuple[str, ...] | Unknown:
    """Return the patterns of a statement's actions that an action is like; UNKNOWN if none is, but one may be."""
    if isinstance(statement.actions, Unknown) or statement.not_actions != ():
        return UNKNOWN
    known = [one for one in statement.actions if isinstance(one, str)]
    found = tuple(one for one in known if fnmatchcase(action.lower(), one.lower()))
    return found if found or len(known) == len(statement.actions) else UNKNOWN
