"""The statements of a module's policies that give permissions, those that only limit them left out."""

from functools import lru_cache
from typing import NamedTuple

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policies import policies
from docferry.preflight.policy import Policy, Statement

_LIMITS = (
    "aws_organizations_policy",
    "aws_transfer_access",
    "aws_transfer_user",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
)
_POLICIES = ("aws_iam_policy", "aws_iam_group_policy", "aws_iam_role_policy", "aws_iam_user_policy")
_DEEPEST = 5
_FOR_ALL = "ForAllValues:"


class Grant(NamedTuple):
    """A statement that allows something, its policy, and the block and the argument that this is written in."""

    statement: Statement
    policy: Policy
    block: Block
    argument: str

    @property
    def to_identity(self) -> bool:
        """Whether it is for whom the policy is attached to: it names no principal."""
        return self.statement.principals == () and self.statement.not_principals == ()

    @property
    def is_open(self) -> bool:
        """Whether everyone may do what it allows: no condition holds them off, nor another statement."""
        conditions = self.statement.conditions
        # One for all values of a key holds where there is no such key.
        free = not isinstance(conditions, Unknown) and all(one.test.startswith(_FOR_ALL) for one in conditions)
        return self.statement.for_everyone and free and not may_deny_most(self.policy)


def may_deny_most(policy: Policy) -> bool:
    """Whether it may deny to most what it allows: but for some, or on more than an encrypted connection."""
    # What is merged in is not read, and is what denies more often than not.
    return policy.merged or any(
        one.effect != "Allow"
        and (
            one.not_principals != ()
            or isinstance(one.conditions, Unknown)
            or any(each.key.lower() != "aws:securetransport" for each in one.conditions)
        )
        for one in policy.statements
    )


# Several rules ask for those of a module, one after the other.
@lru_cache(maxsize=1)
def grants(module: Module) -> tuple[Grant, ...]:
    """Return the statements that allow something.

    Not those of service control policies, of VPC endpoints, of permissions boundaries and of sessions of Transfer
    Family: they give nothing by themselves, and allow much so that little is taken away.
    """
    return tuple(
        Grant(one, policy, block, argument)
        for policy, block, argument in policies(module)
        if not _limits(block, module, 0)
        for one in policy.statements
        if one.allows
    )


def _limits(block: Block, module: Module, depth: int) -> bool:
    if block.type == "module":
        return "endpoint" in f"{block.name} {block.value('source')}"
    if block.type != "data":
        return block.labels[0] in _LIMITS or _is_boundary(block, module)
    users = [one for one in module.referrers(block) if one.labels and one.type != "output"]
    return bool(users) and depth < _DEEPEST and all(_limits(one, module, depth + 1) for one in users)


def _is_boundary(block: Block, module: Module) -> bool:
    if block.labels[0] != "aws_iam_policy":
        return False
    users = [one for one in module.referrers(block) if not _only_names(one)]
    if not users:
        return "boundary" in block.name.lower()
    return all(_bounds(one, block, module) for one in users)


def _only_names(user: Block) -> bool:
    """Whether it hands a policy on or speaks of it, as a condition on boundaries does, and gives it to nobody."""
    return not user.labels or user.type in ("output", "data") or user.labels[0] in _POLICIES


def _bounds(user: Block, policy: Block, module: Module) -> bool:
    """Whether it takes a policy as a boundary: a role does, or a module that makes one."""
    held = (one for name, one in user.attributes.items() if "boundary" in name)
    return any(module.resolve(reference) is policy for one in held for reference in one.references)
