"""What a function does without a setting is written down."""

from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._documents import documented, documents
from docferry.preflight.rules._environment import code_of, set_by_aws, set_for
from docferry.preflight.rules._lambda import FUNCTION
from docferry.preflight.rules._reads import Read

_LONGEST = 60


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for defaults in force, of variables that no document names."""
    for function in module.resources(FUNCTION):
        given = set_for(function)
        code = None if isinstance(given, Unknown) else code_of(function, module, context.tree)
        if code is None or isinstance(given, Unknown):
            continue
        in_force = {
            read.name: (path, read)
            for path, read in code.reads()
            if read.default and read.name not in given and not set_by_aws(read.name)
        }
        if in_force and not documents(context.tree) and not context.tree.is_project:
            yield RULE.undecided(
                at=function, what_is_unknown="whether its defaults are documented: no document is here"
            )
            continue
        for name, (path, read) in in_force.items():
            if name not in documented(context.tree):
                inline = path in code.package.inline
                yield _finding(function if inline else context.tree.at(path, read.line, read.column, name), read)


def _finding(at: Placed, read: Read) -> Finding:
    default = read.default if len(read.default) <= _LONGEST else "an expression"
    return RULE.finding(
        at=at,
        message=f"`{read.name}` is {default} unless it is set, and no document says so",
        fix=f"Name `{read.name}` and its default in the README, or set it in Terraform.",
    )


RULE = Rule(
    id="undocumented-default",
    title="Default in the code that no document names",
    severity=Severity.LOW,
    stage=Stage.NEVER,
    why="The function runs with a value that neither Terraform nor a document shows.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    check=check,
)
