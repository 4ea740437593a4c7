"""A replication is made after the versioning of its buckets."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._order import is_after, waits_for
from docferry.preflight.rules._replication import CONFIGURATION, VERSIONING, ends
from docferry.preflight.rules._s3_buckets import about


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for replications that Terraform may make before the versioning they need."""
    for configuration in module.resources(CONFIGURATION):
        missing = [
            one.address
            for end in ends(configuration, module)
            if end.bucket
            for one in about(end.bucket, VERSIONING, module).blocks
            if not is_after(configuration, one, module)
        ]
        if missing:
            yield RULE.finding(
                at=configuration,
                message=f"the replication does not wait for {' and '.join(f'`{one}`' for one in missing)}",
                fix=f"Add `depends_on = [{', '.join(missing)}]`.",
                edits=waits_for(configuration, missing),
            )


RULE = Rule(
    id="replication-depends-on",
    title="Replication that does not wait for versioning",
    severity=Severity.MEDIUM,
    stage=Stage.APPLY,
    why="Terraform makes both at once. S3 refuses the replication while the target has no versioning; for that of "
    "the source the AWS provider waits, where it creates the replication. A destroy may suspend the versioning "
    "first, which S3 refuses while there is a replication.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
    check=check,
)
