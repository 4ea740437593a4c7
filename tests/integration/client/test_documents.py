import io
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from docferry.client import DocumentStore
from docferry.client.bodies import BodyLike
from docferry.domain.errors import InvalidInput, ServiceError
from tests.integration.client.regions import LARGE, Region, fetched

ODD = ["plain.txt", "a b/ c", "a//b///c", "../up/./x", "ü/日本/🎉", "+%20&=?#;", "trailing/", " "]


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
