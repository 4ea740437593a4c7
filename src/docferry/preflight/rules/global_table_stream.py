"""A table with replicas has a stream."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._global_tables import TABLE, is_strong, replicas_of

_BOTH = "NEW_AND_OLD_IMAGES"


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for tables with replicas whose stream is off, or of another kind than replication makes."""
    for table in module.resources(TABLE):
        if is_strong(table) or not any(replicas_of(table, module)):
            continue
        enabled, view = table.attribute("stream_enabled"), table.attribute("stream_view_type")
        on, kind = table.value("stream_enabled"), table.value("stream_view_type")
        sure = not any(one.expression.assumed for one in (enabled, view) if one)
        if on in (None, False, "false"):
            # Terraform leaves it as it finds it.
            if table.ignores("stream_enabled"):
                continue
            yield RULE.finding(
                at=enabled or table,
                message="a table with replicas has no stream",
                fix=f'Set `stream_enabled = true` and `stream_view_type = "{_BOTH}"`.',
                edits=_edits(table),
                certain=not (enabled and enabled.expression.assumed),
            )
        elif on in (True, "true") and kind in (None, ""):
            yield RULE.finding(
                at=view or enabled or table,
                message="the stream of a table with replicas has no `stream_view_type`",
                fix=f'Set `stream_view_type = "{_BOTH}"`.',
                why='The AWS provider refuses it: "stream_view_type is required when stream_enabled = true".',
                stage=Stage.PLAN,
                certain=sure,
            )
        elif view and isinstance(kind, str) and kind != _BOTH:
            yield RULE.finding(
                at=view,
                message=f"the stream of a table with replicas is of {kind}",
                fix=f'Set `stream_view_type = "{_BOTH}"` before the first replica is added.',
                why=f"A stream that DynamoDB makes for a replica is of {_BOTH}, and the kind cannot be changed "
                "while there are replicas. What reads the stream to carry changes over lacks an image.",
                severity=Severity.MEDIUM,
                stage=Stage.RUN,
                certain=sure,
            )


def _edits(table: Block) -> tuple[Edit, ...]:
    if table.in_json or {"stream_enabled", "stream_view_type"} & set(table.attributes):
        return ()
    return (table.inserted(f'stream_enabled   = true\nstream_view_type = "{_BOTH}"'),)


RULE = Rule(
    id="global-table-stream",
    title="Global table without a stream",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="DynamoDB turns the stream on with the first replica. The next apply wants it off again, as the "
    'configuration says, and fails: "Disabling Stream is not allowed for a Global Table replica".',
    reference="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "aws-properties-dynamodb-globaltable-streamspecification.html",
    check=check,
)
