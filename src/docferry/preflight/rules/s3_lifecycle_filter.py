"""A lifecycle rule of a bucket says which objects it is about."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Value
from docferry.preflight.rule import Context, Rule


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for lifecycle rules with neither filter nor prefix."""
    for resource in module.resources("aws_s3_bucket_lifecycle_configuration"):
        for rule in resource.blocks("rule"):
            prefix = rule.attribute("prefix")
            if rule.blocks("filter") or rule.value("prefix") is not None:
                continue
            yield RULE.finding(
                at=rule,
                message=_message(rule.value("id")),
                fix="Add `filter {}` for all objects, or a filter for those that are meant.",
                edits=_edits(rule),
                certain=prefix is None or not prefix.expression.assumed,
            )


def _message(name: Value) -> str:
    which = f"lifecycle rule `{name}`" if isinstance(name, str) else "a lifecycle rule"
    return f"{which} has neither a filter nor a prefix"


def _edits(rule: Block) -> tuple[Edit, ...]:
    # Beside a prefix that is only null here, a filter would be refused where it is not.
    written = rule.in_json or rule.dynamic or "prefix" in rule.attributes
    return () if written else (rule.inserted("filter {}"),)


RULE = Rule(
    id="s3-lifecycle-filter",
    title="Lifecycle rule without a filter",
    severity=Severity.MEDIUM,
    stage=Stage.VALIDATE,
    why="S3 wants one of the two. The AWS provider sends an empty filter, which is every object, and warns since "
    'version 5.90: "This will be an error in a future version of the provider". Until then it deploys.',
    reference="https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html",
    check=check,
)
