"""Numbers, and what operators make of known values."""

import math
import operator
from collections.abc import Callable

from docferry.preflight.hcl.value import UNKNOWN, Value, known

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OTHERS = ("==", "!=", "&&", "||", "!")
LONGEST_NUMBER = 40


def is_operator(kind: str, within: str) -> bool:
    """Whether a node is the sign of an operation."""
    return kind in _OTHERS or kind in _ARITHMETIC or (within == "binary_operation" and kind in _ORDER)


def number(text: str) -> Value:
    """Read a number; one too long for any use here is unknown."""
    if len(text) > LONGEST_NUMBER:
        return UNKNOWN
    try:
        return int(text) if text.isdigit() else _whole(float(text))
    except ValueError:
        return UNKNOWN


def _whole(value: float) -> Value:
    if not math.isfinite(value):
        return UNKNOWN
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def as_text(value: str | float) -> str:
    """Return a scalar as Terraform writes it into a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def unary(sign: str, value: Value) -> Value:
    """Apply `!` or `-`."""
    if sign == "!":
        return (not value) if isinstance(value, bool) else UNKNOWN
    return -value if _is_number(value) else UNKNOWN  # type: ignore[operator] # a number, so says the line


def binary(sign: str, left: Value, right: Value) -> Value:
    """Apply an operator to two values; `&&` and `||` may be told by one of them."""
    if sign in ("&&", "||"):
        return _logical(sign == "||", left, right)
    if sign in ("==", "!="):
        return _compared(sign == "==", left, right)
    if not _is_number(left) or not _is_number(right):
        return UNKNOWN
    assert isinstance(left, int | float) and isinstance(right, int | float)
    if sign in _ORDER:
        return _ORDER[sign](left, right)
    try:
        return _whole(float(_ARITHMETIC[sign](left, right)))
    except (ArithmeticError, KeyError):
        return UNKNOWN


def _compared(equal: bool, left: Value, right: Value) -> Value:
    if not known(left) or not known(right):
        return UNKNOWN
    return equal is (left == right and isinstance(left, bool) == isinstance(right, bool))


def _logical(deciding: bool, left: Value, right: Value) -> Value:
    if left is deciding or right is deciding:
        return deciding
    return (not deciding) if isinstance(left, bool) and isinstance(right, bool) else UNKNOWN


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
