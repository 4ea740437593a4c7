"""What may be declared once only is declared once."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.override import is_override
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._whole import is_shown

_NAMED = ("action", "check", "data", "ephemeral", "module", "output", "resource", "variable")
_OF_TERRAFORM = {
    "backend": "a place for the state",
    "cloud": "a place for the state",
    "required_providers": "`required_providers`",
}


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for what has the same name as something before it, in whichever file of the directory."""
    first: dict[str, Placed] = {}
    for what, at in _declared(module):
        before = first.setdefault(what, at)
        if before is not at:
            # Examples are often files of which whoever deploys takes one.
            apart = is_shown(module.directory) and before.place.file != at.place.file
            yield RULE.finding(
                at=at,
                message=f"{what} is declared a second time; first at {before.place.file}:{before.place.line}",
                fix="Give it another name, or remove one of the two."
                if what not in _OF_TERRAFORM.values()
                else "Keep one of the two, with what both of them hold.",
                severity=Severity.MEDIUM if apart else None,
            )


def _declared(module: Module) -> Iterator[tuple[str, Placed]]:
    """Give what is declared, as it is called in a message. What overrides something is no second declaration."""
    for block in module.blocks:
        if is_override(block.source.path):
            continue
        if block.type in _NAMED:
            kind = "" if block.type in ("data", "ephemeral", "module", "output", "variable") else f"{block.type} "
            yield f"{kind}`{block.address}`", block
            inner = block.blocks("data") if block.type == "check" and not block.in_json else ()
            yield from ((f"`{'.'.join(('data', *one.labels))}`", one) for one in inner)
        elif block.type == "locals":
            yield from ((f"`local.{name}`", one) for name, one in block.attributes.items())
        elif block.type == "provider":
            yield from _provider(block)
        elif block.type == "terraform":
            yield from ((_OF_TERRAFORM[one.type], one) for one in block.children if one.type in _OF_TERRAFORM)


def _provider(block: Block) -> Iterator[tuple[str, Placed]]:
    alias = block.value("alias")
    if alias is None:
        yield f"provider `{block.name}` without an alias", block
    elif isinstance(alias, str):
        yield f"provider `{block.name}.{alias}`", block


RULE = Rule(
    id="declared-twice",
    title="Two declarations of one name",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why="`terraform init` refuses a directory in which a name is declared twice: two changes that are good by "
    "themselves and bring one each stop everything together.",
    reference="https://developer.hashicorp.com/terraform/language/files/override",
    check=check,
)
