"""JSON in a text of which parts are not known."""

import json
from collections.abc import Iterator

from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value

_MARK = "\ue000"


def decoded(text: str | Template) -> Value:
    """Read JSON of which parts are not known: in a string they are kept, elsewhere nothing can be told."""
    unknown = [one for one in _parts(text) if not isinstance(one, str)]
    joined = _joined(text)
    if joined.count(_MARK) != len(unknown):
        return UNKNOWN
    try:
        # `json` reads from the start to the end, and so the marks come in their order.
        return _restored(json.loads(joined), iter(unknown))
    except (ValueError, RecursionError):
        return UNKNOWN


def fault(text: str | Template) -> str:
    """Say where a text is no JSON whatever its unknown parts are; nothing where it is, or that cannot be told."""
    joined = _joined(text)
    try:
        json.loads(joined)
    except json.JSONDecodeError as error:
        if _MARK not in joined[error.pos : error.pos + 1]:
            return f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        pass
    return ""


def _parts(text: str | Template) -> tuple[str | Reference | Unknown, ...]:
    return (text,) if isinstance(text, str) else text.parts


def _joined(text: str | Template) -> str:
    return "".join(one if isinstance(one, str) else _MARK for one in _parts(text))


def _restored(value: Value, unknown: Iterator[Reference | Unknown]) -> Value:
    if isinstance(value, list):
        return [_restored(one, unknown) for one in value]
    if isinstance(value, dict):
        if any(_MARK in key for key in value):
            raise ValueError("a key that is not known")
        return {key: _restored(one, unknown) for key, one in value.items()}
    if not isinstance(value, str) or _MARK not in value:
        return value
    parts: list[str | Reference | Unknown] = []
    for index, piece in enumerate(value.split(_MARK)):
        parts += ([next(unknown)] if index else []) + ([piece] if piece else [])
    return parts[0] if len(parts) == 1 else Template(tuple(parts))
