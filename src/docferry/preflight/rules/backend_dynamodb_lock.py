"""Locks of a state in S3 are kept in S3 itself."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import S3_PAGE, backends, config_files_with
from docferry.preflight.rules._versions import is_before

_FIRST_WITH_LOCK_FILE = "1.10"


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for tables of locks where Terraform may be of a version that needs none."""
    if is_before(module, _FIRST_WITH_LOCK_FILE):
        return
    for backend in backends(module, "s3"):
        table = backend.attribute("dynamodb_table")
        # Both together are the way from one to the other: for a while both locks are taken.
        if table is None or table.value in (None, "") or backend.value("use_lockfile") in (True, "true"):
            continue
        if "use_lockfile" not in backend.attributes and config_files_with(context, module, "use_lockfile"):
            yield RULE.undecided(table, "whether -backend-config sets `use_lockfile` too", subject="backend.s3")
            continue
        yield RULE.finding(
            at=table,
            subject="backend.s3",
            message="the state is locked with `dynamodb_table`, which is deprecated",
            fix="Set `use_lockfile = true` beside it, require Terraform 1.10 or later, and take `dynamodb_table` "
            "out once nobody locks with it any more.",
        )


RULE = Rule(
    id="backend-dynamodb-lock",
    title="State locked with a DynamoDB table",
    severity=Severity.LOW,
    stage=Stage.INIT,
    why="Terraform 1.10 can lock in the bucket itself. Since 1.11 it warns that `dynamodb_table` is deprecated, "
    "and a later minor version will not know it.",
    reference=S3_PAGE,
    check=check,
)
