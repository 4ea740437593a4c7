"""What the role of a function may do, as far as the configuration says it."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Template, Unknown, Value
from docferry.preflight.policies import ROLE, granted_by, policies_of
from docferry.preflight.policy import Statement
from docferry.preflight.rules._lambda import FUNCTION, resource_of

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
    attached = [one for one in policies_of(role, module) if not _harmless(one.arn)]
    held = granted_by([one.policy if one.sure else UNKNOWN for one in attached])
    users = [one for one in module.resources(FUNCTION) if resource_of(one.value("role"), module, ROLE) is role]
    return Granted(held.statements, held.complete and module.complete, len(users) > 1)


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
