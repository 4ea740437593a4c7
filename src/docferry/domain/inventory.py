"""What there is to move: documents and records, counted one at a time in memory that does not grow."""

import hashlib
import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docferry.domain.document import Listed
from docferry.domain.record import Item, Value

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096


def size_bucket(size: int) -> str:
    """Name the power of ten that a size in bytes falls into: "0", "1-9", "10-99", …"""
    if size == 0:
        return "0"
    digits = len(str(size))
    return f"{10 ** (digits - 1)}-{10**digits - 1}"


@dataclass(slots=True)
class Tally:
    """A number of things and their bytes. `requests` is what copying them takes, where that is known."""

    count: int = 0
    bytes: int = 0
    requests: int = 0

    def add(self, size: int, requests: int = 0) -> None:
        """Count one more."""
        self.count += 1
        self.bytes += size
        self.requests += requests


@dataclass(slots=True)
class DocumentInventory:
    """Documents by storage class and by size. `multipart` counts those in parts, its requests being the parts."""

    total: Tally = field(default_factory=Tally)
    multipart: Tally = field(default_factory=Tally)
    classes: dict[str, Tally] = field(default_factory=dict)
    sizes: dict[str, Tally] = field(default_factory=dict)

    def add(self, row: Listed) -> None:
        """Count one row of a listing. A document in parts is copied by one request a part and two around them."""
        parts = int(row.etag.rpartition("-")[2]) if row.multipart else 0
        requests = parts + 2 if parts else 1
        self.total.add(row.size, requests)
        self.classes.setdefault(row.storage_class, Tally()).add(row.size, requests)
        self.sizes.setdefault(size_bucket(row.size), Tally()).add(row.size)
        if parts:
            self.multipart.add(row.size, parts)

    def as_json(self) -> dict[str, Any]:
        """Return counts and bytes by storage class and by power of ten."""
        return {
            **_counted(self.total),
            "multipart": {**_counted(self.multipart), "parts": self.multipart.requests},
            "storage_classes": {name: _counted(held) for name, held in self.classes.items()},
            "sizes": _histogram(self.sizes),
        }


@dataclass(slots=True)
class RecordInventory:
    """Records by size; `naming` counts those that name a document, `write_units` what putting them takes."""

    total: Tally = field(default_factory=Tally)
    sizes: dict[str, Tally] = field(default_factory=dict)
    naming: int = 0
    write_units: int = 0
    read_units: int = 0

    def add(self, item: Item, *, names_document: bool) -> None:
        """Count one record. Units are those of single strongly consistent reads and plain writes."""
        size = record_bytes(item)
        self.total.add(size)
        self.sizes.setdefault(size_bucket(size), Tally()).add(size)
        self.naming += names_document
        self.write_units += _units(size, WRITE_UNIT_BYTES)
        self.read_units += _units(size, READ_UNIT_BYTES)

    @property
    def scan_units(self) -> int:
        """The read units of one strongly consistent scan, which are counted by the page, not by the item."""
        return _units(self.total.bytes, READ_UNIT_BYTES)

    def as_json(self) -> dict[str, Any]:
        """Return counts and bytes, those that name a document apart."""
        return {
            **_counted(self.total),
            "naming_a_document": self.naming,
            "naming_none": self.total.count - self.naming,
            "sizes": _histogram(self.sizes),
        }


@dataclass(slots=True)
class VersionInventory:
    """What a bucket keeps beneath its latest versions, none of which is moved."""

    noncurrent: Tally = field(default_factory=Tally)
    delete_markers: int = 0

    def add(self, noncurrent: int, size: int, delete_markers: int) -> None:
        """Add what a page of versions adds up to; `size` is in bytes."""
        self.noncurrent.count += noncurrent
        self.noncurrent.bytes += size
        self.delete_markers += delete_markers

    def as_json(self) -> dict[str, Any]:
        """Return the counts; delete markers weigh nothing."""
        return {"noncurrent": _counted(self.noncurrent), "delete_markers": self.delete_markers}


class KeySample:
    """Up to `limit` rows spread evenly over a listing of any length: those whose keys hash lowest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._highest: list[tuple[int, str, int]] = []

    def add(self, row: Listed) -> None:
        """Offer one row; the choice depends on the keys alone, not on their order."""
        held = hashlib.blake2b(row.key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        ranked = (-int.from_bytes(held), row.key, row.size)
        if len(self._highest) < self._limit:
            heapq.heappush(self._highest, ranked)
        elif self._highest and ranked > self._highest[0]:
            heapq.heapreplace(self._highest, ranked)

    @property
    def chosen(self) -> Mapping[str, int]:
        """The sizes of the chosen rows in bytes, by key, in key order."""
        return dict(sorted((key, size) for _, key, size in self._highest))


def record_bytes(item: Item) -> int:
    """Return an item's size as DynamoDB counts it, numbers being approximate there too
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Value) -> int:
    ((kind, held),) = value.items()
    if kind == "L":
        return 3 + sum(1 + _value_bytes(one) for one in held)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in held.items())
    if kind in ("SS", "NS", "BS"):
        return sum(_value_bytes({kind[0]: one}) for one in held)
    if kind == "S":
        return len(str(held).encode())
    if kind == "B":
        return len(str(held)) * 3 // 4 - str(held).count("=")
    return 1 if kind in ("BOOL", "NULL") else _number_bytes(held)


def _number_bytes(text: str) -> int:
    digits = text.lower().partition("e")[0].replace(".", "").lstrip("+-").strip("0")
    return 1 + (len(digits) + 1) // 2 + text.startswith("-")


def _units(size: int, unit: int) -> int:
    return max(1, -(-size // unit)) if size else 0


def _counted(held: Tally) -> dict[str, int]:
    return {"count": held.count, "bytes": held.bytes}


def _histogram(sizes: Mapping[str, Tally]) -> list[dict[str, Any]]:
    ordered = sorted(sizes, key=lambda one: int(one.partition("-")[0]))
    return [{"size": name, **_counted(sizes[name])} for name in ordered]
