"""How long a move takes until it is ready for cutover, and what it costs: arithmetic on what was counted.

Every figure follows from the inventory, the assumptions and the prices, all of which are part of the plan.
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from math import isfinite
from typing import Any

from docferry.domain.cost import NOT_COUNTED, PAGE_ROWS, Bill, CostLine
from docferry.domain.errors import InvalidInput
from docferry.domain.inventory import DocumentInventory, RecordInventory
from docferry.domain.price import PriceTable

_MAY_BE_ZERO = ("changes_per_s", "double_run_days")


def _assumed(default: float | None, unit: str, why: str) -> Any:
    return field(default=default, metadata={"unit": unit, "why": why})


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What an estimate takes for granted. Raises InvalidInput for a rate that is not a positive number."""

    copies_per_s: float = _assumed(400.0, "requests/s", "64 requests in flight, 0.16 s each; a guess")
    megabytes_per_s: float = _assumed(200.0, "MB/s", "what S3 carries from bucket to bucket; a guess")
    measured_documents_per_s: float | None = _assumed(
        None, "documents/s", "a backfill's own rate; replaces copies_per_s and megabytes_per_s where it is given"
    )
    listings_per_s: float = _assumed(10.0, "pages/s", "pages of 1,000 one after another, 0.1 s each; a guess")
    records_read_per_s: float = _assumed(2000.0, "records/s", "4 scan segments side by side; a guess")
    records_written_per_s: float = _assumed(400.0, "records/s", "64 writes in flight, 0.16 s each; a guess")
    changes_per_s: float = _assumed(1.0, "changes/s", "applications writing a document and its record; a guess")
    echoes_per_s: float = _assumed(1000.0, "events/s", "rounds of 80 messages, 0.08 s each; a guess")
    followed_per_s: float = _assumed(50.0, "changes/s", "8 looks and a copy for each, 64 in flight; a guess")
    double_run_days: float = _assumed(14.0, "days", "both sides kept, from the start of the sync to complete")

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            wrong = value is not None and (not isfinite(value) or value < 0)
            if wrong or (value == 0 and one.name not in _MAY_BE_ZERO):
                raise InvalidInput(f"the assumption {one.name} cannot be {value}", hint="give a positive number")

    def as_json(self) -> dict[str, Any]:
        """Return each with its unit and where it comes from."""
        return {one.name: {"value": getattr(self, one.name), **one.metadata} for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of the way to cutover-ready; `seconds` is None if it never ends. `bound_by` says what binds."""

    name: str
    seconds: float | None
    bound_by: str

    def as_json(self) -> dict[str, Any]:
        """Return the phase, to a tenth of a second."""
        return {"name": self.name, "seconds": _tenth(self.seconds), "bound_by": self.bound_by}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Phases one after another, which errs on the long side, and the lines of the bill."""

    phases: tuple[Phase, ...]
    costs: tuple[CostLine, ...]
    assumptions: Assumptions

    @property
    def seconds(self) -> float | None:
        """Return the time to cutover-ready, or None if changes come faster than they are followed."""
        known = [one.seconds for one in self.phases if one.seconds is not None]
        return sum(known) if len(known) == len(self.phases) else None

    @property
    def usd(self) -> Decimal:
        """Return the sum of the lines as they are shown."""
        return sum((one.usd for one in self.costs), Decimal(0))

    def as_json(self) -> dict[str, Any]:
        """Return times in seconds, money as strings."""
        return {
            "seconds_to_cutover_ready": _tenth(self.seconds),
            "phases": [one.as_json() for one in self.phases],
            "usd": format(self.usd, "f"),
            "costs": [one.as_json() for one in self.costs],
            "not_counted": list(NOT_COUNTED),
            "assumptions": self.assumptions.as_json(),
        }


def estimate(
    documents: DocumentInventory,
    records: RecordInventory,
    assumptions: Assumptions,
    prices: PriceTable,
    *,
    between_regions: bool,
) -> Estimate:
    """Return how long the move takes and what it costs; bytes between two regions are charged for."""
    bill = Bill(
        documents,
        records,
        between_regions,
        changes_per_s=Decimal(str(assumptions.changes_per_s)),
        double_run_days=Decimal(str(assumptions.double_run_days)),
    )
    return Estimate(_phases(documents, records, assumptions), bill.lines(prices), assumptions)


def _phases(documents: DocumentInventory, records: RecordInventory, assumed: Assumptions) -> tuple[Phase, ...]:
    pages, count = -(-documents.total.count // PAGE_ROWS), records.total.count
    copying = _copying(documents, assumed)
    phases = (
        # The source twice; the target is listed beside it and takes no time of its own.
        Phase("list documents", 2 * pages / assumed.listings_per_s, "listings_per_s"),
        copying,
        _echoes(documents, copying.seconds or 0.0, assumed),
        Phase("read records", count / assumed.records_read_per_s, "records_read_per_s"),
        Phase("write records", count / assumed.records_written_per_s, "records_written_per_s"),
    )
    return (*phases, _catching_up(assumed, sum(one.seconds or 0.0 for one in phases)))


def _copying(documents: DocumentInventory, assumed: Assumptions) -> Phase:
    total = documents.total
    if assumed.measured_documents_per_s is not None:
        return Phase("copy documents", total.count / assumed.measured_documents_per_s, "measured_documents_per_s")
    by_requests = total.requests / assumed.copies_per_s
    by_bytes = total.bytes / (assumed.megabytes_per_s * 1e6)
    binding = "copies_per_s" if by_requests >= by_bytes else "megabytes_per_s"
    return Phase("copy documents", max(by_requests, by_bytes), binding)


def _echoes(documents: DocumentInventory, copying_s: float, assumed: Assumptions) -> Phase:
    # They come while documents are copied, and are taken off the target's queue meanwhile.
    seconds = documents.total.count / assumed.echoes_per_s
    return Phase("take off echoes", max(0.0, seconds - copying_s), "echoes_per_s")


def _catching_up(assumed: Assumptions, seconds: float) -> Phase:
    # As if nothing were followed before the backfill ends: what came until then, and what comes meanwhile.
    spare = assumed.followed_per_s - assumed.changes_per_s
    if spare <= 0:
        return Phase("catch up", None, "changes_per_s is not below followed_per_s")
    return Phase("catch up", seconds * assumed.changes_per_s / spare, "followed_per_s")


def _tenth(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
