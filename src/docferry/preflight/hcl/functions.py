"""The few of Terraform's functions that rules meet and that depend on nothing but their arguments."""

import json
from collections.abc import Callable

from docferry.preflight.hcl.operators import as_text
from docferry.preflight.hcl.value import UNKNOWN, Template, Value, known

LARGEST = 100_000
"""The longest text or list that is made."""


def call(name: str, values: list[Value]) -> Value:
    """Return what a function makes of its arguments, or UNKNOWN."""
    try:
        if name in _LENIENT:
            return _LENIENT[name](values)
        if name in _STRICT and all(known(one) for one in values):
            return _STRICT[name](values)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        # Terraform refuses the call, or it takes other arguments than are known here.
        return UNKNOWN
    return UNKNOWN


def _first(values: list[Value]) -> Value:
    (value,) = values
    return value


def _distinct(values: list[Value]) -> Value:
    found: list[Value] = []
    for one in _list(_first(values)):
        if one not in found:
            found.append(one)
    return found


def _set(values: list[Value]) -> Value:
    return _distinct(values) if known(values) else _list(_first(values))


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _map(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise TypeError("no map")
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str | int | float):
        raise TypeError("no text")
    return as_text(value)


def _concat(values: list[Value]) -> Value:
    made = [one for each in values for one in _list(each)]
    return made if len(made) <= LARGEST else UNKNOWN


def _merge(values: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for one in values:
        merged |= _map(one)
    return merged


def _length(values: list[Value]) -> Value:
    value = _first(values)
    if isinstance(value, Template) or not isinstance(value, str | list | dict):
        return UNKNOWN
    return len(value)


def _format(values: list[Value]) -> Value:
    pattern, *given = values
    text = _text(pattern)
    pieces = text.replace("%d", "%s").split("%s")
    if "%" in "".join(pieces) or len(pieces) != len(given) + 1:
        return UNKNOWN
    return "".join(one + (_text(given[i]) if i < len(given) else "") for i, one in enumerate(pieces))


def _join(values: list[Value]) -> Value:
    between, *lists = values
    return _text(between).join(_text(one) for each in lists for one in _list(each))


def _lookup(values: list[Value]) -> Value:
    held, key, *fallback = values
    return _map(held).get(_text(key), fallback[0] if fallback else UNKNOWN)


def _try(values: list[Value]) -> Value:
    return values[0] if known(values[0]) else UNKNOWN


def _coalesce(values: list[Value]) -> Value:
    return next((one for one in values if one not in (None, "")), UNKNOWN)


def _number(values: list[Value]) -> Value:
    value = _first(values)
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() and len(value) < 20 else value


def _replaced(values: list[Value]) -> Value:
    text, part, by = (_text(one) for one in values)
    return UNKNOWN if part.startswith("/") and part.endswith("/") and len(part) > 1 else text.replace(part, by)


# These may be given what is partly unknown: they pass it on.
_LENIENT: dict[str, Callable[[list[Value]], Value]] = {
    "jsonencode": _first,
    "sensitive": _first,
    "nonsensitive": _first,
    "tolist": lambda values: _list(_first(values)),
    "toset": _set,
    "tomap": lambda values: _map(_first(values)),
    "concat": _concat,
    "merge": _merge,
    "length": _length,
    "lookup": _lookup,
    "try": _try,
}
_STRICT: dict[str, Callable[[list[Value]], Value]] = {
    "jsondecode": lambda values: json.loads(_text(_first(values))),
    "lower": lambda values: _text(_first(values)).lower(),
    "upper": lambda values: _text(_first(values)).upper(),
    "trimspace": lambda values: _text(_first(values)).strip(),
    "trimprefix": lambda values: _text(values[0]).removeprefix(_text(values[1])),
    "trimsuffix": lambda values: _text(values[0]).removesuffix(_text(values[1])),
    "replace": _replaced,
    "split": lambda values: list(_text(values[1]).split(_text(values[0]))),
    "join": _join,
    "format": _format,
    "tostring": lambda values: None if values == [None] else _text(_first(values)),
    "tonumber": _number,
    "distinct": _distinct,
    "keys": lambda values: list(sorted(_map(_first(values)))),
    "values": lambda values: [one for _, one in sorted(_map(_first(values)).items())],
    "contains": lambda values: values[1] in _list(values[0]),
    "element": lambda values: _list(values[0])[int(_text(values[1])) % len(_list(values[0]))],
    "coalesce": _coalesce,
    "min": lambda values: min(float(_text(one)) for one in values),
    "max": lambda values: max(float(_text(one)) for one in values),
}
