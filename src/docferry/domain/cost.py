"""What a move costs, line by line: requests, units and bytes counted from the inventory, times a price."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docferry.domain.inventory import DocumentInventory, RecordInventory
from docferry.domain.price import PriceTable

PAGE_ROWS = 1000
BACKFILL_LISTINGS = 3
"""A backfill lists the source twice (to copy, to confirm) and the target once."""
LOOKS_A_CHANGE = 8
"""HEAD and tags of both sides, before the copy and after it."""
READS_A_CHANGE = 6
"""The record on both sides, before and after, and whose the target's states were."""
MARKS_A_CHANGE = 2
"""What docferry wrote is noted in its control table: a document's version, a record's digest."""
MESSAGES_A_CHANGE = 3
"""Sent, received, deleted."""
REQUESTS_AN_ECHO = Decimal("1.2")
"""What a backfill writes comes back on the target's queue: sent one by one, received and deleted ten at a time."""
LOOKS_A_VALIDATION = 4
"""HEAD and tags of both sides."""
DAYS_A_MONTH = 30
SECONDS_A_DAY = 86_400
GB = 1024**3
"""AWS bills by gigabytes of 2^30 bytes."""
NOT_COUNTED = (
    "restoring archived documents",
    "KMS requests, Lambda, Step Functions, CloudWatch, and polling of empty queues and streams",
    "later versions of documents that change, and minimum storage durations of infrequent-access classes",
    "taxes, discounts and free tiers",
)
_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of a bill. `price` is a name in the price table, `usd` is rounded to a hundredth of a cent."""

    what: str
    price: str
    quantity: Decimal
    unit: str
    usd: Decimal

    def as_json(self) -> dict[str, Any]:
        """Return the line, quantity (to a thousandth) and money as strings."""
        return {
            "what": self.what,
            "price": self.price,
            "quantity": format(self.quantity.quantize(Decimal("0.001")), "f"),
            "unit": self.unit,
            "usd": format(self.usd, "f"),
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """What is moved, and for how long both sides are kept.

    `changes_per_s` is what applications write meanwhile; `between_regions` is whether bytes cost on the way.
    """

    documents: DocumentInventory
    records: RecordInventory
    between_regions: bool
    changes_per_s: Decimal
    double_run_days: Decimal

    def lines(self, prices: PriceTable) -> tuple[CostLine, ...]:
        """Return the lines that come to anything."""
        counted = (*self._backfill(), *self._following(), *self._validation(), *self._storage())
        lines = (_line(prices, *one) for one in counted)
        return tuple(line for line in lines if line.quantity and prices.prices[line.price].usd)

    def _backfill(self) -> Iterator["_Counted"]:
        documents, records = self.documents, self.records
        count, parts = documents.total.count, documents.multipart
        yield "backfill: bytes between the regions", "s3_transfer", self._gb(documents.total.bytes), ""
        yield "backfill: listings", "s3_list", Decimal(BACKFILL_LISTINGS * self._pages), ""
        for name, held in sorted(documents.classes.items()):
            yield "backfill: copies", "s3_copy", Decimal(held.requests), name
            yield "backfill: reading from the class", "s3_retrieval", Decimal(held.bytes) / GB, name
        yield "backfill: looks at documents in parts", "s3_get", Decimal(4 * parts.count + parts.requests), ""
        # A scan, a look at the target that finds nothing, and the confirm.
        reads = records.scan_units + records.total.count + records.read_units
        yield "backfill: record reads", "dynamodb_read", Decimal(reads), ""
        yield "backfill: record writes", "dynamodb_write", Decimal(records.write_units), ""
        yield "backfill: notes of what docferry wrote", "dynamodb_write", Decimal(count + records.total.count), ""
        yield "backfill: echoes, queue requests", "sqs_request", REQUESTS_AN_ECHO * count, ""
        yield "backfill: echoes, notes read", "dynamodb_read", Decimal(count), ""

    def _following(self) -> Iterator["_Counted"]:
        changes = self.changes_per_s * self.double_run_days * SECONDS_A_DAY
        mean = Decimal(self.documents.total.bytes) / max(1, self.documents.total.count)
        units = Decimal(self.records.write_units) / max(1, self.records.total.count)
        yield "following: bytes between the regions", "s3_transfer", self._gb(changes * mean), ""
        yield "following: copies", "s3_copy", changes, ""
        yield "following: looks", "s3_get", LOOKS_A_CHANGE * changes, ""
        yield "following: record reads", "dynamodb_read", READS_A_CHANGE * changes, ""
        yield "following: record writes and notes", "dynamodb_write", (units + MARKS_A_CHANGE) * changes, ""
        yield "following: queue requests", "sqs_request", MESSAGES_A_CHANGE * changes, ""

    def _validation(self) -> Iterator["_Counted"]:
        count = self.documents.total.count
        yield "one full validation: listings", "s3_list", Decimal(2 * self._pages), ""
        yield "one full validation: looks", "s3_get", Decimal(LOOKS_A_VALIDATION * count), ""
        yield "one full validation: record reads", "dynamodb_read", Decimal(2 * self.records.scan_units), ""

    def _storage(self) -> Iterator["_Counted"]:
        months = self.double_run_days / DAYS_A_MONTH
        for name, held in sorted(self.documents.classes.items()):
            yield "double run: documents kept twice", "s3_storage", Decimal(held.bytes) / GB * months, name
        records = Decimal(self.records.total.bytes) / GB
        yield "double run: records kept twice", "dynamodb_storage", records * months, ""

    @property
    def _pages(self) -> int:
        return -(-self.documents.total.count // PAGE_ROWS)

    def _gb(self, moved: Decimal | int) -> Decimal:
        return Decimal(moved) / GB if self.between_regions else Decimal(0)


_Counted = tuple[str, str, Decimal, str]
"""What it is, the price's name, the quantity, and the storage class where the price depends on it."""


def _line(prices: PriceTable, what: str, name: str, quantity: Decimal, storage_class: str) -> CostLine:
    priced = prices.name_for(name, storage_class) if storage_class else name
    price = prices.prices[priced]
    shown = f"{what} ({storage_class})" if storage_class else what
    return CostLine(shown, priced, quantity, price.unit, price.of(quantity).quantize(_SHOWN))
