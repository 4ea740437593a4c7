"""What is deployed is tested as it is deployed."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._project import against_aws, project, top


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for tests of what was deployed: by the names of their directories, or tests of Terraform that apply."""
    block = top(module, context.tree)
    if block is None or against_aws(context.tree):
        return
    if not project(context.tree).is_all:
        yield RULE.undecided(at=block, what_is_unknown="whether such tests lie outside the checked directory")
        return
    yield RULE.finding(
        at=block,
        subject=module.directory,
        message="nothing tests what was deployed",
        fix="Add tests/integration, or a tests/*.tftest.hcl that applies, with a test that sends something in and "
        "reads what comes out.",
    )


RULE = Rule(
    id="no-integration-tests",
    title="Deployment that nothing tests",
    severity=Severity.LOW,
    stage=Stage.RUN,
    why="Permissions, networks and the names that functions are given are right or wrong only where they are "
    "deployed: no plan and no unit test shows them.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/testing-guide.html",
    check=check,
)
