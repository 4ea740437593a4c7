"""Tells where it may be OpenTofu that reads a configuration: it takes a few things that Terraform refuses."""

from pathlib import PurePosixPath

from docferry.preflight.hcl.module import Module
from docferry.preflight.rules._lock import locked
from docferry.preflight.rules._versions import required
from docferry.preflight.tree import Tree

_REGISTRY = "registry.opentofu.org/"
_VERSION_FILE = ".opentofu-version"
"""What the managers of its versions read, beside a configuration or above it."""


def may_be_opentofu(module: Module, tree: Tree) -> bool:
    """Whether anything beside a configuration, or above it, is OpenTofu's."""
    here = PurePosixPath(module.directory)
    if any(tree.source((one / _VERSION_FILE).as_posix()) is not None for one in (here, *here.parents)):
        return True
    asked = (one.get("source") for one in required(module).values() if isinstance(one, dict))
    sources = (*(one for one in asked if isinstance(one, str)), *(one.source for one in locked(module, tree)))
    return any(one.startswith(_REGISTRY) for one in sources) or bool(tree.files("*.tofu"))
