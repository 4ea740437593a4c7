"""Divides the documents' keys into ranges, once, so that many workers can take one each.

Only the bounds come from a listing: together the ranges cover every key, whatever is written or deleted later, and
the same ranges serve the backfill and every validation. They are in the ledger, so that a worker is told no more
than a number: a key may have 1,024 bytes and any characters, and what a state machine hands on is bounded.
"""

from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import InvalidInput, NeedsOperator
from docferry.domain.key_range import KeyRange
from docferry.ports import DocumentStore, Entry, Ledger

ENTRY = "ranges"
KEYS = 5_000
"""In a range: some minutes of work, and few enough ranges that their numbers fit into 256 KB for 200 million
documents (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


def _name(number: int) -> str:
    return f"{ENTRY}/{number}"


async def divide(store: DocumentStore, ledger: Ledger, keys: int = KEYS) -> None:
    """List the documents and write the ranges down, from where it was cut off to the end."""
    checkpoint = await Checkpoint.load(ledger, ENTRY)
    begun = {"count": 0, "documents": 0, "after": "", "listed": "", "in_range": 0, "done": False}
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
    bounds = {"after": held["after"], "through": "" if held["done"] else held["listed"]}
    number: int = held["count"]
    await ledger.write(_name(number), bounds, await ledger.read(_name(number)))
    held.update(count=number + 1, after=held["listed"], in_range=0)


async def divided(ledger: Ledger) -> Entry:
    """Return the `count` of the ranges, and of the `documents` then. Raises NeedsOperator if that is not done."""
    held = await ledger.read(ENTRY)
    if not held or not held["done"]:
        raise NeedsOperator("the documents are not divided into ranges yet", hint="run the step plan first")
    return held


async def range_of(ledger: Ledger, number: int) -> KeyRange:
    """Return one range. Raises InvalidInput if there is none of that number."""
    held = await ledger.read(_name(number))
    if held is None:
        raise InvalidInput(f"there is no range {number}", hint="run the step plan first")
    return KeyRange(held["after"], held["through"])
