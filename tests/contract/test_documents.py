import gzip
import hashlib

import pytest

from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents, path_of
from docferry.domain.document import Document, differing_fields
from docferry.domain.errors import Conflict
from docferry.domain.reserved import CANARY, HEARTBEAT, RESERVED
from docferry.ports import DocumentStore
from docferry.simulation.documents import MemoryDocuments
from docferry.stages.heartbeat import Beacon
from tests.contract.conftest import Pair, embedded_pair

ODD_KEYS = (
    "a//b",
    "trailing/",
    "what?#%+&=~",
    "unicode/é漢😀",
    "dots/../up",
    "a b\tc",
    "a+b %2B",
    "%41",
    "control\x01\x1f\x7f",
    "line\r\nbreak",
    "\u0085\ufffe",
    "k" * 1024,
)


async def looked(store: DocumentStore, key: str) -> Document:
    found = await store.look(key)
    assert found is not None
    return found


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_a_copy_keeps_everything_under_any_key(pair: Pair, key: str) -> None:
    await pair.write_source(key, b"bytes", {"author": "x"}, {"t": "1 +"})
    source = await looked(pair.source, key)
    written = await pair.target.copy(source, None)
    target = await looked(pair.target, key)
    assert differing_fields(source, target) == ()
    assert (target.metadata, target.tags, target.size) == ({"author": "x"}, {"t": "1 +"}, 5)
    assert (written.version, written.source_version) == (target.version, source.version)
    assert [row.key for row in (await pair.target.page("")).rows] == [key]


async def test_odd_keys_go_on_where_a_page_ended(pair: Pair) -> None:
    for key in ODD_KEYS:
        await pair.write_source(key, b"1", {}, {})
    found, after = [], ""
    for _ in ODD_KEYS:
        (first, *_) = (await pair.source.page(after)).rows
        found.append(first.key)
        after = first.key
    assert found == sorted(ODD_KEYS)
    assert (await pair.source.page(after)).rows == ()


async def test_an_empty_document_is_copied(pair: Pair) -> None:
    await pair.write_source("empty", b"", {}, {})
    source = await looked(pair.source, "empty")
    await pair.target.copy(source, None)
    assert differing_fields(source, await looked(pair.target, "empty")) == ()


async def test_a_source_overwritten_since_the_look_is_not_copied(pair: Pair) -> None:
    await pair.write_source("k", b"one", {}, {})
    source = await looked(pair.source, "k")
    await pair.write_source("k", b"two", {}, {})
    with pytest.raises(Conflict):
        await pair.target.copy(source, None)
    assert await pair.target.look("k") is None


async def test_a_target_that_is_another_than_the_one_looked_at_is_not_written_over(pair: Pair) -> None:
    await pair.write_source("k", b"mine", {}, {})
    source = await looked(pair.source, "k")
    await pair.write_target("k", b"theirs", {}, {})
    stale = await looked(pair.target, "k")
    with pytest.raises(Conflict):
        await pair.target.copy(source, None)
    await pair.write_target("k", b"theirs again", {}, {})
    with pytest.raises(Conflict):
        await pair.target.copy(source, stale)
    assert (await looked(pair.target, "k")).size == len(b"theirs again")
    await pair.target.copy(source, await looked(pair.target, "k"))
    assert differing_fields(source, await looked(pair.target, "k")) == ()


async def test_a_source_deleted_since_the_look_is_a_conflict(pair: Pair) -> None:
    await pair.write_source("k", b"1", {}, {})
    seen = await pair.source.look("k")
    assert seen is not None
    await pair.erase_source("k")
    with pytest.raises(Conflict):
        await pair.target.copy(seen, None)


async def test_a_deleted_document_is_absent_and_leaves_the_listing(pair: Pair) -> None:
    await pair.write_source("k", b"one", {}, {})
    await pair.erase_source("k")
    assert await pair.source.look("k") is None
    assert (await pair.source.page("")).rows == ()
    assert await pair.source.look("never") is None


async def test_a_removal_on_a_stale_look_is_refused(pair: Pair) -> None:
    await pair.write_target("k", b"one", {}, {})
    stale = await looked(pair.target, "k")
    await pair.write_target("k", b"two", {}, {})
    with pytest.raises(Conflict):
        await pair.target.remove("k", stale)
    current = await looked(pair.target, "k")
    assert (await pair.target.remove("k", current)).version
    assert await pair.target.look("k") is None


async def test_tags_change_in_place(pair: Pair) -> None:
    await pair.write_target("k", b"one", {}, {"t": "1"})
    before = await looked(pair.target, "k")
    await pair.target.put_tags("k", before.version, {"t": "2", "u": "<&>"})
    after = await looked(pair.target, "k")
    assert (after.tags, after.version, after.etag) == ({"t": "2", "u": "<&>"}, before.version, before.etag)
    with pytest.raises(Conflict):
        await pair.target.put_tags("k", "00000000-0000-0000-0000-000000000000", {})


async def test_a_removal_of_what_is_gone_is_refused(pair: Pair) -> None:
    await pair.write_target("k", b"one", {}, {})
    seen = await looked(pair.target, "k")
    await pair.target.remove("k", seen)
    with pytest.raises(Conflict):
        await pair.target.remove("k", seen)


@pytest.mark.parametrize("body", [gzip.compress(b"hello" * 100, mtime=0), b"says gzip and is none"])
async def test_a_digest_is_of_the_stored_bytes_whatever_their_encoding_says(
    source_client: AwsClient, client: AwsClient, body: bytes
) -> None:
    pair = await embedded_pair(source_client, client)
    assert isinstance(pair.source, S3Documents)
    headers = {"content-encoding": "gzip"}
    await source_client.send("s3", "PUT", path_of(pair.source.bucket, "k"), headers=headers, body=body)
    source = await looked(pair.source, "k")
    await pair.target.copy(source, None)
    target = await looked(pair.target, "k")
    assert (target.headers["content-encoding"], target.size) == ("gzip", len(body))
    digest = hashlib.sha256(body).hexdigest()
    assert [await pair.source.read_digest(source), await pair.target.read_digest(target)] == [digest, digest]


async def test_listings_go_on_after_a_key_and_keep_to_a_prefix(pair: Pair) -> None:
    for n in range(1005):
        await pair.write_source(f"p/{n:04}", b"", {}, {})
    await pair.write_source("q", b"", {}, {})
    first = await pair.source.page("", "p/")
    rest = await pair.source.page(first.rows[-1].key, "p/")
    assert (len(first.rows), first.more, len(rest.rows), rest.more) == (1000, True, 5, False)
    assert [row.key for row in first.rows + rest.rows] == [f"p/{n:04}" for n in range(1005)]


def beacon(store: DocumentStore) -> Beacon:
    assert isinstance(store, S3Documents | MemoryDocuments)
    return store


async def test_a_reserved_document_is_put_again_and_again_and_copied_like_any_other(pair: Pair) -> None:
    first = await beacon(pair.source).put(HEARTBEAT, "1")
    second = await beacon(pair.source).put(HEARTBEAT, "2")
    source = await looked(pair.source, HEARTBEAT)
    assert (source.version, source.metadata) == (second, {"number": "2"})
    assert first not in ("", second)
    await pair.target.copy(source, None)
    assert differing_fields(source, await looked(pair.target, HEARTBEAT)) == ()
    with pytest.raises(Conflict):
        await pair.target.copy(source, None)


async def test_only_reserved_documents_are_put_on_no_condition(pair: Pair) -> None:
    with pytest.raises(ValueError, match="not reserved"):
        await beacon(pair.target).put("k", "1")
    assert (await pair.target.page("")).rows == ()


async def test_listings_never_show_what_is_reserved(pair: Pair) -> None:
    shown = ("!first", ".docferry", ".docferry0", ".docferryx/k", "a/.docferry/k")
    for key in (*shown, f"{RESERVED}anything", RESERVED):
        await pair.write_source(key, b"1", {}, {})
    for key in (HEARTBEAT, CANARY):
        await beacon(pair.source).put(key, "1")
    page = await pair.source.page("")
    assert ([row.key for row in page.rows], page.more) == (sorted(shown), False)
    assert (await pair.source.page("", RESERVED)).rows == ()
    assert (await pair.source.page("", ".docferry")).rows == page.rows[1:4]
