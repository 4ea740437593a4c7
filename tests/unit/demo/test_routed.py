import asyncio
from pathlib import Path

import pytest

from docferry.demo.oplog import Begin, End, Tail
from docferry.demo.records import RecordKey
from docferry.demo.routed import Writer
from docferry.domain.gate import Writer as Side
from tests.unit.demo.logs import document
from tests.unit.demo.places import Places

RECORD = RecordKey("o", "r")


@pytest.fixture
async def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "log")


async def do_everything(writer: Writer) -> None:
    held = await writer.put("create", "k", b"body", "text/plain", {"m": "1"}, {"t": "1"})
    await writer.put_metadata("k", held, {"m": "2"})
    await writer.retag("k", held, {"t": "2"})
    await writer.put_record("create", RECORD, "k")
    await writer.delete_record(RECORD)
    await writer.delete("k")


async def test_every_request_goes_to_the_region_that_is_open_and_to_no_other(places: Places) -> None:
    writer, source, target = places.writer(), places.clients["source"], places.clients["target"]
    await do_everything(writer)
    assert source.sent == ["PUT s3", "PUT s3", "PUT s3", "PutItem", "DeleteItem", "DELETE s3"]
    assert (source.where, target.sent) == ({"bucket-source", "table-source"}, [])
    places.turn("source", Side.NOBODY)
    places.turn("target", Side.APPLICATION)
    await places.clock.sleep(1.1)
    await do_everything(writer)
    assert target.sent == source.sent
    assert target.where == {"bucket-target", "table-target"}


async def test_every_key_is_in_the_journal_while_it_is_on(places: Places) -> None:
    places.turn("source", Side.APPLICATION, journal=True)
    await do_everything(places.writer())
    noted = [one.key async for one in places.journals["source"].touched(2)]
    assert len(noted) == 2
    assert "k" in noted
    assert RECORD.item in noted


async def test_a_held_write_has_not_failed_and_its_wait_is_in_the_log(places: Places) -> None:
    places.turn("source", Side.NOBODY)
    writing = asyncio.create_task(places.writer().put_record("create", RECORD))
    await places.clock.sleep(2.0)
    places.turn("target", Side.APPLICATION)
    await writing
    begin, end = Tail(places.path).read()
    assert isinstance(begin, Begin)
    assert isinstance(end, End)
    assert end.acknowledged
    assert 2.0 <= end.end - begin.start <= 2.2
    assert places.clients["target"].sent == ["PutItem"]


async def test_what_is_logged_is_what_the_key_will_hold(places: Places) -> None:
    state = await places.writer().put_metadata("k", document(b"x"), {"author": "me"})
    begin, _ = Tail(places.path).read()
    assert isinstance(begin, Begin)
    assert begin.state == state
    assert (state.metadata, state.tags) == ({"author": "me", "generation": "1"}, document(b"x").tags)
