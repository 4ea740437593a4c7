"""A diff: one key whose two sides are not the same. A diff is a result, not an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from docferry.domain.change import Kind
from docferry.domain.document import Document
from docferry.domain.record import Item, canonical


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
        """Return the diff as plain values."""
        return {
            "kind": self.kind.value,
            "key": self.id,
            "presence": self.presence.value,
            "fields": list(self.fields),
            "source": self.source and dict(self.source),
            "target": self.target and dict(self.target),
        }


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
