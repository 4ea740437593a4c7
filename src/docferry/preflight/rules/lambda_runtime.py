"""Functions use runtimes that AWS still supports."""

from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._lambda import FUNCTION
from docferry.preflight.rules._lambda_runtimes import LIFECYCLES, READ_ON, successor


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for runtimes that are deprecated on the day of the check."""
    for function in module.resources(FUNCTION):
        attribute = function.attribute("runtime")
        value = attribute.value if attribute else None
        if attribute is None or value is None:
            continue
        if not isinstance(value, str):
            yield RULE.undecided(at=attribute, what_is_unknown="the runtime")
        elif value in LIFECYCLES and LIFECYCLES[value].deprecated <= context.today:
            yield _finding(attribute, value, context)


def _finding(attribute: Attribute, runtime: str, context: Context) -> Finding:
    dates = LIFECYCLES[runtime]
    severity, stage = Severity.MEDIUM, Stage.RUN
    message = f"runtime `{runtime}` is deprecated since {dates.deprecated}"
    why = f"It gets no security updates, and AWS refuses new functions that use it from {dates.create_blocked} on."
    if dates.update_blocked <= context.today:
        severity, stage, why = Severity.HIGH, Stage.APPLY, RULE.why
        message = f"no function with runtime `{runtime}` can be created or updated since {dates.update_blocked}"
    elif dates.create_blocked <= context.today:
        severity, stage, why = Severity.HIGH, Stage.APPLY, RULE.why
        message = f"no function can be created with runtime `{runtime}` since {dates.create_blocked}"
    return RULE.finding(
        at=attribute,
        message=f"{message}, by AWS's dates of {READ_ON}",
        fix=f"Move to `{successor(runtime, context.today)}` and test the code with it.",
        why=why,
        severity=severity,
        stage=stage,
        certain=not attribute.expression.assumed,
    )


RULE = Rule(
    id="lambda-runtime",
    title="Function with a deprecated runtime",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why='Lambda refuses it: "The runtime parameter is no longer supported for creating or updating AWS Lambda '
    'functions". Neither `terraform validate` nor `terraform plan` sees that.',
    reference="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    check=check,
)
