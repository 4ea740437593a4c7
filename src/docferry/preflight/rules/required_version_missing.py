"""What is deployed says which Terraform it is for."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._whole import whole


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for configurations that are deployed without `required_version`."""
    block = whole(module)
    if block is not None and all(one.value("required_version") is None for one in module.of("terraform")):
        yield RULE.finding(
            at=block,
            message="no version of Terraform is required",
            fix='Write `required_version = ">= 1.11"` into the `terraform` block, with the version that it is run '
            "with.",
        )


RULE = Rule(
    id="required-version-missing",
    title="Configuration for any Terraform",
    severity=Severity.LOW,
    stage=Stage.INIT,
    why="An older Terraform stops somewhere in the middle with a message about syntax, and a newer one writes a "
    "state that the others cannot read any more.",
    reference="https://developer.hashicorp.com/terraform/language/terraform#terraform-required_version",
    check=check,
)
