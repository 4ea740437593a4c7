import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from docferry.aws.http import Answer, AwsClient
from docferry.aws.signing import Credentials
from docferry.client.documents import DocumentStore
from docferry.client.route import LEASE_S, Unanswered
from docferry.client.uploads import MOST_PARTS, PART_BYTES, part_bytes
from docferry.domain.errors import ServiceError
from docferry.domain.gate import Writer
from tests.unit.client.regions import Regions

BODY = b"x" * (2 * PART_BYTES + 1)
COMPLETED = b"<CompleteMultipartUploadResult><ETag>&quot;e&quot;</ETag></CompleteMultipartUploadResult>"


class Bucket(AwsClient):
    """A store of one document: counts requests, and does at a request what the test wants done."""

    def __init__(self, regions: Regions) -> None:
        super().__init__(None, lambda: Credentials("a", "b"), regions.clock, region="r")  # type: ignore[arg-type]
        self.regions = regions
        self.said: list[str] = []
        self.on: dict[str, Any] = {}
        self.uploads: set[str] = set()
        self.etag = ""

    async def send(
        self, service: str, method: str, path: str, *, query: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        if more.get("guard"):
            more["guard"]()
        asked = query or {}
        what = "create" if "uploads" in asked else "part" if "partNumber" in asked else method
        what = {"POST": "complete", "DELETE": "abort"}.get(what, what) if "uploadId" in asked else what
        self.said.append(what)
        answer = self.answer(what, asked)
        if what in self.on:
            await self.on.pop(what)()
        return answer

    def answer(self, what: str, asked: Mapping[str, str]) -> Answer:
        if what == "create":
            self.uploads.add(str(len(self.said)))
            return Answer(200, {}, f"<R><UploadId>{len(self.said)}</UploadId></R>".encode())
        if what == "part":
            return Answer(200, {"etag": f'"{int(asked["partNumber"]):032x}"'}, b"")
        if what == "HEAD":
            return Answer(200, {"etag": f'"{self.etag}"', "x-amz-version-id": "v"}, b"")
        if what in ("complete", "abort"):
            if asked["uploadId"] not in self.uploads:
                raise ServiceError("no such upload", code="NoSuchUpload", status=404)
            self.uploads.remove(asked["uploadId"])
        if what == "complete":
            digest = hashlib.md5(b"".join(n.to_bytes(16, "big") for n in (1, 2, 3)), usedforsecurity=False)
            self.etag = f"{digest.hexdigest()}-3"
        return Answer(200, {"x-amz-version-id": "v"}, COMPLETED)


class Stores:
    def __init__(self) -> None:
        self.regions = Regions()
        self.source, self.target = Bucket(self.regions), Bucket(self.regions)
        clients = {"source": self.source, "target": self.target}
        self.route = self.regions.route()
        self.store = DocumentStore(self.route, clients, {name: name for name in clients})

    async def switch(self) -> None:
        self.regions.switch()
        self.regions.clock.time += LEASE_S

    async def raise_epoch(self) -> None:
        self.regions.source.turn(Writer.APPLICATION, journal=True)
        self.regions.clock.time += LEASE_S


async def test_an_epoch_raised_while_parts_are_sent_sends_none_again_and_notes_the_key_under_it() -> None:
    stores = Stores()
    stores.source.on = {"part": stores.raise_epoch}
    put = await stores.store.put("k", BODY)
    assert (put.etag, put.version, put.region) == ("e", "v", "source")
    assert stores.source.said == ["create", "part", "part", "part", "complete"]
    assert [one.key async for one in stores.regions.source_journal.touched(2)] == ["k"]


async def test_an_epoch_raised_while_it_is_completed_is_settled_by_a_look() -> None:
    stores = Stores()
    stores.source.on = {"complete": stores.raise_epoch}
    put = await stores.store.put("k", BODY)
    assert (put.etag, put.version) == (stores.source.etag, "v")
    assert stores.source.said == ["create", "part", "part", "part", "complete", "complete", "HEAD"]


async def test_an_upload_that_was_completed_and_then_written_over_is_made_again() -> None:
    stores = Stores()

    async def written_over() -> None:
        await stores.raise_epoch()
        stores.source.etag = "0" * 32

    stores.source.on = {"complete": written_over}
    await stores.store.put("k", BODY)
    assert stores.source.said.count("create") == 2
    assert stores.source.uploads == set()


@pytest.mark.parametrize("when", ["create", "part", "complete"])
async def test_an_upload_is_dropped_and_made_again_where_it_is_open_by_then(when: str) -> None:
    stores = Stores()
    stores.source.on = {when: stores.switch}
    put = await stores.store.put("k", BODY)
    assert put.region == "target"
    assert stores.target.said == ["create", "part", "part", "part", "complete"]


async def test_a_part_that_is_refused_while_the_region_is_open_fails_the_upload_and_drops_it() -> None:
    stores = Stores()

    async def refused() -> None:
        raise ServiceError("no", status=403)

    stores.source.on = {"part": refused}
    with pytest.raises(ServiceError, match="no"):
        await stores.store.put("k", BODY)
    assert stores.source.said[-1] == "abort"
    assert stores.source.uploads == set()


async def test_a_request_that_outlasts_the_deadline_is_taken_back_although_its_client_sees_it_through() -> None:
    stores = Stores()
    ended = asyncio.Event()

    class Shielding(Bucket):
        async def send(self, service: str, method: str, path: str, **more: Any) -> Answer:
            return await asyncio.shield(asyncio.ensure_future(self.hang(more["guard"])))

        async def hang(self, guard: Any) -> Answer:
            guard()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()
            raise AssertionError("it was not taken back")

    clients = {"source": Shielding(stores.regions), "target": stores.target}
    route = stores.regions.route(deadline_s=0.05)
    with pytest.raises(Unanswered):
        await DocumentStore(route, clients, {"source": "b", "target": "b"}).put("k", b"")
    await asyncio.wait_for(ended.wait(), 1.0)


def test_parts_grow_where_there_would_be_too_many() -> None:
    assert part_bytes(1) == part_bytes(PART_BYTES * MOST_PARTS) == PART_BYTES
    largest = 5 * 1024**4
    assert largest / part_bytes(largest) <= MOST_PARTS
    assert part_bytes(largest) <= 5 * 1024**3
