"""What a plan says that it would do, attribute by attribute."""

from collections.abc import Iterator
from typing import Any


def drifts(plan: dict[str, Any]) -> set[str]:
    """Return what the plan would change, each as `<address>: <action> <attribute>`; outputs too."""
    return set(_drifts(plan))


def _drifts(plan: dict[str, Any]) -> Iterator[str]:
    for one in plan.get("resource_changes", ()):
        change = one["change"]
        actions = [action for action in change["actions"] if action not in ("no-op", "read")]
        if actions == ["update"]:
            yield from (f"{one['address']}: update {name}" for name in _changed(change))
        elif actions:
            yield f"{one['address']}: {' and '.join(actions)}"
    for name, change in plan.get("output_changes", {}).items():
        if change["actions"] != ["no-op"]:
            yield f"output {name}: {change['actions'][0]}"


def _changed(change: dict[str, Any]) -> list[str]:
    before, after = change["before"] or {}, change["after"] or {}
    unknown = change.get("after_unknown") or {}
    names = before.keys() | after.keys() | unknown.keys()
    return sorted(name for name in names if before.get(name) != after.get(name) or unknown.get(name) is True)
