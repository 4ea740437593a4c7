import asyncio
import io
import threading
from pathlib import Path

from docferry.aws import s3_xml
from docferry.aws.s3 import path_of
from docferry.client import DocumentStore
from docferry.client.uploads import PART_BYTES
from tests.integration.client.regions import LARGE, Region, fetched, switch


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
