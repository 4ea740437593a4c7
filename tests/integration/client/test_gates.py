import asyncio

import pytest

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.journal import DynamoJournal
from docferry.client import DocumentStore, Held, Leave, connect
from docferry.clock import SystemClock
from docferry.domain.gate import Writer
from docferry.settings import Client
from tests.integration.cli.conftest import Site
from tests.integration.client.regions import LARGE, Region, fetched


async def test_a_gate_that_turns_holds_writes_and_moves_them(
    store: DocumentStore, source: Region, target: Region
) -> None:
    assert (await store.put("before", b"1")).region == "source"
    await source.turn(Writer.NOBODY)
    await asyncio.sleep(0.3)
    held = asyncio.ensure_future(store.put("during", b"2"))
    await asyncio.sleep(0.3)
    assert not held.done()
    assert (await fetched(store, "before")).region == "source"
    await target.turn(Writer.NOBODY)
    await target.turn(Writer.APPLICATION)
    assert (await held).region == "target"
    await source.turn(Writer.REPLICATOR)
    assert await source.documents.look("during") is None
    assert (await fetched(store, "during")).region == "target"


async def test_a_write_held_too_long_says_that_nothing_was_sent(
    site: Site, source: Region, target: Region
) -> None:
    await source.turn(Writer.NOBODY)
    settings = site.settings.model_copy(update={"client": Client(deadline_s=1.0)})
    async with connect(settings=settings) as store:
        with pytest.raises(Held, match="nothing was sent"):
            await store.put("k", b"")


async def test_keys_are_in_the_journal_of_their_region_and_the_client_is_known(
    site: Site, store: DocumentStore, source: Region
) -> None:
    epoch = await source.turn(Writer.APPLICATION, journal=True)
    await asyncio.sleep(0.25)
    await store.put("a//b", b"")
    await store.put("large", LARGE)
    await store.delete("gone")
    key = {"id": {"S": "1"}}

    async def nothing(leave: Leave) -> str:
        return leave.place.table

    assert await store.route.write(nothing, records=[key]) == site.settings.source.table
    noted = await source.noted(epoch)
    assert [one for one in noted if isinstance(one, dict)] == [key]
    assert {one for one in noted if isinstance(one, str)} == {"a//b", "large", "gone"}
    await store.route.close()
    journal = DynamoJournal(DynamoRecords(source.client, source.side.journal_table), SystemClock())
    (presence,) = await journal.clients()
    assert (presence.client, presence.region, presence.epoch) == (store.route.client, "source", epoch)
