"""The stores as one process sees them: each call is a request to a service in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from docferry.domain.document import Document, Listed
from docferry.domain.errors import Conflict
from docferry.domain.record import Item, KeySchema
from docferry.ports import ListingPage, RecordPage, Written
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.network import Lasting
from docferry.simulation.records import MemoryRecords
from docferry.simulation.way import Way


@dataclass(frozen=True, slots=True)
class RemoteDocuments:
    """The `DocumentStore` and `Beacon` ports over a bucket; `inner` knows which one it copies from."""

    way: Way
    inner: MemoryDocuments
    source: "RemoteDocuments | None" = None

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        """List a page."""
        found: ListingPage = await self.way.read(
            "list", partial(self.inner.page, after, prefix), after, listing=True
        )
        return found

    async def look(self, key: str) -> Document | None:
        """Look at a document."""
        found: Document | None = await self.way.read("look", partial(self.inner.look, key), key)
        return found

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy with one request, or part by part."""
        if source.multipart or source.size > self.inner.copy_limit:
            return await self._in_parts(source, expected)

        async def begin() -> Lasting:
            # S3 judges the source's condition when it begins, and the target's when it is done.
            return Lasting(partial(self.inner.assemble, self.inner.taken(source), expected))

        written: Written = await self.way.write("copy", begin, source.key, conditional=True)
        return written

    async def _in_parts(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        assert self.source is not None
        shown = await self.source.look(source.key)
        if shown is None or shown.etag != source.etag:
            raise Conflict(f"{source.key!r} changed at the source before it was copied")
        for number, _ in enumerate(self.inner.part_sizes(shown), 1):
            await self.way.write(f"copy part {number}", partial(self.inner.part, shown), shown.key)
        await self.source.way.read("look again", partial(self.inner.part, shown), shown.key)
        work = partial(self.inner.assemble, shown, expected)
        written: Written = await self.way.write("complete", work, shown.key, conditional=True)
        if shown.tags:
            # As the real one does, for stores that drop them from an upload in parts.
            await self.put_tags(shown.key, written.version, shown.tags)
        return written

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace tags."""
        await self.way.write("tag", partial(self.inner.put_tags, key, version, tags), key)

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker."""
        work = partial(self.inner.remove, key, expected)
        written: Written = await self.way.write("remove", work, key, conditional=True)
        return written

    async def read_digest(self, document: Document) -> str:
        """Read the bytes."""
        found: str = await self.way.read("get", partial(self.inner.read_digest, document), document.key)
        return found

    async def put(self, key: str, number: str) -> str:
        """Put a reserved document: under no guard, as the real one is."""
        return str(await Way(self.way.link, self.way.region, "documents").write(
            "put", partial(self.inner.put, key, number), key
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class RemoteRecords:
    """The `RecordStore` port over a table."""

    way: Way
    inner: MemoryRecords
    key: KeySchema

    async def schema(self) -> KeySchema:
        """Return the key schema, which every process asks for once."""
        return self.key

    async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
        """Read a page of a scan."""
        work = partial(self.inner.scan, segment, segments, position)
        found: RecordPage = await self.way.read("scan", work, str(segment), listing=True)
        return found

    async def get(self, key: Item) -> Item | None:
        """Read one item."""
        found: Item | None = await self.way.read("get", partial(self.inner.get, key), name_of(key))
        return found

    async def get_many(self, keys: Sequence[Item]) -> tuple[Item, ...]:
        """Read many at once."""
        if not keys:
            return ()
        found: tuple[Item, ...] = await self.way.read(
            "get", partial(self.inner.get_many, keys), f"{len(keys)} items"
        )
        return found

    async def put(self, item: Item, expected: Item | None) -> None:
        """Put one."""
        key = name_of(self.key.key_of(item))
        await self.way.write("put", partial(self.inner.put, item, expected), key, conditional=True)

    async def delete(self, key: Item, expected: Item) -> None:
        """Delete one."""
        await self.way.write("delete", partial(self.inner.delete, key, expected), name_of(key), conditional=True)


def name_of(key: Item) -> str:
    """Show the key of an item."""
    return "/".join(str(next(iter(one.values()))) for one in key.values())
