"""Names are those that Terraform takes."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._versions import is_before

_KINDS = ("action", "check", "data", "ephemeral", "module", "output", "resource", "variable")
_ARGUMENTS = ("count", "depends_on", "for_each", "providers", "source", "version")
_RESERVED = (*_ARGUMENTS, "_", "lifecycle", "locals", "provider")
"""What every `module` block has for itself, now or one day: a variable could not be passed under such a name."""
_PROVIDER = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_ANY = "It begins with a letter or `_`, and holds letters, digits, `_` and `-` only."
_OF_PROVIDERS = "It holds small letters, digits and single dashes between them."


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for names of blocks, of their types and of locals that cannot be one."""
    # Until then a name might begin with a digit, and a variable be called as it liked.
    if is_before(module, "0.12"):
        return
    for block in module.blocks:
        if block.type in _KINDS:
            yield from _of_block(block)
        elif block.type == "locals":
            for name, one in block.attributes.items():
                yield from () if is_name(name) else (_finding(one, name, "a local", _ANY),)
        elif block.type == "provider" and not _is_provider(block.name):
            yield _finding(block, block.name, "a provider", _OF_PROVIDERS)
        elif block.type == "terraform":
            for required in block.blocks("required_providers"):
                wrong = (one for one in required.attributes.values() if not _is_provider(one.name))
                yield from (_finding(one, one.name, "a provider", _OF_PROVIDERS) for one in wrong)


def _of_block(block: Block) -> Iterator[Outcome]:
    *types, name = block.labels
    yield from (_finding(block, one, "a type", _ANY) for one in types if not is_name(one))
    if not is_name(name):
        yield _finding(block, name, "an output" if block.type == "output" else f"a {block.type}", _ANY)
    elif block.type == "variable" and name in _RESERVED:
        said = "Every `module` block has this name for itself."
        yield _finding(block, name, "a variable", said)


def is_name(name: str) -> bool:
    """Whether a text is a name in Terraform's language: a dash may be anywhere but at its beginning."""
    return not name.startswith("-") and name.replace("-", "_").isidentifier()


def _is_provider(name: str) -> bool:
    return name == name.lower() and _PROVIDER.fullmatch(name) is not None


def _finding(at: Placed, name: str, kind: str, said: str) -> Finding:
    return RULE.finding(at=at, message=f"`{name}` cannot be the name of {kind}", fix=f"Write another one. {said}")


RULE = Rule(
    id="invalid-name",
    title="Name that Terraform does not take",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why="`terraform init` reads all names before anything else and refuses the directory.",
    reference="https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers",
    check=check,
)
