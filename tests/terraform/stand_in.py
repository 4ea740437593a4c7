"""Stands in for docferry's two functions, so that the state machine can be run without a store to move.

It runs inside the embedded AWS. FOLDER holds `answers.json`, what each step answers: a list, of which the last
holds for every later call, for the step alone or for the step and its item, as in "backfill_documents 3". An
answer {"error": name} is raised under that name. Every call is appended to `calls`.
"""

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("FOLDER", "."))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Note the call, and answer what the test wants answered."""
    with (FOLDER / "calls").open("a+", encoding="utf-8") as calls:
        calls.write(json.dumps(event) + "\n")
        calls.seek(0)
        earlier = [named(json.loads(line)) for line in calls].count(named(event)) - 1
    answers = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
    wanted = answers.get(named(event), answers.get(event["step"]))
    answer: dict[str, Any] = wanted[min(earlier, len(wanted) - 1)]
    if "error" in answer:
        raise type(answer["error"], (Exception,), {})(answer.get("message", "as the test wants it"))
    return answer


def named(event: dict[str, Any]) -> str:
    """Return the step with its item, or with what it is about."""
    item = next((event[name] for name in ("range", "segment", "about") if name in event), None)
    return event["step"] if item is None else f"{event['step']} {item}"
