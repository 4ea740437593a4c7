"""Divides the documents' keys into ranges, once, so that many workers can take one each.

Only the bounds come from a listing: together the ranges cover every key, whatever is written or deleted later, and
the same ranges serve the backfill and every validation. They are in the ledger, so that a worker is told no more
than a number: a key may have 1,024 bytes and any characters, and what a state machine hands on is bounded.
"""

from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Conflict, InvalidInput, NeedsOperator, StaleEpoch
from docferry.domain.key_range import KeyRange
from docferry.ports import DocumentStore, Entry, Ledger

ENTRY = "ranges"
KEYS = 5_000
"""In a range: some minutes of work, and few enough ranges that their numbers fit into 256 KB for 200 million
documents (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


def _name(number: int) -> str:
    return f"{ENTRY}/{number}"


async def divide(store: DocumentStore, ledger: Ledger, segments: int, keys: int = KEYS) -> None:
    """List the documents and write the ranges down, from where it was cut off to the end.

    `segments` is the number of segments that the records are scanned in from then on. Raises StaleEpoch if another
    does the same at the same time.
    """
    checkpoint = await Checkpoint.load(ledger, ENTRY)
    begun = {
        "count": 0,
        "documents": 0,
        "after": "",
        "listed": "",
        "in_range": 0,
        "done": False,
        "segments": segments,
    }
    held: dict[str, Any] = begun | checkpoint.entry
    while not held["done"]:
        page = await store.page(held["listed"])
        held["listed"] = page.rows[-1].key if page.rows else held["listed"]
        held["documents"] += len(page.rows)
        held["in_range"] += len(page.rows)
        held["done"] = not page.more
        if held["in_range"] >= keys or held["done"]:
            await _end_range(ledger, held)
        await checkpoint.save(held)


async def _end_range(ledger: Ledger, held: dict[str, Any]) -> None:
    # The last one has no end: what is written behind the last key belongs to it.
    number: int = held["count"]
    bounds: Entry = {"after": held["after"], "through": "" if held["done"] else held["listed"]}
    try:
        await ledger.write(_name(number), bounds, None)
    except Conflict:
        # Written by one who was cut off before its checkpoint, or who is at it beside: bounds are never changed.
        bounds = await ledger.read(_name(number)) or bounds
        if bounds["after"] != held["after"]:
            raise StaleEpoch("another divides the documents at the same time; this one stops") from None
    through = bounds["through"]
    held.update(count=number + 1, after=through, listed=through or held["listed"], in_range=0, done=not through)


async def divided(ledger: Ledger) -> Entry:
    """Return the `count` of the ranges, of the `documents` then, and of the records' `segments`.

    Raises NeedsOperator if the documents are not divided yet.
    """
    held = await ledger.read(ENTRY)
    if not held or not held["done"]:
        raise NeedsOperator("the documents are not divided into ranges yet", hint="run the step plan first")
    return held


async def all_ranges(ledger: Ledger) -> tuple[KeyRange, ...]:
    """Return all ranges. Raises NeedsOperator if they leave out a key: what was done by them proves nothing."""
    count = (await divided(ledger))["count"]
    found = [await range_of(ledger, number) for number in range(count)]
    bounds = ["", *(one.through for one in found)]
    whole = bounds[-1] == "" and "" not in bounds[1:-1]
    if not whole or any(one.after != before for one, before in zip(found, bounds, strict=False)):
        raise NeedsOperator(
            "the ranges do not cover all keys; nothing was changed",
            hint="run docferry sync, which needs no ranges, and docferry validate",
        )
    return tuple(found)


async def range_of(ledger: Ledger, number: int) -> KeyRange:
    """Return one range. Raises InvalidInput if there is none of that number."""
    held = await ledger.read(_name(number))
    if held is None:
        raise InvalidInput(f"there is no range {number}", hint="run the step plan first")
    return KeyRange(held["after"], held["through"])
