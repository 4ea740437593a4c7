"""What a deployment asks for, or refuses, is written down."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._documents import documented, documents, some, valued
from docferry.preflight.rules._project import project
from docferry.preflight.rules._whole import whole
from docferry.preflight.tree import Tree

_ACCOUNTS = ("allowed_account_ids", "forbidden_account_ids")


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for variables that must be given or are limited, and for limits of accounts, that nothing tells of."""
    tree = context.tree
    if whole(module) is None:
        return
    unsaid = [one for one in module.of("variable") if _is_asked(one, module) and not _is_told(one, tree)]
    limited = [] if _tells_of_accounts(tree) else [one for one in module.of("provider") if _limits_accounts(one)]
    if (unsaid or limited) and not documents(tree) and not project(tree).is_all:
        yield RULE.undecided((unsaid or limited)[0], "whether its limits are documented: no document is here")
        return
    if unsaid:
        yield RULE.finding(
            at=unsaid[0],
            message=f"neither a description nor a document tells what {some([one.name for one in unsaid])} may be",
            fix="Give each a `description`, or name it in the README, with the values that it may have.",
        )
    for one in limited:
        yield RULE.finding(
            at=one,
            message="only some accounts can have it, and no document says which",
            fix="Say in the README which accounts it is for.",
        )


def _is_asked(variable: Block, module: Module) -> bool:
    """Whether a variable must be given, or may not be just anything."""
    given = module.scope.variables.get(variable.name) is not UNKNOWN or "default" in variable.attributes
    return not given or bool(variable.blocks("validation"))


def _is_told(variable: Block, tree: Tree) -> bool:
    description = variable.value("description")
    if description is not None and (not isinstance(description, str) or description.strip()):
        return True
    return variable.name in documented(tree) or variable.name in valued(tree)


def _tells_of_accounts(tree: Tree) -> bool:
    return any("account" in one.lower() for one in documented(tree))


def _limits_accounts(provider: Block) -> bool:
    # Accounts that a variable gives are known to who gives them.
    held = [provider.attributes[one] for one in _ACCOUNTS if one in provider.attributes]
    return any(one.value not in (None, []) and not one.expression.assumed for one in held)


RULE = Rule(
    id="undocumented-constraint",
    title="Limits of a deployment that no document names",
    severity=Severity.LOW,
    stage=Stage.PLAN,
    why="Who deploys it for the first time finds out by being refused, one limit after the other, or gives a "
    "value that is taken and wrong.",
    reference="https://developer.hashicorp.com/terraform/language/block/variable",
    check=check,
)
