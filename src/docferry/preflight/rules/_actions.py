"""Which actions of IAM can be narrowed to a resource, from a table of AWS's service authorization reference."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from docferry.preflight.rules._patterns import matches

TABLE = Path(__file__).with_name("_iam_actions.json")


class Service(NamedTuple):
    """The actions of a service: those that take a resource, and those that are for all or none."""

    some: tuple[str, ...]
    all: tuple[str, ...]


@cache
def services() -> dict[str, Service]:
    """Return the services of the table, by prefix."""
    held = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        name: Service(_names(one["some"]), _names(one["all"]))
        for name, one in held.items()
        if isinstance(one, dict)
    }


def _names(verbs: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{verb}{rest}" for verb, joined in verbs.items() for rest in joined.split(","))


def meant(action: str) -> Service | None:
    """Return the actions that a pattern means, without their prefix; None if it means none that is known."""
    prefix, _, pattern = action.partition(":")
    service = services().get(prefix.lower())
    if service is None:
        return None
    found = Service(*(tuple(name for name in names if matches(pattern, name)) for names in service))
    return found if any(found) else None
