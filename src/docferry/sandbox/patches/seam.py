"""Where a patch meets ministack: looked at before anything is replaced, so that another version is refused."""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from types import ModuleType
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body, as ministack's handlers return them."""


class UnknownServer(RuntimeError):
    """The installed ministack lacks what a patch needs."""


def function(module: ModuleType, name: str, *parameters: str) -> Callable[..., Any]:
    """Return a function of ministack. Raises UnknownServer if its parameters are not these, in this order."""
    found = getattr(module, name, None)
    if not inspect.isfunction(found):
        raise unknown(f"{module.__name__}.{name} is missing")
    has = tuple(inspect.signature(found).parameters)
    if has != parameters:
        raise unknown(f"{module.__name__}.{name} takes {', '.join(has)} and not {', '.join(parameters)}")
    return found


def values(module: ModuleType, *names: str) -> None:
    """Raise UnknownServer if the module lacks one of the names."""
    missing = [name for name in names if not hasattr(module, name)]
    if missing:
        raise unknown(f"{module.__name__}.{missing[0]} is missing")


def unknown(what: str) -> UnknownServer:
    """Return the refusal of a server that is not what a patch expects."""
    return UnknownServer(
        f"ministack {version('ministack')} is not the version that docferry patches ({what}); "
        "install docferry[sandbox] again"
    )
