"""What is deployed has a lock file."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._lock import has_lock
from docferry.preflight.rules._versions import is_before
from docferry.preflight.rules._whole import whole

_FIRST_WITH_LOCK_FILE = "0.14"


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for configurations that are deployed without one."""
    block = whole(module)
    if block is not None and not has_lock(module, context.tree) and not is_before(module, _FIRST_WITH_LOCK_FILE):
        yield RULE.finding(
            at=block,
            message="there is no .terraform.lock.hcl beside this configuration",
            fix="Run `terraform providers lock -platform=linux_amd64 -platform=darwin_arm64`, with the platforms "
            "that are in use, and commit the file.",
        )


RULE = Rule(
    id="lock-file-missing",
    title="Configuration without a lock file",
    severity=Severity.MEDIUM,
    stage=Stage.INIT,
    why="Each `terraform init` chooses the versions of the providers anew, and checks no checksum: the pipeline "
    "may deploy with another provider than the plan was reviewed with.",
    reference="https://developer.hashicorp.com/terraform/language/files/dependency-lock",
    check=check,
)
