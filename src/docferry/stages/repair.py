"""Repair: brings differences that a validation found to the source's state, by apply like everything else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Entry


class Carry(Protocol):
    """Carries one key, as apply does."""

    def __call__(self, kind: Kind, key: str | Item, *, unlike: str = "") -> Awaitable[object]:
        """Carry it. `unlike` is the version of the target whose bytes were read and are not the source's."""


async def repair(carry: Carry, differences: AsyncIterator[Entry], stop: asyncio.Event) -> int:
    """Carry each key and return how many are repaired by that; what the target loses by it is kept first.

    Wrong bytes under the same ETag, which apply does not see, are told to it by the version that was read; without
    versions they stay, and are not counted. Raises what `carry` raises. Ends early once `stop` is set.
    """
    done = 0
    async for one in differences:
        if stop.is_set():
            break
        unlike = _read(one)
        await carry(Kind(one["kind"]), one["key"], unlike=unlike)
        done += bool(unlike) or not _unseen(one)
    return done


def _read(difference: Entry) -> str:
    """Return the version of the target whose bytes differ, empty if they do not or it has none."""
    if difference["kind"] != Kind.DOCUMENT.value or "bytes" not in difference["fields"]:
        return ""
    return str((difference["target"] or {}).get("version", ""))


def _unseen(difference: Entry) -> bool:
    if difference["kind"] != Kind.DOCUMENT.value:
        return False
    source, target = difference["source"] or {}, difference["target"] or {}
    return "bytes" in difference["fields"] and source.get("etag") == target.get("etag")
