"""What is set for a function is read by it."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._environment import (
    KNOWN,
    code_of,
    read_by_libraries,
    set_for,
    variables_of,
    words_of,
)
from docferry.preflight.rules._lambda import FUNCTION


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for environment variables that appear nowhere in the code of their function."""
    for function in module.resources(FUNCTION):
        given, attribute = set_for(function), variables_of(function)
        code = code_of(function, module, context.tree) if given else None
        if isinstance(given, Unknown) or attribute is None or code is None:
            continue
        words = words_of(code, context.tree)
        unused = sorted(one for one in given if one not in words and not read_by_libraries(one, code))
        elsewhere = function.value("layers") is not None or not code.imports <= KNOWN
        if unused and (code.more or elsewhere):
            names = ", ".join(f"`{one}`" for one in unused)
            how = "by a layer or a library" if elsewhere else "under a name made at run time"
            yield RULE.undecided(at=function, what_is_unknown=f"whether {names} is read {how}")
            continue
        for name in unused:
            yield RULE.finding(
                at=_place(attribute, name),
                message=f"`{name}` is set, but nothing in {code.package.root or 'the code'} reads it",
                fix=f"Remove `{name}`, or mend its name here or in the code.",
            )


def _place(variables: Attribute, name: str) -> Placed:
    return variables.expression.item(name) or variables


RULE = Rule(
    id="lambda-environment-unused",
    title="Environment variable that the code does not read",
    severity=Severity.LOW,
    stage=Stage.NEVER,
    why="Who changes it expects something to happen, and nothing does. Often its name is another one in the code.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    check=check,
)
