"""A replication is made after the versioning of its buckets."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._order import is_after
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
                edits=_edits(configuration, missing),
            )


def _edits(configuration: Block, missing: list[str]) -> tuple[Edit, ...]:
    if configuration.in_json:
        return ()
    written = configuration.attribute("depends_on")
    if written is None:
        return (configuration.inserted(f"depends_on = [{', '.join(missing)}]\n\n"),)
    elements = written.expression.elements
    if elements is None:
        return ()
    if not elements:
        return (written.expression.replaced(f"[{', '.join(missing)}]"),)
    last = elements[-1]
    return (last.replaced(f",{_before(last)}".join([last.text, *missing])),)


def _before(element: Expression) -> str:
    """Return what is before an element and is to be before the next: a new line, or a space."""
    start, after = element.source.line_range(element.place.line)
    margin = element.source.text(start, element.start)
    end = "\r\n" if element.source.data[start:after].endswith(b"\r\n") else "\n"
    return " " if margin.strip() else f"{end}{margin}"


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
