"""Lock files, .terraform.lock.hcl: which version of each provider is to be installed, and its checksums."""

from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.build import Builder
from docferry.preflight.hcl.expression import Scope
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.parse import parse
from docferry.preflight.hcl.value import Value
from docferry.preflight.tree import LOCK_FILE, Tree

_REGISTRY = "registry.terraform.io/"


@dataclass(frozen=True, slots=True)
class Locked:
    """One provider in a lock file. `source` is without the public registry's name: `hashicorp/aws`."""

    source: str
    version: Value
    hashes: Value
    block: Block


def path_of(module: Module) -> str:
    """Return where the lock file of a directory is."""
    return LOCK_FILE if module.directory == "." else f"{module.directory}/{LOCK_FILE}"


def has_lock(module: Module, tree: Tree) -> bool:
    """Whether a directory has a lock file."""
    return tree.source(path_of(module)) is not None


def locked(module: Module, tree: Tree) -> Iterator[Locked]:
    """Give what the lock file of a directory holds; nothing if there is none or it cannot be read."""
    source = tree.source(path_of(module))
    if source is None:
        return
    for block in Builder(source, Scope()).blocks(parse(source.data).root_node):
        if block.type == "provider" and block.name:
            name = block.name.removeprefix(_REGISTRY)
            yield Locked(name, block.value("version"), block.value("hashes"), block)
