"""The code of functions has tests."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._documents import some
from docferry.preflight.rules._project import project, top
from docferry.preflight.tree import Tree


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for handlers in Python that no test names."""
    block = top(module, context.tree)
    if block is None:
        return
    held = project(context.tree)
    untested = [one for one in held.handlers if not _named(one, context.tree)]
    if untested and not held.is_all and not held.tests:
        yield RULE.undecided(
            at=block, what_is_unknown="whether tests of the functions lie outside the checked directory"
        )
    elif untested:
        yield RULE.finding(
            at=block,
            subject=module.directory,
            message=f"no test imports or names {some(untested)}",
            fix="Add a test that calls the handler with an event as AWS sends it.",
        )


def _named(path: str, tree: Tree) -> bool:
    parts = path.removesuffix(".py").split("/")
    alike = sum(f"/{one}".endswith(f"/{parts[-1]}.py") for one in project(tree).handlers) > 1
    # Half the functions of this world are in a file called app or handler: there the directory tells them apart.
    names = [_word(one) for one in (parts[-2:] if alike else parts[-1:])]
    texts = (f"{one}\n{tree.text(one) or ''}" for one in project(tree).tests if one.endswith(".py"))
    return any(all(name.search(text) for name in names) for text in texts)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-zA-Z0-9]){re.escape(name)}(?![a-zA-Z0-9])")


RULE = Rule(
    id="no-unit-tests",
    title="Functions without tests",
    severity=Severity.LOW,
    stage=Stage.RUN,
    why="A name that is wrong or a key that the event does not have shows when the first event comes, and the "
    "event is lost or tried again and again.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/testing-guide.html",
    check=check,
)
