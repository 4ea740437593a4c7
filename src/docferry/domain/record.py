"""A record: one DynamoDB item in its wire form, so that nothing is rounded, reordered or retyped on the way."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docferry.domain.errors import InvalidInput

Value = Mapping[str, Any]
"""One typed attribute value, as in `{"N": "1.5"}` or `{"M": {"a": {"S": "x"}}}`."""
Item = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The names of a table's key attributes, as DescribeTable gives them. `range` is empty if there is none."""

    hash: str
    range: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The key attribute names, hash key first."""
        return (self.hash, self.range) if self.range else (self.hash,)

    def key_of(self, item: Item) -> Item:
        """Return only the key attributes of an item. Raises InvalidInput if one is missing."""
        missing = [name for name in self.names if name not in item]
        if missing:
            raise InvalidInput(f"a record lacks its key attribute {missing[0]!r}")
        return {name: item[name] for name in self.names}


def canonical(value: Value) -> list[Any]:
    """Return the one form that all equal attribute values share.

    Numbers compare by value to 38 digits (`1.00` is `1`), sets have no order, lists have one.
    """
    ((kind, held),) = value.items()
    if kind == "N":
        return ["N", _number(held)]
    if kind == "NS":
        return ["NS", sorted(_number(one) for one in held)]
    if kind in ("SS", "BS"):
        return [kind, sorted(held)]
    if kind == "L":
        return ["L", [canonical(one) for one in held]]
    if kind == "M":
        return ["M", {name: canonical(held[name]) for name in sorted(held)}]
    return [kind, held]


def _number(text: str) -> str:
    # Decimal.normalize() would round to the context's 28 digits; stripping the zeros keeps all 38.
    sign, digits, exponent = Decimal(text).as_tuple()
    shown = "".join(map(str, digits)).lstrip("0")
    if not shown:
        return "0"
    stripped = shown.rstrip("0")
    shift = int(exponent) + len(shown) - len(stripped)
    return f"{'-' if sign else ''}{stripped}e{shift}"


def digest(item: Item) -> str:
    """Return the SHA-256, in hex, of an item's canonical form: equal digests mean equal items."""
    text = json.dumps(canonical({"M": item}), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def same(one: Item | None, other: Item | None) -> bool:
    """Tell whether two items (or absences) are equal as DynamoDB compares them."""
    if one is None or other is None:
        return one is other
    return canonical({"M": one}) == canonical({"M": other})


def document_key(item: Item, attribute: str) -> str | None:
    """Return the key of the document that a record names, or None if it names none."""
    value = item.get(attribute)
    named = None if value is None else value.get("S")
    return named if isinstance(named, str) else None


def by_key(schema: KeySchema, items: Sequence[Item]) -> dict[str, Item]:
    """Return the items under the digests of their keys."""
    return {digest(schema.key_of(item)): item for item in items}
