import asyncio
from collections.abc import AsyncIterator

import pytest

from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Entry
from docferry.stages.repair import repair


@pytest.mark.parametrize(
    ("fields", "etags", "repaired"),
    [
        (["bytes"], ("one", "one"), 0),
        (["bytes", "tags"], ("one", "one"), 0),
        (["bytes"], ("one", "other"), 1),
        (["tags"], ("one", "one"), 1),
    ],
)
async def test_wrong_bytes_that_no_look_shows_do_not_count_as_repaired(
    fields: list[str], etags: tuple[str, str], repaired: int
) -> None:
    carried = []

    async def carry(kind: Kind, key: str | Item) -> None:
        carried.append(key)

    async def found() -> AsyncIterator[Entry]:
        yield {
            "kind": "document",
            "key": "k",
            "fields": fields,
            "source": {"etag": etags[0]},
            "target": {"etag": etags[1]},
        }

    assert await repair(carry, found(), asyncio.Event()) == repaired
    assert carried == ["k"]
