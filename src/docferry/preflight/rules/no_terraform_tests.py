"""A configuration has tests of its own."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._project import project, top
from docferry.preflight.rules._versions import is_before

_FIRST_WITH_TESTS = "1.6"


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look whether there is any *.tftest.hcl; Terraform takes none from outside the configuration."""
    block = top(module, context.tree)
    if block is None or is_before(module, _FIRST_WITH_TESTS):
        return
    if not project(context.tree).terraform_tests:
        yield RULE.finding(
            at=block,
            subject=module.directory,
            message="there are no tests of Terraform's own (*.tftest.hcl)",
            fix="Add tests/*.tftest.hcl with `run` blocks that plan, with `mock_provider` where no account is at "
            "hand, and `assert` what must hold.",
        )


RULE = Rule(
    id="no-terraform-tests",
    title="Configuration without tests",
    severity=Severity.LOW,
    stage=Stage.APPLY,
    why="Conditions, validations and what depends on a variable are tried for the first time when they are "
    "deployed.",
    reference="https://developer.hashicorp.com/terraform/language/tests",
    check=check,
)
