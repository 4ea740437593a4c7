"""A bucket that is given an access control list takes one."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._order import is_after, waits_for
from docferry.preflight.rules._s3_buckets import about, bucket_of, is_imported, same_one

_OWNERSHIP = "aws_s3_bucket_ownership_controls"
_DISABLED = "BucketOwnerEnforced"


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for access control lists of new buckets that have them disabled, as all new ones do."""
    for acl in module.resources("aws_s3_bucket_acl"):
        bucket = bucket_of(acl.value("bucket"), module)
        if bucket is None or acl.absent or is_imported(bucket, module):
            continue
        controls = about(bucket, _OWNERSHIP, module)
        for one in controls.blocks:
            if same_one(one, acl, bucket):
                yield from _under(one, acl, module)
        if not controls.blocks and controls.all_of_them:
            yield RULE.finding(
                at=acl,
                message=f"`{bucket.address}` takes none, as no bucket does that was made since April 2023",
                fix=_FIX,
                edits=_removal(acl, module),
                certain=not acl.repeated,
            )


def _under(controls: Block, acl: Block, module: Module) -> Iterator[Outcome]:
    """Say what the ownership controls of the bucket mean for its access control list."""
    rule = controls.block("rule")
    ownership = rule.attribute("object_ownership") if rule else None
    if ownership is None or not isinstance(ownership.value, str) or controls.perhaps_absent:
        return
    if ownership.value == _DISABLED:
        yield RULE.finding(
            at=acl,
            message=f"`{controls.address}` disables access control lists",
            fix=_FIX,
            edits=_removal(acl, module),
            certain=not ownership.expression.assumed and not acl.repeated,
        )
    elif not is_after(acl, controls, module):
        yield RULE.finding(
            at=acl,
            message=f"it does not wait for `{controls.address}`, which enables access control lists",
            fix=f"Add `depends_on = [{controls.address}]`.",
            edits=waits_for(acl, [controls.address]),
            severity=Severity.MEDIUM,
        )


def _removal(acl: Block, module: Module) -> tuple[Edit, ...]:
    """Return the edit that takes it away where that changes nothing: a bucket is private without a list."""
    plain = acl.value("acl") == "private" and not acl.blocks("access_control_policy")
    return (acl.removed(),) if plain and not acl.in_json and not module.referrers(acl) else ()


_FIX = (
    "Leave the list out, for a bucket is private without one, or enable lists with "
    f'`{_OWNERSHIP}` (`object_ownership = "BucketOwnerPreferred"`) and wait for that with `depends_on`.'
)

RULE = Rule(
    id="s3-acl-disabled",
    title="Access control list of a bucket that takes none",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="Buckets that were made since April 2023 belong to their owner with all that is in them, and take no "
    "access control lists. S3 refuses the list: `AccessControlListNotSupported: The bucket does not allow ACLs`.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    check=check,
)
