import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from docferry.domain.change import Kind
from docferry.domain.diff import Diff, shown_document
from docferry.domain.document import Document
from docferry.domain.record import Item
from docferry.ports import Entry
from docferry.stages.repair import repair

RECORD: Item = {"id": {"S": "r"}}


@pytest.mark.parametrize(
    ("kind", "fields", "target", "unlike", "repaired"),
    [
        ("document", ["bytes"], {"etag": "one", "version": "v2"}, "v2", 1),
        ("document", ["bytes", "tags"], {"etag": "one", "version": "v2"}, "v2", 1),
        ("document", ["bytes"], {"etag": "other", "version": "v2"}, "v2", 1),
        ("document", ["tags"], {"etag": "one", "version": "v2"}, "", 1),
        ("document", [], None, "", 1),
        ("document", ["bytes"], {"etag": "one"}, "", 0),
        ("document", ["bytes"], {"etag": "other"}, "", 1),
        # Without a version nobody can tell whether it is still what was read.
        ("document", ["bytes"], {"etag": "one", "version": ""}, "", 0),
        ("document", ["bytes"], {"etag": "other", "version": ""}, "", 1),
        ("record", ["bytes"], {"bytes": {"B": "AA=="}}, "", 1),
    ],
)
async def test_what_only_reading_tells_apart_is_carried_with_the_version_that_was_read(
    kind: str, fields: list[str], target: Any, unlike: str, repaired: int
) -> None:
    carried = []
    key = "k" if kind == "document" else RECORD

    async def carry(kind: Kind, key: str | Item, *, unlike: str = "") -> None:
        carried.append((kind, key, unlike))

    async def found() -> AsyncIterator[Entry]:
        source = {"etag": "one", "version": "v1"} if kind == "document" else {}
        yield {"kind": kind, "key": key, "fields": fields, "source": source, "target": target}

    assert await repair(carry, found(), asyncio.Event()) == repaired
    assert carried == [(Kind(kind), key, unlike)]


async def test_a_version_is_told_of_a_document_that_is_too_large_to_show() -> None:
    tags = {f"tag{number}": "\u00fc" * 256 for number in range(10)}
    one = Document("k", "one", 1, version="v1", tags=tags)
    entry = Diff(Kind.DOCUMENT, "k", ("bytes",), shown_document(one), shown_document(one)).as_entry()
    assert "too large to show" in entry["target"]
    assert (entry["target"]["version"], entry["target"]["etag"]) == ("v1", "one")


async def test_one_that_is_told_to_stop_says_how_many_were_repaired_by_then() -> None:
    stop = asyncio.Event()
    carried = []

    async def carry(kind: Kind, key: str | Item, *, unlike: str = "") -> None:
        carried.append(key)
        if len(carried) == 2:
            stop.set()

    async def found() -> AsyncIterator[Entry]:
        for key in ("a", "b", "c"):
            yield {"kind": "document", "key": key, "fields": [], "source": {}, "target": None}

    assert await repair(carry, found(), stop) == 2
    assert carried == ["a", "b"]
