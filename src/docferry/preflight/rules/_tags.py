"""The tags of resources, those of the provider's `default_tags` included."""

import posixpath
from collections.abc import Iterator
from functools import lru_cache

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.load import is_configuration, load
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Unknown, Value
from docferry.preflight.tree import Tree

Tags = dict[str, Value] | Unknown


def tags_of(resource: Block, module: Module, tree: Tree) -> Tags:
    """Return all tags of a resource, or UNKNOWN; a value may be unknown by itself."""
    own, default = resource.value("tags"), default_tags(resource, module, tree)
    if own is None:
        own = {}
    if not isinstance(own, dict) or isinstance(default, Unknown):
        return UNKNOWN
    return default | own


def default_tags(resource: Block, module: Module, tree: Tree) -> Tags:
    """Return the tags that a resource's provider adds, that of a calling module where it comes from there."""
    wanted = resource.attribute("provider")
    name = wanted.expression.text.strip() if wanted else "aws"
    found = _of_provider(module, name)
    if found is not None:
        return found
    if not module.callers:
        # Nobody else can configure the provider of the checked directory itself.
        return {} if module.directory == "." else UNKNOWN
    passed = list(_passed(module, name, tree))
    return passed[0] if all(one == passed[0] for one in passed) else UNKNOWN


def _of_provider(module: Module, name: str) -> Tags | None:
    """Return what the provider of a name such as `aws.west` adds, None if there is none here."""
    local, _, alias = name.partition(".")
    for block in module.of("provider"):
        if block.name != local or (block.value("alias") or "") != alias:
            continue
        held = block.block("default_tags")
        tags = held.value("tags") if held else {}
        if held is not None and held.dynamic:
            return UNKNOWN
        return {} if tags is None else tags if isinstance(tags, dict) else UNKNOWN
    return None


def _passed(module: Module, name: str, tree: Tree) -> Iterator[Tags]:
    for block in module.callers:
        directory = posixpath.dirname(block.source.path) or "."
        given = block.attribute("providers")
        there = given.expression.item(name) if given else None
        if given is not None and there is None:
            yield UNKNOWN
            continue
        found = _of_provider(_caller(tree, directory), there.text.strip() if there else name)
        yield found if found is not None else ({} if directory == "." else UNKNOWN)


@lru_cache(maxsize=8)
def _caller(tree: Tree, directory: str) -> Module:
    """Read a calling module again: what calls a module is known by its block only."""
    names = [one.name for one in sorted((tree.root / directory).iterdir()) if is_configuration(one.name)]
    return load(tree.root, directory, names).module
