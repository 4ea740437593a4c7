"""Version constraints, as far as the major version goes, and which of them hold for the AWS provider."""

import math
import re
from collections.abc import Callable

from docferry.preflight.hcl.block import Attribute
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Value
from docferry.preflight.rule import Context
from docferry.preflight.rules._lock import locked

AWS = "hashicorp/aws"
_CLAUSE = re.compile(r"(!=|~>|>=|<=|>|<|=)?\s*v?(\d+)((?:\.\d+)*)\S*")
_FROM = (None, "=", "~>", ">", ">=")

Majors = tuple[int, int | None]
"""The least and the greatest major version that is allowed; None for the greatest: any."""
ANY: Majors = (0, None)


def majors(constraints: str) -> Majors:
    """Return the major versions that a list of constraints allows."""
    least, greatest = ANY
    for clause in constraints.split(","):
        found = _CLAUSE.fullmatch(clause.strip())
        if not found:
            continue
        sign, major, rest = found[1] or "=", int(found[2]), found[3]
        if sign in ("=", "~>", ">", ">="):
            least = max(least, major)
        # Below 6.0 there is no 6; Terraform lets `~> 5`, too, be 5 only.
        top = major - 1 if sign == "<" and not rest.strip(".0") else major
        if sign in ("=", "~>", "<", "<="):
            greatest = top if greatest is None else min(greatest, top)
    return least, greatest


def least(constraints: str) -> tuple[int, int]:
    """Return the least major and minor version that a list of constraints allows."""
    clauses = filter(None, (_CLAUSE.fullmatch(one.strip()) for one in constraints.split(",")))
    held = [(int(one[2]), int(one[3][1:].partition(".")[0] or 0)) for one in clauses if one[1] in _FROM]
    return max(held, default=(0, 0))


def is_empty(constraints: str, *, of_provider: bool = False) -> bool:
    """Tell whether no version at all is allowed, as far as bounds go; what is excluded singly is left aside.

    `~> 1` is 1 only for a provider; of itself and of modules Terraform reads it as 1 or any later one.
    """
    lowest: tuple[tuple[float, ...], bool] = (0,) * 3, False
    highest: tuple[tuple[float, ...], bool] = (math.inf,) * 3, False
    for clause in constraints.split(","):
        found = _CLAUSE.fullmatch(clause.strip())
        if not found or found[1] == "!=":
            continue
        sign, written = found[1] or "=", [int(one) for one in (found[2] + found[3]).split(".")]
        version = (*written, 0, 0)[:3]
        if sign in _FROM:
            lowest = max(lowest, (version, sign == ">"))
        if sign in ("=", "<", "<="):
            highest = min(highest, (version, sign != "<"))
        elif sign == "~>" and (of_provider or len(written) > 1):
            kept = written[: max(1, len(written) - 1)]
            highest = min(highest, ((*kept[:-1], kept[-1] + 1, 0, 0)[:3], False))
    return lowest[0] > highest[0] or (lowest[0] == highest[0] and (lowest[1] or not highest[1]))


def is_before(module: Module, version: str) -> bool:
    """Tell whether a directory, or each that calls it, requires a Terraform before a version."""

    def is_required(one: Module) -> bool:
        constraints = (terraform.value("required_version") for terraform in one.of("terraform"))
        return any(is_empty(f"{each}, >= {version}") for each in constraints if isinstance(each, str))

    return is_asked_for(module, is_required)


def is_asked_for(module: Module, holds: Callable[[Module], bool], below: tuple[Module, ...] = ()) -> bool:
    """Tell whether something holds of a directory, or of each that calls it: constraints add up from the root."""
    # Modules that call each other in a circle are none, but are read.
    if module in below:
        return False
    above = (is_asked_for(one, holds, (*below, module)) for one in module.calling)
    return holds(module) or (bool(module.calling) and all(above))


def requirements(module: Module) -> dict[str, Attribute]:
    """Return what is written in `required_providers`, by local name: in an override file, if it is there too."""
    blocks = (one for terraform in module.of("terraform") for one in terraform.blocks("required_providers"))
    return {name: one for block in blocks for name, one in block.attributes.items()}


def required(module: Module) -> dict[str, Value]:
    """Return what a directory requires of providers, by local name: objects, or a constraint alone."""
    return {name: one.value for name, one in requirements(module).items()}


def aws_constraint(module: Module, context: Context) -> str | None:
    """Return which versions of the AWS provider a directory allows, the one of its lock file if that says it.

    None if the directory says nothing of it, or leaves it to what calls it.
    """
    for one in locked(module, context.tree):
        if one.source == AWS and isinstance(one.version, str):
            return one.version
    return None if module.callers else required_aws(module)


def required_aws(module: Module) -> str | None:
    """Return which versions of the AWS provider a directory's own files allow, None if they say nothing of it."""
    held = required(module).get("aws")
    constraint = held.get("version") if isinstance(held, dict) else held
    # Terraform 0.12 had it at the provider.
    providers = (one.value("version") for one in module.of("provider") if one.name == "aws")
    return next((one for one in (constraint, *providers) if isinstance(one, str)), None)
