"""Repair: brings differences that a validation found to the source's state, by apply like everything else."""

import asyncio
from collections.abc import AsyncIterator

from docferry.domain.change import Kind
from docferry.ports import Entry
from docferry.stuck import Carry


async def repair(carry: Carry, differences: AsyncIterator[Entry], stop: asyncio.Event) -> int:
    """Carry each key and return how many are repaired by that; what the target loses by it is kept first.

    Wrong bytes under the same ETag are not: apply sees equal states and leaves them, so they are not counted.
    Raises what `carry` raises. Ends early once `stop` is set.
    """
    done = 0
    async for one in differences:
        if stop.is_set():
            break
        await carry(Kind(one["kind"]), one["key"])
        done += not _unseen(one)
    return done


def _unseen(difference: Entry) -> bool:
    if difference["kind"] != Kind.DOCUMENT.value:
        return False
    source, target = difference["source"] or {}, difference["target"] or {}
    return "bytes" in difference["fields"] and source.get("etag") == target.get("etag")
