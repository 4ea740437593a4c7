"""The tags of resources, those of the provider's `default_tags` included."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.load import is_configuration, load
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Unknown, Value
from docferry.preflight.tree import Tree

Tags = dict[str, Value] | Unknown


@dataclass(frozen=True, slots=True)
class Held:
    """Tags, or UNKNOWN, and whether they hang on a variable; a value may be unknown by itself."""

    tags: Tags
    assumed: bool = False


NONE = Held({})


def tags_of(resource: Block, module: Module, tree: Tree) -> Held:
    """Return all tags of a resource."""
    own, default = own_tags(resource), default_tags(resource, module, tree)
    if isinstance(own.tags, Unknown) or isinstance(default.tags, Unknown):
        return Held(UNKNOWN)
    return Held(default.tags | own.tags, default.assumed or own.assumed)


def own_tags(block: Block) -> Held:
    """Return the tags that are written in a resource, or in a block of its provider."""
    written = block.attribute("tags")
    if written is None:
        return NONE
    tags = {} if written.value is None else written.value
    return Held(tags if isinstance(tags, dict) else UNKNOWN, written.expression.assumed)


def default_tags(resource: Block, module: Module, tree: Tree) -> Held:
    """Return the tags that a resource's provider adds, that of a calling module where it comes from there."""
    wanted = resource.attribute("provider")
    name = _name(wanted) if wanted else "aws"
    found = _of_provider(module, name)
    if found is not None:
        return found
    if not module.callers:
        # Nobody else can configure the provider of the checked directory itself.
        return NONE if module.directory == "." else Held(UNKNOWN)
    passed = list(_passed(module, name, tree))
    return passed[0] if all(one == passed[0] for one in passed) else Held(UNKNOWN)


def _name(provider: Attribute) -> str:
    # In quotes it is a text, as in JSON: so it was before Terraform 0.12, and it still goes.
    return provider.value if isinstance(provider.value, str) else provider.expression.text.strip()


def _of_provider(module: Module, name: str) -> Held | None:
    """Return what the provider of a name such as `aws.west` adds, None if there is none here."""
    local, _, alias = name.partition(".")
    for block in module.of("provider"):
        if block.name != local or (block.value("alias") or "") != alias:
            continue
        held = block.block("default_tags")
        if held is None:
            return NONE
        return Held(UNKNOWN) if held.dynamic else own_tags(held)
    return None


def _passed(module: Module, name: str, tree: Tree) -> Iterator[Held]:
    for block in module.callers:
        directory = posixpath.dirname(block.source.path) or "."
        given = block.attribute("providers")
        there = given.expression.item(name) if given else None
        if given is not None and there is None:
            yield Held(UNKNOWN)
            continue
        found = _of_provider(_caller(tree, directory), there.text.strip() if there else name)
        yield found if found is not None else (NONE if directory == "." else Held(UNKNOWN))


@lru_cache(maxsize=8)
def _caller(tree: Tree, directory: str) -> Module:
    """Read a calling module again: what calls a module is known by its block only."""
    names = [one.name for one in sorted((tree.root / directory).iterdir()) if is_configuration(one.name)]
    return load(tree.root, directory, names).module
