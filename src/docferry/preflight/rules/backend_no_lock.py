"""A state in S3 is locked while it is changed."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import S3_PAGE, backends, config_files_with, is_partial

_LOCKS = ("use_lockfile", "dynamodb_table")
_ON = (True, "true")
_OFF = (None, False, "false")


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for S3 backends with neither a lock file nor a table of locks."""
    for backend in backends(module, "s3"):
        lock_file, table = (backend.value(name) for name in _LOCKS)
        if lock_file in _ON or table not in (None, ""):
            continue
        if lock_file is UNKNOWN or is_partial(backend) or config_files_with(context, module, *_LOCKS):
            yield RULE.undecided(backend, "whether -backend-config gives a lock", subject="backend.s3")
        elif lock_file in _OFF:
            yield RULE.finding(
                at=backend.attributes.get("use_lockfile") or backend,
                subject="backend.s3",
                message="the state in S3 is not locked: neither `use_lockfile` nor `dynamodb_table`",
                fix="Set `use_lockfile = true`; with Terraform before 1.10, `dynamodb_table`.",
            )


RULE = Rule(
    id="backend-no-lock",
    title="State in S3 without a lock",
    severity=Severity.HIGH,
    stage=Stage.RUN,
    why="Locking is off unless it is asked for. Two applies at once both read the state, both change the account, "
    "and the later write of the state drops what the other one made.",
    reference=S3_PAGE,
    check=check,
)
