"""One module a rule, found by walking this package: a new rule is a new file and touches no other."""

import importlib
import pkgutil
from functools import cache

from docferry.preflight.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, by id. Raises ValueError if two rules share an id."""
    rules: dict[str, Rule] = {}
    for found in pkgutil.iter_modules(__path__):
        if found.name.startswith("_"):
            continue
        rule = importlib.import_module(f"{__name__}.{found.name}").RULE
        if not isinstance(rule, Rule) or rule.id in rules:
            raise ValueError(f"{found.name} has no RULE of its own")
        rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))
