"""Tells configurations that are deployed as they are from modules, examples and what is too small to count."""

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module

_SHOWN = {"example", "examples", "fixtures", "test", "tests"}
LEAST = 5
"""Resources from which on a directory counts; a call of a module counts as as many."""


def is_shown(directory: str) -> bool:
    """Whether a directory is below one of examples or tests."""
    return bool(_SHOWN.intersection(directory.split("/")))


def whole(module: Module) -> Block | None:
    """Return the block that makes a directory one that is deployed: its backend's, else a provider's; or None.

    None too for what another directory calls, for what is below one of examples or tests, and for what has few
    resources, such as a bucket for a state.
    """
    if module.callers or not module.complete or is_shown(module.directory):
        return None
    if len(module.resources()) + LEAST * len(module.of("module")) < LEAST:
        return None
    backed = (one for one in module.of("terraform") if one.block("backend") or one.block("cloud"))
    return next(backed, next(iter(module.of("provider")), None))
