"""What the role of a replication may do, as far as its policies can be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value
from docferry.preflight.policies import Policy, Statement, policy_of
from docferry.preflight.rules._s3_buckets import bucket_of

ROLE = "aws_iam_role"


@dataclass(frozen=True, slots=True)
class Grants:
    """The statements of all policies of a role, and whether there may be more of them."""

    statements: tuple[Statement, ...]
    complete: bool


def role_of(configuration: Block, module: Module) -> Block | None:
    """Return the role of a replication configuration, if it is one of its module."""
    value = configuration.value("role")
    block = module.resolve(value) if isinstance(value, Reference) else None
    return block if block is not None and block.type == "resource" and block.labels[0] == ROLE else None


def grants(role: Block, module: Module) -> Grants:
    """Return what the policies say that are written in a role or attached to it."""
    found = list(_policies(role, module))
    known = [one for one in found if isinstance(one, Policy)]
    given = ("module", "output") if module.callers else ("module",)
    given_away = any(one.type in given for one in module.referrers(role))
    all_known = len(known) == len(found) and all(one.complete for one in known)
    complete = module.complete and not given_away and all_known
    return Grants(tuple(one for policy in known for one in policy.statements), complete)


def _policies(role: Block, module: Module) -> Iterator[Policy | Unknown]:
    for inline in (*role.blocks("inline_policy"), *_for(role, "aws_iam_role_policy", "role", module)):
        yield _written(inline.attribute("policy"), module)
    for attachment in _for(role, "aws_iam_role_policy_attachment", "role", module):
        yield _attached(attachment.value("policy_arn"), module)
    for attachment in _for(role, "aws_iam_policy_attachment", "roles", module):
        yield _attached(attachment.value("policy_arn"), module)
    if "managed_policy_arns" in role.attributes:
        yield UNKNOWN


def _for(role: Block, kind: str, name: str, module: Module) -> Iterator[Block]:
    """Give the resources of a type that name a role, or that may do so."""
    for block in module.resources(kind):
        value = block.value(name)
        named = value if isinstance(value, list) else [value]
        if any(_may_be(role, one, module) for one in named):
            yield block


def _may_be(role: Block, value: Value, module: Module) -> bool:
    if isinstance(value, Reference):
        return module.resolve(value) in (role, None)
    own = role.value("name")
    return not (isinstance(value, str) and isinstance(own, str) and value != own)


def _attached(arn: Value, module: Module) -> Policy | Unknown:
    block = module.resolve(arn) if isinstance(arn, Reference) else None
    known = block is not None and block.labels[:1] == ("aws_iam_policy",) and block.type == "resource"
    return _written(block.attribute("policy"), module) if block is not None and known else UNKNOWN


def _written(attribute: Attribute | None, module: Module) -> Policy | Unknown:
    return UNKNOWN if attribute is None else policy_of(attribute.expression, module)


def may(held: Grants, action: str, *, bucket: Block | None = None, objects: bool = False, module: Module) -> bool:
    """Whether a role may do something to a bucket, or to the objects in it, or this cannot be ruled out."""
    for one in held.statements:
        if one.effect == "Deny" or not _is_about(one, action):
            continue
        resources = one.resources
        if isinstance(resources, Unknown) or not resources:
            return True
        if any(_reaches(value, bucket, objects, module) for value in resources):
            return True
    return False


def _is_about(statement: Statement, action: str) -> bool:
    actions = statement.actions
    if isinstance(actions, Unknown) or not actions:
        return True
    return any(not isinstance(one, str) or fnmatchcase(action.lower(), one.lower()) for one in actions)


def _reaches(value: Value, bucket: Block | None, objects: bool, module: Module) -> bool:
    """Whether a resource of a statement may be a bucket, or the objects in it."""
    if value == "*" or bucket is None:
        return True
    if isinstance(value, str):
        head, slash, _ = value.partition("/")
        if "*" in head:
            return True
        named: Value = head
    elif isinstance(value, Template):
        *before, last = value.parts
        slash = "/" if isinstance(last, str) and last.startswith("/") else ""
        if (isinstance(last, str) and not slash) or len(before) > (1 if slash else 2) or UNKNOWN in value.parts:
            return True
        named = (before[0] if len(before) == 1 else Template(tuple(before))) if slash else value
    elif isinstance(value, Reference):
        named, slash = value, ""
    else:
        return True
    found = bucket_of(named, module)
    if found is None:
        # A name that is written out is not that of a bucket with another one.
        return not (isinstance(named, str) and isinstance(bucket.value("bucket"), str))
    return found is bucket and bool(slash) is objects
