"""S3 replicates what is older than a rule with Batch Replication only."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._replication import CONFIGURATION


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for rules that ask for the replication of existing objects."""
    for configuration in module.resources(CONFIGURATION):
        for found in configuration.blocks("rule", "existing_object_replication"):
            if found.perhaps_absent:
                continue
            yield RULE.finding(
                at=found,
                message="`existing_object_replication` is no longer supported",
                fix="Take the block out, and replicate what is there already with a job of S3 Batch Replication.",
                edits=() if found.in_json or found.dynamic else (found.removed(),),
            )


RULE = Rule(
    id="replication-existing-objects",
    title="Replication rule for existing objects",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="S3 refuses a replication with this element: MalformedXML, without a word on which. Neither `terraform "
    "validate` nor `terraform plan` knows of it.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ExistingObjectReplication.html",
    check=check,
)
