"""A function gets the environment variables that its code cannot do without."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._environment import (
    Code,
    code_of,
    hangs_on_a_variable,
    is_python,
    set_by_aws,
    set_for,
    variables_of,
)
from docferry.preflight.rules._lambda import FUNCTION
from docferry.preflight.rules._reads import Read


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for variables that Python code reads without a default and that are not set for its function."""
    for function in module.resources(FUNCTION):
        if not is_python(function):
            continue
        code, given, written = code_of(function, module, context.tree), set_for(function), variables_of(function)
        if code is None:
            yield RULE.undecided(
                at=function, what_is_unknown="which variables are read: its code is not found here"
            )
        elif isinstance(given, Unknown) or "dotenv" in code.imports:
            if _wanted(code, set()):
                yield RULE.undecided(at=function, what_is_unknown="which environment variables are set")
        else:
            for path, read in _wanted(code, given):
                yield RULE.finding(
                    at=_place(function),
                    message=f"`{read.name}` is read in {path}:{read.line} and not set",
                    fix=f"Set `{read.name}` in `environment`, or give it a default in the code.",
                    why=None if read.needed else _WITHOUT_ERROR,
                    severity=None if read.needed else Severity.MEDIUM,
                    certain=not (written and hangs_on_a_variable(written.expression, module.scope)),
                )


def _wanted(code: Code, given: set[str]) -> list[tuple[str, Read]]:
    """Return one place for each variable that is read without a default, the worst one."""
    found: dict[str, tuple[str, Read]] = {}
    for path, read in code.reads():
        if read.default or read.optional or read.name in given or set_by_aws(read.name):
            continue
        if read.name not in found or (read.needed and not found[read.name][1].needed):
            found[read.name] = (path, read)
    return list(found.values())


def _place(function: Block) -> Placed:
    return variables_of(function) or function.block("environment") or function


_WITHOUT_ERROR = "The code gets None in its place and does not ask for it."

RULE = Rule(
    id="lambda-environment-missing",
    title="Environment variable that the code reads and nothing sets",
    severity=Severity.HIGH,
    stage=Stage.RUN,
    why="The function is deployed, and ends with a KeyError when it reads the variable.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    check=check,
)
