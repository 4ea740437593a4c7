"""What is referred to is declared."""

from collections.abc import Iterator
from typing import NamedTuple

from docferry.preflight.finding import Outcome, Place, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._whole import is_shown

_DECLARING = ("check", "data", "ephemeral", "locals", "module", "output", "provider", "resource", "variable")
"""Blocks whose references must lead somewhere: `moved` and `removed` name what is gone."""
_BOUND = ("key", "value")
_GENERATORS = ("terragrunt.hcl", "*.tofu", "cdktf.json")
"""Where there is one of these, more may be declared than is in .tf files."""


class Use(NamedTuple):
    """A name that is declared nowhere, where it is used."""

    place: Place
    address: str


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for variables, locals, modules, resources and data sources that are used and not declared."""
    if not module.complete or any(context.tree.files(one) for one in _GENERATORS):
        return
    uses: dict[str, list[Use]] = {}
    for block in module.blocks:
        for start, reference in _mentioned(block, module):
            if not _is_declared(reference, block, module):
                uses.setdefault(reference.address, []).append(Use(block.source.place(start), block.address))
    if len(uses) > len(module.scope.declared):
        # Another tool writes the rest.
        return
    for address, (first, *others) in uses.items():
        more = f", and {len(others)} times more" if others else ""
        yield RULE.finding(
            at=first,
            message=f"there is no `{address}` in this directory: it is used here{more}",
            fix="Declare it, or write the name of what is meant.",
            # Whoever reads an example fills it in.
            severity=Severity.MEDIUM if is_shown(module.directory) else None,
        )


def _mentioned(block: Block, module: Module) -> Iterator[tuple[int, Reference]]:
    in_file = module.scope.mentions.get(block.source.path)
    # These are names of attributes, such as `data` of a map of Kubernetes.
    ignored = block.ignore_changes
    read = block.type in _DECLARING and not _is_overridden(block) and not _is_unused(block, module)
    if in_file is not None and read:
        for start, reference in in_file.within(block.start, block.end):
            if ignored is None or not ignored.start <= start < ignored.end:
                yield start, reference


def _is_unused(block: Block, module: Module) -> bool:
    """Whether it is a provider that nothing names: Terraform does not work it out."""
    alias = block.value("alias") if block.type == "provider" else None
    return alias is not None and not any(
        reference.parts[:2] == (block.name, alias) for one in module.blocks for reference in one.references
    )


def _is_overridden(block: Block) -> bool:
    """Whether another file replaces something in it: Terraform does not read what was there."""
    written = [one.expression.source for one in block.attributes.values()]
    written += [one.source for one in block.children]
    return any(one is not block.source for one in written)


def _is_declared(reference: Reference, block: Block, module: Module) -> bool:
    root, name = reference.parts[:2]
    if root == "local":
        return name in module.scope.local_values
    known_kind = root in ("data", "module", "var") or root.startswith("aws_")
    if not known_kind or module.resolve(reference) is not None:
        return True
    inside = (one.labels for one in block.blocks("data")) if root == "data" and block.type == "check" else ()
    return (root != "var" and name in _BOUND) or reference.parts[1:3] in inside


RULE = Rule(
    id="undeclared",
    title="Name that is declared nowhere",
    severity=Severity.CRITICAL,
    stage=Stage.VALIDATE,
    why="`terraform validate` and `plan` refuse the directory before anything is made: a name was misspelt, or "
    "what it named has gone.",
    reference="https://developer.hashicorp.com/terraform/language/expressions/references",
    check=check,
)
