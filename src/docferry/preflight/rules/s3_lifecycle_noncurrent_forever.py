"""A bucket that keeps versions does not keep them for ever by oversight."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._s3_buckets import BUCKET, about, versioning
from docferry.preflight.rules._s3_lifecycle import CONFIGURATION


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for buckets with versions that no lifecycle rule expires."""
    for bucket in module.resources(BUCKET):
        kept = versioning(bucket, module)
        found = about(bucket, CONFIGURATION, module)
        if kept.enabled is not True or kept.at is None or not found.all_of_them or _is_locked(bucket, module):
            continue
        rules = [rule for one in found.blocks for rule in one.blocks("rule")]
        rules += bucket.blocks("lifecycle_rule")
        if any(rule.blocks("noncurrent_version_expiration") for rule in rules):
            continue
        sure = (rule for rule in rules if not rule.perhaps_absent and not _is_off(rule))
        expiring = next((one for rule in sure for one in rule.blocks("expiration") if _deletes(one)), None)
        if expiring:
            yield RULE.finding(
                at=expiring,
                message=f"objects of `{bucket.address}` expire, but their versions stay for ever",
                fix="Add `noncurrent_version_expiration { noncurrent_days = ... }` to the rule.",
                why="The bucket keeps versions, so an expiration only adds a delete marker. What was to be "
                "deleted stays, is billed, and can be read by its version.",
                severity=Severity.MEDIUM,
                certain=kept.certain,
            )
        else:
            yield RULE.finding(
                at=kept.at,
                subject=bucket.address,
                message=f"`{bucket.address}` keeps versions, and nothing expires them",
                fix="Add a lifecycle rule with `noncurrent_version_expiration`.",
                certain=kept.certain,
            )


def _is_off(rule: Block) -> bool:
    return rule.value("status") == "Disabled" or rule.value("enabled") in (False, "false")


def _deletes(expiration: Block) -> bool:
    return not expiration.perhaps_absent and any(expiration.value(one) is not None for one in ("days", "date"))


def _is_locked(bucket: Block, module: Module) -> bool:
    """Whether versions are held on purpose."""
    configured = about(bucket, "aws_s3_bucket_object_lock_configuration", module)
    inline = bucket.blocks("object_lock_configuration")
    return "object_lock_enabled" in bucket.attributes or bool(inline or configured.blocks)


RULE = Rule(
    id="s3-lifecycle-noncurrent-forever",
    title="Versions that never expire",
    severity=Severity.LOW,
    stage=Stage.NEVER,
    why="Every overwritten or deleted object stays as a version and is billed, as long as the bucket is there.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",
    check=check,
)
