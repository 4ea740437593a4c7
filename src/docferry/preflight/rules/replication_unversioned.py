"""Both buckets of a replication keep versions."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._replication import CONFIGURATION, ends
from docferry.preflight.rules._s3_buckets import versioning


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for buckets that are replicated, or replicated to, without versioning."""
    for configuration in module.resources(CONFIGURATION):
        for end in ends(configuration, module):
            kept = versioning(end.bucket, module) if end.bucket else None
            # Where there is a replication, the variable may well be another than where there is none.
            other = kept is not None and not kept.certain and configuration.perhaps_absent
            if kept is None or kept.enabled is UNKNOWN or (other and not kept.enabled):
                yield RULE.undecided(end.at, f"whether {end.name} keeps versions")
            elif not kept.enabled:
                yield RULE.finding(
                    at=kept.at or end.at,
                    subject=configuration.address,
                    message=f"versioning of {end.name} is off" if kept.at else f"{end.name} has no versioning",
                    fix="Enable it with `aws_s3_bucket_versioning`, and let the replication depend on that.",
                    certain=kept.certain,
                )


RULE = Rule(
    id="replication-unversioned",
    title="Replication of a bucket without versioning",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="S3 refuses the replication: \"Versioning must be 'Enabled' on the bucket to apply a replication "
    'configuration", or "Destination bucket must have versioning enabled". That holds for a disabled rule too.',
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
    check=check,
)
