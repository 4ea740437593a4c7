"""What the role of a replication may do, as far as its policies can be read."""

from fnmatch import fnmatchcase

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value
from docferry.preflight.policies import ROLE, Grants, granted_by, policies_of
from docferry.preflight.policy import Statement
from docferry.preflight.rules._s3_buckets import bucket_of


def role_of(configuration: Block, module: Module) -> Block | None:
    """Return the role of a replication configuration, if it is one of its module."""
    value = configuration.value("role")
    block = module.resolve(value) if isinstance(value, Reference) else None
    return block if block is not None and block.type == "resource" and block.labels[0] == ROLE else None


def grants(role: Block, module: Module) -> Grants:
    """Return what the policies say that are written in a role or attached to it."""
    # What may be a policy of this role may allow what it needs: so it counts.
    held = granted_by([one.policy for one in policies_of(role, module)])
    given = ("module", "output") if module.callers else ("module",)
    given_away = any(one.type in given for one in module.referrers(role))
    return Grants(held.statements, held.complete and module.complete and not given_away)


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
