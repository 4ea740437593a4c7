import io
from collections.abc import Mapping
from typing import Any

import pytest

from docferry.aws.http import Answer, AwsClient
from docferry.aws.signing import Credentials
from docferry.client.documents import READ_BYTES, DocumentStore
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, Retryable, ServiceError
from tests.unit.client.regions import Regions

LARGE = bytes(range(256)) * (2 * READ_BYTES // 256) + b"tail"


class Bucket(AwsClient):
    """Answers as S3 does, ranges too; what it holds may be replaced at a request."""

    def __init__(self, regions: Regions, body: bytes | None) -> None:
        super().__init__(None, lambda: Credentials("a", "b"), regions.clock, region="r")  # type: ignore[arg-type]
        self.body = body
        self.asked: list[str] = []
        self.fail_at: dict[int, DocferryError] = {}

    async def send(
        self, service: str, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        span = (headers or {}).get("range", "")
        self.asked.append(span)
        if failure := self.fail_at.pop(len(self.asked), None):
            raise failure
        if self.body is None:
            raise ServiceError("no such key", code="NoSuchKey", status=404)
        held = {"etag": f'"{len(self.body)}"', "x-amz-version-id": "v"}
        if not span:
            return Answer(200, held, self.body)
        first, last = map(int, span.removeprefix("bytes=").split("-"))
        if first >= len(self.body):
            raise ServiceError("no such range", code="InvalidRange", status=416)
        piece = self.body[first : last + 1]
        return Answer(206, {**held, "content-range": f"bytes {first}-{last}/{len(self.body)}"}, piece)


def opened(body: bytes | None) -> tuple[Bucket, DocumentStore]:
    regions = Regions()
    bucket = Bucket(regions, body)
    return bucket, DocumentStore(regions.route(), {"source": bucket}, {"source": "b"})


async def test_a_document_is_put_together_from_its_ranges() -> None:
    bucket, store = opened(LARGE)
    found = await store.get("k")
    assert found and (found.body, found.size) == (LARGE, len(LARGE))
    assert len(bucket.asked) == 3


async def test_an_empty_document_has_no_range_and_is_read_all_the_same() -> None:
    bucket, store = opened(b"")
    found = await store.get("k")
    assert found and (found.body, found.size) == (b"", 0)
    assert bucket.asked[-1] == ""


async def test_a_document_that_goes_after_it_was_found_empty_is_not_there() -> None:
    bucket, store = opened(b"")
    bucket.fail_at = {2: ServiceError("gone", status=404)}
    assert await store.get("k") is None


@pytest.mark.parametrize("gone", [Conflict("other"), ServiceError("no such version", status=404)])
async def test_a_version_that_goes_while_it_is_read_is_read_again_from_its_beginning(gone: DocferryError) -> None:
    bucket, store = opened(LARGE)
    bucket.fail_at = {3: gone}
    into = io.BytesIO()
    assert await store.get("k", into)
    assert into.getvalue() == LARGE
    assert len(bucket.asked) == 6


async def test_a_document_that_never_stays_is_given_up() -> None:
    bucket, store = opened(LARGE)
    bucket.fail_at = {n: Conflict("other") for n in range(2, 40, 2)}
    with pytest.raises(Retryable, match="written over"):
        await store.get("k")


@pytest.mark.parametrize("at", [1, 2])
async def test_what_is_refused_is_no_absence(at: int) -> None:
    bucket, store = opened(LARGE)
    bucket.fail_at = {at: ServiceError("denied", code="AccessDenied", status=403)}
    with pytest.raises(ServiceError, match="denied"):
        await store.get("k")


async def test_a_file_that_cannot_be_written_over_is_refused() -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(InvalidInput, match="seekable"):
        await opened(b"")[1].get("k", Stream())
