"""Changes of replicas are carried back only where there is a way back."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._replication import CONFIGURATION
from docferry.preflight.rules._s3_buckets import BUCKET, bucket_of, passed_on


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for rules that are one half of a replication both ways, without the other half.

    One way alone is what most replications are. Only `replica_modifications` says that two were meant: it is about
    replicas in the source bucket, and there are none where nothing replicates to it.
    """
    configurations = module.resources(CONFIGURATION)
    reached = [_targets(one, module) for one in configurations]
    inline = any(one.blocks("replication_configuration") for one in module.resources(BUCKET))
    if inline or not module.complete or any(None in one for one in reached):
        return
    for configuration in configurations:
        source = bucket_of(configuration.value("bucket"), module)
        if source is None or passed_on(source, module) or any(source in one for one in reached):
            continue
        for found in configuration.blocks("rule", "source_selection_criteria", "replica_modifications"):
            if found.value("status") == "Enabled":
                yield RULE.finding(
                    at=found,
                    message=f"changes of replicas in `{source.address}` are replicated, but it gets no replicas",
                    fix="Add the replication in the other direction, with `replica_modifications` too; or take "
                    "this block out, if one direction is enough.",
                    certain=not found.attributes["status"].expression.assumed,
                )


def _targets(configuration: Block, module: Module) -> list[Block | None]:
    """Return the buckets that are replicated to; with None where one cannot be told."""
    # The source may be among them: one resource with `for_each` may be both.
    targets = configuration.blocks("rule", "destination")
    return [bucket_of(one.value("bucket"), module) for one in targets] or [None]


RULE = Rule(
    id="replication-one-way",
    title="Half of a replication both ways",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="What is written to the target stays there: after a switch to it there is no way back without loss. "
    "Replica modification sync does nothing with one direction.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html",
    check=check,
)
