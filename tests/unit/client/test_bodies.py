import io
from pathlib import Path

import pytest

from docferry.client.bodies import SPOOL_BYTES, BodyLike, readable
from docferry.domain.errors import InvalidInput


async def test_a_body_is_read_as_often_as_wanted_from_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        file.seek(2)
        given: list[tuple[BodyLike, bytes]] = [(b"0123456789", b"0123456789"), (path, b"0123456789")]
        for body, wanted in [*given, (iter([b"01", b"23"]), b"0123"), (file, b"23456789")]:
            async with readable(body) as again:
                assert again.size == len(wanted)
                assert await again.read(1, 2) == wanted[1:3]
                assert await again.read(0, again.size) == wanted
        assert not file.closed


async def test_a_body_larger_than_memory_is_meant_for_is_spooled_whole() -> None:
    chunk = b"x" * 1024**2
    async with readable(chunk for _ in range(SPOOL_BYTES // len(chunk) + 2)) as again:
        assert again.size == SPOOL_BYTES + 2 * len(chunk)
        assert await again.read(again.size - 1, 1) == b"x"


async def test_a_file_that_became_shorter_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"0123456789")
    async with readable(path) as again:
        path.write_bytes(b"01")
        with pytest.raises(InvalidInput, match="shorter"):
            await again.read(0, 10)


@pytest.mark.parametrize("given", ["text", 7, None, [1], ["a"], io.StringIO("a")])
async def test_what_is_no_body_is_refused(given: object) -> None:
    with pytest.raises(InvalidInput):
        async with readable(given) as again:  # type: ignore[arg-type]
            await again.read(0, again.size)
