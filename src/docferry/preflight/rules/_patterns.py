"""IAM's patterns: `*` and `?`, whatever the case of letters."""

import re
from functools import lru_cache

from docferry.preflight.hcl.value import Template, Value

HOLE = "\0"
"""Stands for a part of a text that is not known."""


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern means a name."""
    return _compiled(pattern).fullmatch(name) is not None


def shape(value: Value) -> str | None:
    """Return a text with HOLE for each part that is not known; None for what is no text."""
    if isinstance(value, Template):
        return "".join(one if isinstance(one, str) else HOLE for one in value.parts)
    return value if isinstance(value, str) else None
