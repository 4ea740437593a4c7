"""A backend block takes literal values only."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for what is computed in backend blocks."""
    for backend in (one for terraform in module.of("terraform") for one in terraform.blocks("backend")):
        subject = f"backend.{backend.name}"
        for attribute in (one for block in backend.walk() for one in block.attributes.values()):
            what = _computed_from(attribute.expression)
            if what and module.callers:
                # Terraform only warns of a backend in what another directory calls, and does not read it.
                yield RULE.undecided(
                    attribute, "whether this directory is ever deployed by itself", subject=subject
                )
            elif what:
                yield RULE.finding(
                    at=attribute.expression,
                    subject=subject,
                    message=f"`{attribute.name}` of the backend is computed from `{what}`",
                    fix=f"Write the value itself, or leave `{attribute.name}` out and pass it with "
                    f'`terraform init -backend-config="{attribute.name}=..."`.',
                )


def _computed_from(expression: Expression) -> str:
    if expression.references:
        return str(expression.references[0])
    return f"{expression.functions[0]}()" if expression.functions else ""


RULE = Rule(
    id="backend-expression",
    title="Variables, locals, data sources or functions in a backend block",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why='`terraform init` reads the backend before anything else and refuses it: "Variables not allowed". '
    "`terraform validate` after `init -backend=false`, as pipelines run it, does not see this.",
    reference="https://developer.hashicorp.com/terraform/language/backend#define-a-backend-block",
    check=check,
)
