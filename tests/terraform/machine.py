"""The state machine as AWS gets it, from the templates that Terraform renders."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parents[2] / "infra" / "state_machines"
CHILDREN = {
    "backfill_documents": ("Backfill of a range", "data_sync", "backfill_documents", "range"),
    "backfill_records": ("Backfill of a segment", "data_sync", "backfill_records", "segment"),
    "validate_documents": ("Validation of a range", "validation", "documents", "range"),
    "validate_records": ("Validation of a segment", "validation", "records", "segment"),
}
"""What each Map runs for every item: its name, the function, its step, and what the item is a number of."""

Machine = dict[str, Any]


def rendered(**given: Any) -> Machine:
    """Return the definition, with values for what its templates ask for. Raises KeyError where one is missing."""
    values = {
        "partition": "aws",
        "data_sync": "arn:aws:lambda:eu-west-1:000000000000:function:demo-eu-west-1-lambda-data-sync",
        "validation": "arn:aws:lambda:eu-west-1:000000000000:function:demo-eu-west-1-lambda-validation",
        "event_bus": "demo-eu-west-1-events-migration",
        "approval_required": True,
        "repair_allowed": True,
        "repair_rounds": 3,
        "map_concurrency": 40,
        "tolerated_failure_percentage": 0,
        "task_timeout_s": 330,
        "approval_timeout_s": 604800,
        "fresh_ms": 82800000,
        "look_every_s": 87,
        "max_pause_s": 5,
        "max_lag_s": 2,
        "plan_turns": 50,
        "repair_turns": 60,
        "child_turns": 300,
        "looks": 994,
        **given,
    }
    values |= {f"retry_{kind}": held for kind, held in json.loads(_text("retry.json")).items()}
    for name, (label, function, step, item) in CHILDREN.items():
        own = {"label": label, "function": values[function], "step": step, "item": item}
        values[name] = _filled("turns.asl.json", values | own)
    states: Machine = {}
    for part in sorted((TEMPLATES / "migration").glob("*.json")):
        states |= _filled(f"migration/{part.name}", values)
    return _filled("migration.asl.json", {"states": states})


def hurried(machine: Machine) -> Machine:
    """Return it with every wait and every delay between attempts cut to nothing: it decides the same."""
    text = json.dumps(machine)
    return json.loads(re.sub(r'"(IntervalSeconds|Seconds)": \d+', r'"\1": 0', text))  # type: ignore[no-any-return]


def all_states(machine: Machine) -> Iterator[tuple[str, Machine, Machine]]:
    """Yield the name of every state, the state, and the states beside it, those of the Maps' children too."""
    for name, state in machine["States"].items():
        yield name, state, machine["States"]
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def following(state: Machine) -> list[str]:
    """Return the names of the states that can come after one."""
    named = [state.get("Next"), state.get("Default")]
    branches = [*state.get("Choices", ()), *state.get("Catch", ())]
    return [name for name in (*named, *(one["Next"] for one in branches)) if name]


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _filled(name: str, values: dict[str, Any]) -> Machine:
    """Do what Terraform's templatefile does with a template that has no directives."""

    def value(found: re.Match[str]) -> str:
        held = values[found[1]]
        return held if isinstance(held, str) else json.dumps(held)

    return json.loads(re.sub(r"\$\{(\w+)\}", value, _text(name)))  # type: ignore[no-any-return]
