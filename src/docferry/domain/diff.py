"""A diff: one key whose two sides are not the same. A diff is a result, not an error."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from docferry.domain.change import Kind
from docferry.domain.document import Document
from docferry.domain.record import Item, canonical

SHOWN_CHARACTERS = 8_000
SHOWN_VALUE_CHARACTERS = 500
SHOWN_FIELDS = 10
_NAMING = ("version", "etag")
"""What names a document's state is shown however large the rest is: a repair goes by it."""


class Presence(Enum):
    """On which sides the key is."""

    SOURCE_ONLY = "source only"
    TARGET_ONLY = "target only"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Diff:
    """One difference, looked at twice. `fields` names what differs where both sides have the key.

    `source` and `target` show both sides as plain values, None where the key is absent. `id` is a document's key,
    or a record's key in wire form.
    """

    kind: Kind
    id: str | Item
    fields: tuple[str, ...]
    source: Mapping[str, Any] | None
    target: Mapping[str, Any] | None

    @property
    def presence(self) -> Presence:
        """On which sides the key is."""
        if self.source is None:
            return Presence.TARGET_ONLY
        return Presence.SOURCE_ONLY if self.target is None else Presence.BOTH

    def as_entry(self) -> dict[str, Any]:
        """Return the diff as plain values; of a side that is too large to show, what differs and a digest."""
        shown = (*(_NAMING if self.kind is Kind.DOCUMENT else ()), *self.fields[:SHOWN_FIELDS])
        return {
            "kind": self.kind.value,
            "key": self.id,
            "presence": self.presence.value,
            "fields": list(self.fields[:SHOWN_FIELDS]),
            "source": self.source and _shown(self.source, shown),
            "target": self.target and _shown(self.target, shown),
        }


def _shown(side: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    text = json.dumps(side, sort_keys=True)
    if len(text) <= SHOWN_CHARACTERS:
        return dict(side)
    differing = {name: _shortened(side[name]) for name in fields if name in side}
    whole = {"characters": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return {**differing, "too large to show": whole}


def _shortened(value: Any) -> Any:
    text = json.dumps(value, sort_keys=True)
    return value if len(text) <= SHOWN_VALUE_CHARACTERS else text[:SHOWN_VALUE_CHARACTERS] + "…"


def shown_document(document: Document | None) -> Mapping[str, Any] | None:
    """Return what an operator needs to see of a document."""
    if document is None:
        return None
    return {
        "version": document.version,
        "etag": document.etag,
        "size": document.size,
        "storage_class": document.storage_class,
        "headers": dict(document.headers),
        "metadata": dict(document.metadata),
        "tags": dict(document.tags),
    }


def differing_attributes(source: Item, target: Item) -> tuple[str, ...]:
    """Name the attributes that differ between two records, in order."""
    names = sorted({*source, *target})
    return tuple(
        name
        for name in names
        if name not in source or name not in target or canonical(source[name]) != canonical(target[name])
    )
