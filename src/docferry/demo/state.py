"""What a key holds, as the oracle and the judge compare it. Kept apart from the engine's own comparisons."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docferry.domain.record import Item, Value

GENERATION = "generation"
"""The name of the metadata entry, the tag and the record attribute that hold the number of the last operation."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document that is there; `sha256` is of its bytes, in hex."""

    sha256: str
    content_type: str
    metadata: Mapping[str, str]
    tags: Mapping[str, str]


State = DocumentState | Item | None
"""What one key of either store holds; None is absence."""


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(body).hexdigest()


def equal(one: State, other: State) -> bool:
    """Tell whether two states are the same: records by value, with exact numbers and unordered sets."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _plain({"M": one}) == _plain({"M": other})
    return one == other


def _plain(value: Value) -> tuple[str, Any]:
    ((kind, held),) = value.items()
    if kind == "M":
        return kind, {name: _plain(inner) for name, inner in held.items()}
    if kind == "L":
        return kind, [_plain(inner) for inner in held]
    if kind == "N":
        return kind, Decimal(held)
    if kind == "NS":
        return kind, frozenset(map(Decimal, held))
    return kind, frozenset(held) if kind in ("SS", "BS") else held


def shown(state: State) -> str:
    """Describe a state in a few words, for a person."""
    if state is None:
        return "absent"
    if isinstance(state, DocumentState):
        written, tagged = state.metadata.get(GENERATION, "?"), state.tags.get(GENERATION, "?")
        return f"generation {written}, tags of generation {tagged}, sha256 {state.sha256[:12]}"
    return f"generation {state.get(GENERATION, {}).get('N', '?')}"
