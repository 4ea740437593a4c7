"""The IAM policies of a module, and those of a role."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Unknown, Value
from docferry.preflight.policy import Policy, Statement, document, from_value

DOCUMENT = "aws_iam_policy_document"
ROLE = "aws_iam_role"
POLICY = "aws_iam_policy"
ATTRIBUTES = (
    "policy",
    "assume_role_policy",
    "access_policy",
    "access_policies",
    "resource_policy",
    "policy_text",
    "inline_policy",
)
"""The arguments of resources that hold a policy."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy of a role. `sure` is False where it may be another's, or none at all.

    `arn` is that of one that is attached, be it known or not.
    """

    policy: Policy | Unknown
    sure: bool
    arn: Value = None


@dataclass(frozen=True, slots=True)
class Grants:
    """The statements of several policies, and whether there may be no more of them."""

    statements: tuple[Statement, ...]
    complete: bool


# Several rules ask for those of a module, one after the other.
@lru_cache(maxsize=1)
def policies(module: Module) -> tuple[tuple[Policy, Block, str], ...]:
    """Return all policies of a module, with the block they are written in and the argument's name.

    A data source's policy is there once, for itself (the name is empty), not again for each resource that uses it.
    """
    return tuple(_policies(module))


def _policies(module: Module) -> Iterator[tuple[Policy, Block, str]]:
    for block in module.data(DOCUMENT):
        yield document(block), block, ""
    for block in module.resources():
        for name, held in written_in(block):
            found = UNKNOWN if module.resolve(held.value) is not None else policy_of(held.expression, module)
            if isinstance(found, Policy):
                yield found, block, name


def written_in(block: Block) -> Iterator[tuple[str, Attribute]]:
    """Give the arguments of a resource that hold a policy, each with its name."""
    yield from ((name, block.attributes[name]) for name in ATTRIBUTES if name in block.attributes)
    if block.labels[0] == ROLE:
        inline = (one.attribute("policy") for one in block.blocks("inline_policy"))
        yield from (("inline_policy", one) for one in inline if one is not None)


def policies_of(role: Block, module: Module) -> Iterator[Attached]:
    """Give the policies that are written in a role or for it, attached to it, or may be so."""
    for block in role.blocks("inline_policy"):
        yield Attached(_policy_in(block, module), not block.dynamic)
    for block in module.resources("aws_iam_role_policy"):
        is_its = _is_role(block.value("role"), role, module)
        if is_its is not False:
            yield Attached(_policy_in(block, module), bool(is_its))
    for is_its, arn in _attachments(role, module):
        if is_its is not False:
            yield Attached(_attached(arn, module), bool(is_its), arn)


def _attachments(role: Block, module: Module) -> Iterator[tuple[bool | None, Value]]:
    """Give the policies that are attached to roles, and whether it is this role, None if that cannot be told."""
    for block in module.resources("aws_iam_role_policy_attachment"):
        yield _is_role(block.value("role"), role, module), block.value("policy_arn")
    for block in module.resources("aws_iam_policy_attachment"):
        roles = block.value("roles")
        for one in roles if isinstance(roles, list) else (roles,):
            yield _is_role(one, role, module), block.value("policy_arn")
    for block in module.resources("aws_iam_role_policy_attachments_exclusive"):
        # It takes away all others, and attaches these.
        arns = block.value("policy_arns")
        for arn in arns if isinstance(arns, list) else (arns,):
            yield _is_role(block.value("role_name"), role, module), arn
    managed = role.value("managed_policy_arns")
    for arn in managed if isinstance(managed, list) else (managed,):
        yield arn is not None, arn


def _is_role(value: Value, role: Block, module: Module) -> bool | None:
    if value is None:
        return False
    found = module.resolve(value) if isinstance(value, Reference) else None
    if found is not None and found.type == "resource" and found.labels[0] == ROLE:
        return found is role
    name = role.value("name")
    return value == name if isinstance(value, str) and isinstance(name, str) else None


def _attached(arn: Value, module: Module) -> Policy | Unknown:
    block = module.resolve(arn) if isinstance(arn, Reference) else None
    known = block is not None and block.type == "resource" and block.labels[0] == POLICY
    return _policy_in(block, module) if block is not None and known else UNKNOWN


def _policy_in(block: Block, module: Module) -> Policy | Unknown:
    held = block.attribute("policy")
    return UNKNOWN if held is None else policy_of(held.expression, module)


def granted_by(found: Sequence[Policy | Unknown]) -> Grants:
    """Return what policies say together."""
    known = [one for one in found if isinstance(one, Policy)]
    complete = len(known) == len(found) and all(one.complete for one in known)
    return Grants(tuple(one for policy in known for one in policy.statements), complete)


def policy_of(expression: Expression, module: Module) -> Policy | Unknown:
    """Return the policy that an argument comes to, through references to data sources, or UNKNOWN."""
    value = expression.value
    if isinstance(value, Reference):
        block = module.resolve(value)
        is_document = block is not None and block.type == "data" and block.labels[0] == DOCUMENT
        return document(block) if block is not None and is_document and value.attribute == "json" else UNKNOWN
    return from_value(value, expression)
