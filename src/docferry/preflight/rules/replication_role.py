"""The role of a replication may do what S3 does with it."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policies import Grants, policy_of
from docferry.preflight.policy import Policy
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._replication import CONFIGURATION, End, ends
from docferry.preflight.rules._replication_role import grants, may, role_of

_OF_THE_SOURCE = ("s3:GetReplicationConfiguration", "s3:ListBucket")
_OF_ITS_OBJECTS = ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging")
# Enough but for objects that are encrypted with KMS keys.
_INSTEAD = {"s3:GetObjectVersionForReplication": "s3:GetObjectVersion"}
# Without the first, tags stay behind; without the second, delete markers.
_PARTIAL = ("s3:GetObjectVersionTagging", "s3:ReplicateDelete")
_PRINCIPAL = "s3.amazonaws.com"


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for roles of replications that lack a permission."""
    for configuration in module.resources(CONFIGURATION):
        at = configuration.attribute("role")
        role = role_of(configuration, module)
        if at is None:
            continue
        if role is None:
            yield RULE.undecided(at, "what the role of the replication may do")
            continue
        if _is_closed_to_s3(role, module):
            yield RULE.finding(
                at=role.attributes["assume_role_policy"],
                message=f"S3 may not assume `{role.address}`",
                fix=f"Let the service `{_PRINCIPAL}` do `sts:AssumeRole`.",
                certain=not at.expression.assumed,
            )
        held = grants(role, module)
        missing = _missing(configuration, held, module)
        if missing and not held.complete:
            yield RULE.undecided(at, f"whether `{role.address}` allows {', '.join(missing)}")
        elif missing:
            yield RULE.finding(
                at=at,
                message=f"`{role.address}` does not allow {', '.join(missing)}",
                fix="Allow them: those of objects on `BUCKET_ARN/*`, the others on the bucket itself.",
                severity=Severity.MEDIUM if all(_is_partial(one) for one in missing) else Severity.HIGH,
                certain=not at.expression.assumed,
            )


def _missing(configuration: Block, held: Grants, module: Module) -> list[str]:
    """Return what is missing, each with where: `s3:ListBucket on aws_s3_bucket.a`."""
    found: list[str] = []
    for end in ends(configuration, module):
        for action, objects in _needed(configuration, end):
            names = [one for one in (action, _INSTEAD.get(action)) if one]
            if not any(may(held, one, bucket=end.bucket, objects=objects, module=module) for one in names):
                found.append(f"{action} on {end.bucket.address if end.bucket else 'a bucket'}")
    return found


def _needed(configuration: Block, end: End) -> Iterator[tuple[str, bool]]:
    if end.is_source:
        yield from ((one, False) for one in _OF_THE_SOURCE)
        yield from ((one, True) for one in _OF_ITS_OBJECTS)
    else:
        yield "s3:ReplicateObject", True
        markers = configuration.blocks("rule", "delete_marker_replication")
        if any(one.value("status") == "Enabled" for one in markers):
            yield "s3:ReplicateDelete", True


def _is_partial(missing: str) -> bool:
    return missing.startswith(_PARTIAL)


def _is_closed_to_s3(role: Block, module: Module) -> bool:
    """Whether the role's trust is known, and no service or account in it could be S3."""
    trust = role.attribute("assume_role_policy")
    policy = policy_of(trust.expression, module) if trust else None
    if not isinstance(policy, Policy) or not policy.complete:
        return False
    for statement in policy.statements:
        principals = statement.principals
        if isinstance(principals, Unknown) or (not principals and statement.not_principals):
            return False
        if any(kind in ("*", "Service") and value in ("*", _PRINCIPAL) for kind, value in principals):
            return False
        if any(kind == "Service" and not isinstance(value, str) for kind, value in principals):
            return False
    return bool(policy.statements)


RULE = Rule(
    id="replication-role",
    title="Role of a replication that lacks permissions",
    severity=Severity.HIGH,
    stage=Stage.RUN,
    why="S3 takes the replication and tries nothing. Later on every object fails (FAILED), which nobody sees "
    "without an alarm on it. Where only s3:GetObjectVersionTagging is missing, tags stay behind, and without "
    "s3:ReplicateDelete delete markers do.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html",
    check=check,
)
