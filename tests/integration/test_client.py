"""The applications' client against the embedded AWS, with gates that turn."""

import asyncio
import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from docferry.aws import s3_xml
from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.journal import DynamoJournal
from docferry.aws.s3 import S3Documents, path_of
from docferry.client import (
    DocumentStore,
    Fetched,
    Held,
    Leave,
    SyncDocumentStore,
    Unanswered,
    connect,
    connect_sync,
)
from docferry.client.bodies import BodyLike
from docferry.client.uploads import PART_BYTES
from docferry.clock import SystemClock
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.domain.gate import Gate, Writer
from docferry.settings import Client, Side
from tests.integration.cli.conftest import Site, site_at

ROOT = Path(__file__).parents[2]
ODD = ["plain.txt", "a b/ c", "a//b///c", "../up/./x", "ü/日本/🎉", "+%20&=?#;", "trailing/", " "]
LARGE = os.urandom(1024) * (2 * PART_BYTES // 1024) + b"tail"


@dataclass(frozen=True)
class Region:
    """One side with what tests look at and turn."""

    client: AwsClient
    side: Side

    @property
    def gate(self) -> DynamoGate:
        return DynamoGate(DynamoRecords(self.client, self.side.control_table))

    @property
    def documents(self) -> S3Documents:
        return S3Documents(self.client, self.side.bucket)

    async def turn(self, writer: Writer, *, journal: bool = False) -> int:
        before = await self.gate.read()
        after = before.turned(writer, journal=journal) if before else Gate(writer, 1, journal=journal)
        await self.gate.change(before, after)
        return after.epoch

    async def noted(self, epoch: int) -> list[object]:
        journal = DynamoJournal(DynamoRecords(self.client, self.side.journal_table), SystemClock())
        return [one.key async for one in journal.touched(epoch)]


@pytest.fixture
def site(endpoint: str, tmp_path: Path) -> Site:
    made = site_at(endpoint, tmp_path)
    made.configure(client={"lease_s": 0.2, "deadline_s": 10.0})
    return made


@pytest.fixture
async def source(site: Site, source_client: AwsClient) -> Region:
    region = Region(source_client, site.settings.source)
    await region.turn(Writer.APPLICATION)
    return region


@pytest.fixture
async def target(site: Site, client: AwsClient) -> Region:
    region = Region(client, site.settings.target)
    await region.turn(Writer.REPLICATOR)
    return region


@pytest.fixture
async def store(site: Site, source: Region, target: Region) -> AsyncIterator[DocumentStore]:
    async with connect(site.config) as opened:
        yield opened


async def switch(source: Region, target: Region, *, journal: bool = False) -> int:
    await source.turn(Writer.NOBODY)
    await asyncio.sleep(0.2)
    await target.turn(Writer.NOBODY)
    epoch = await target.turn(Writer.APPLICATION, journal=journal)
    await source.turn(Writer.REPLICATOR)
    return epoch


async def fetched(store: DocumentStore, key: str) -> Fetched:
    found = await store.get(key)
    assert found
    return found


@pytest.mark.parametrize("key", ODD)
async def test_a_document_comes_back_as_it_was_put(store: DocumentStore, source: Region, key: str) -> None:
    put = await store.put(
        key,
        b"body",
        content_type="text/plain",
        metadata={"Owner": "me"},
        tags={"a b": "c&d", "ü": "="},
        headers={"Cache-Control": "no-store"},
    )
    found = await fetched(store, key)
    assert (found.body, found.size, found.etag, found.version) == (b"body", 4, put.etag, put.version)
    assert (found.content_type, found.headers["cache-control"]) == ("text/plain", "no-store")
    assert (found.metadata, found.region) == ({"owner": "me"}, "source")
    looked = await source.documents.look(key)
    assert looked and looked.tags == {"a b": "c&d", "ü": "="}
    await store.tag(key, {"x": "y"})
    looked = await source.documents.look(key)
    assert looked and (looked.tags, looked.version) == ({"x": "y"}, put.version)
    deleted = await store.delete(key)
    assert deleted.version
    assert await store.get(key) is None


async def test_an_empty_document_comes_back(store: DocumentStore) -> None:
    await store.put("empty", b"")
    found = await fetched(store, "empty")
    assert (found.body, found.size) == (b"", 0)


async def test_what_is_not_there_is_none_and_cannot_be_tagged(store: DocumentStore) -> None:
    assert await store.get("nothing") is None
    assert (await store.delete("nothing")).key == "nothing"
    with pytest.raises(ServiceError) as raised:
        await store.tag("never", {"a": "b"})
    assert raised.value.status == 404


@pytest.mark.parametrize("key", ["", ".docferry/canary"])
async def test_keys_that_cannot_be_are_refused(store: DocumentStore, key: str) -> None:
    with pytest.raises(InvalidInput):
        await store.put(key, b"")


async def test_tags_too_long_for_a_header_are_set_all_the_same(store: DocumentStore, source: Region) -> None:
    tags = {f"{n}" * 100: "ü" * 200 for n in range(10)}
    await store.put("k", b"body", tags=tags)
    looked = await source.documents.look("k")
    assert looked and looked.tags == tags


async def test_a_large_document_goes_in_parts_and_comes_back_into_a_file(
    store: DocumentStore, source: Region, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    path.write_bytes(LARGE)
    put = await store.put("large one", path, content_type="x/y", metadata={"a": "b"}, tags={"t": "1"})
    looked = await source.documents.look("large one")
    assert looked and (looked.size, looked.tags, looked.metadata) == (len(LARGE), {"t": "1"}, {"a": "b"})
    assert looked.etag == put.etag and looked.etag.endswith("-3")
    into = io.BytesIO(b"before" + b"x" * len(LARGE) * 2)
    into.seek(6)
    found = await store.get("large one", into)
    assert found and (found.body, found.size, found.version) == (None, len(LARGE), put.version)
    assert into.getvalue() == b"before" + LARGE


async def chunks() -> AsyncIterator[bytes]:
    for start in range(0, len(LARGE), 1_000_000):
        yield LARGE[start : start + 1_000_000]


async def test_any_body_is_read_again_for_each_region(store: DocumentStore) -> None:
    def some() -> Iterator[bytes]:
        yield from (b"ab", b"", b"c")

    file = io.BytesIO(b"__abc")
    file.seek(2)
    bodies: list[BodyLike] = [some(), [b"abc"], bytearray(b"abc"), memoryview(b"abc"), file]
    for number, body in enumerate(bodies):
        await store.put(f"k{number}", body)
        assert (await fetched(store, f"k{number}")).body == b"abc"
    read, write = os.pipe()
    with os.fdopen(write, "wb") as sink:
        sink.write(b"abc")
    with os.fdopen(read, "rb") as pipe:
        await store.put("pipe", pipe)
    assert (await fetched(store, "pipe")).body == b"abc"
    await store.put("spooled", chunks())
    assert (await fetched(store, "spooled")).body == LARGE


async def test_a_body_of_text_is_refused(store: DocumentStore) -> None:
    with pytest.raises(InvalidInput, match="not str"):
        await store.put("k", "text")  # type: ignore[arg-type]


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


async def open_uploads(region: Region) -> int:
    answer = await region.client.send("s3", "GET", path_of(region.side.bucket), query={"uploads": ""})
    return sum(one.tag.endswith("Upload") for one in s3_xml.parse(answer.body))


async def test_a_large_upload_whose_region_was_closed_meanwhile_is_made_again_in_the_other(
    store: DocumentStore, source: Region, target: Region
) -> None:
    class Turning(io.BytesIO):
        """A body in the middle of which the regions are switched."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= PART_BYTES and not switched.is_set():
                switched.set()
                asyncio.run_coroutine_threadsafe(switch(source, target), loop).result(10)
            return super().read(size)

    loop, switched = asyncio.get_running_loop(), threading.Event()
    body = Turning(LARGE)
    put = await store.put("large", wrapped(body))
    assert put.region == "target"
    assert await source.documents.look("large") is None
    assert (await fetched(store, "large")).body == LARGE
    assert (await open_uploads(source), await open_uploads(target)) == (0, 0)


def wrapped(body: io.BytesIO) -> io.BufferedIOBase:
    """Hide that a file is in memory, so that it is read in a thread like any other."""

    class File(io.BufferedIOBase):
        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return body.seek(offset, whence)

        def tell(self) -> int:
            return body.tell()

        def read(self, size: int | None = -1) -> bytes:
            return body.read(size)

    return File()


async def test_threads_share_a_store_without_an_event_loop_of_their_own(
    site: Site, source: Region, target: Region
) -> None:
    await asyncio.to_thread(from_threads, site)


def from_threads(site: Site) -> None:
    failed: list[BaseException] = []

    def use(store: SyncDocumentStore, name: str) -> None:
        try:
            for number in range(5):
                key = f"{name}/{number}"
                assert store.put(key, key.encode(), tags={"a": "b"}).region == "source"
                found = store.get(key)
                assert found and found.body == key.encode()
            store.tag(f"{name}/0", {})
            store.delete(f"{name}/0")
            assert store.get(f"{name}/0") is None
            assert store.route.write(lambda leave: leave.region, records=[{"id": {"S": "1"}}]) == "source"
            assert store.route.read(lambda leave: leave.place.aws_region) == site.settings.source.region
        except BaseException as error:
            failed.append(error)

    with connect_sync(site.config, client="threads") as store:
        assert store.route.client == "threads"
        threads = [threading.Thread(target=use, args=(store, name)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert failed == []


async def test_a_thread_is_told_at_the_deadline_that_the_outcome_is_unknown(
    site: Site, source: Region, target: Region
) -> None:
    def slow(leave: Leave) -> None:
        time.sleep(1.5)

    def use() -> float:
        settings = site.settings.model_copy(update={"client": Client(deadline_s=1.0)})
        with connect_sync(settings=settings) as store:
            began = time.monotonic()
            with pytest.raises(Unanswered):
                store.route.write(slow)
            return time.monotonic() - began

    assert await asyncio.to_thread(use) < 1.4


EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_the_examples_of_the_documentation_run(
    site: Site, source: Region, target: Region, number: int
) -> None:
    program = site.directory / "example.py"
    program.write_text(EXAMPLES[number], encoding="utf-8")
    aws = site.settings.aws
    said = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(program)],
        cwd=site.directory,
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    records = (await DynamoRecords(source.client, source.side.table).scan(0, 1, None)).items
    assert [item["record_id"]["S"] for item in records] == [str(number + 1)]
