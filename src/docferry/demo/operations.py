"""What an application does, one key at a time, each operation noted in the operation log.

Every operation writes its own number as `generation`: into the metadata, the tags or the record it writes, so that
whoever looks at a key later can tell which operation it is looking at. How the requests reach a store is another
matter: `direct` goes straight to the source, as applications do before there is docferry, and `routed` goes
through `docferry.client`.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from docferry.demo.oplog import Begin, End, OperationLog
from docferry.demo.records import RecordKey, contents
from docferry.demo.state import GENERATION, DocumentState, State, digest_of
from docferry.domain.change import Kind
from docferry.domain.errors import DocferryError
from docferry.domain.record import Item
from docferry.ports import Clock


class Requests(Protocol):
    """How requests reach a store. Each returns the version it made, empty if it is not told of one.

    What they raise is a DocferryError.
    """

    async def put(self, key: str, body: bytes, state: DocumentState) -> str:
        """Put a document, tags and all, with one request."""

    async def tag(self, key: str, tags: Mapping[str, str]) -> str:
        """Replace the tags of a document and nothing else."""

    async def put_record(self, item: Item) -> str:
        """Put a record."""


@dataclass(frozen=True, slots=True)
class Application:
    """One application, by name. `attribute` is what a record names its document by.

    Every method raises DocferryError if its request failed for good; that is in the log by then, and whether the
    request took effect is unknown.
    """

    requests: Requests
    log: OperationLog
    clock: Clock
    name: str
    attribute: str

    async def put(
        self,
        kind: str,
        key: str,
        body: bytes,
        content_type: str,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> DocumentState:
        """Create or overwrite a document."""
        op = self.log.number()
        state = DocumentState(
            digest_of(body), content_type, {**metadata, GENERATION: str(op)}, {**tags, GENERATION: str(op)}
        )
        await self.noted(op, kind, Kind.DOCUMENT, key, state, self.requests.put(key, body, state))
        return state

    async def retag(self, key: str, held: DocumentState, tags: Mapping[str, str]) -> DocumentState:
        """Replace the tags of a document and nothing else."""
        op = self.log.number()
        state = replace(held, tags={**tags, GENERATION: str(op)})
        await self.noted(op, "retag", Kind.DOCUMENT, key, state, self.requests.tag(key, state.tags))
        return state

    async def put_record(self, kind: str, key: RecordKey, document: str = "") -> None:
        """Create or overwrite a record, which names a document unless that is empty."""
        op = self.log.number()
        item = contents(key, op, self.name, {self.attribute: document} if document else {})
        await self.noted(op, kind, Kind.RECORD, key.name, item, self.requests.put_record(item))

    async def noted(
        self, op: int, kind: str, store: Kind, key: str, state: State, request: Awaitable[str]
    ) -> None:
        """Send one request, with a line in the log before and after it. What it waits for is part of it."""
        self.log.write(Begin(op, self.name, kind, store, key, state, self.clock.monotonic()))
        try:
            version = await request
        except DocferryError as error:
            self.log.write(End(op, False, self.clock.monotonic(), self.clock.now(), error=str(error)))
            raise
        self.log.write(End(op, True, self.clock.monotonic(), self.clock.now(), version))


def headers_of(state: DocumentState) -> dict[str, str]:
    """Return the headers that give a document its content type and metadata."""
    metadata = {f"x-amz-meta-{name}": value for name, value in state.metadata.items()}
    return {"content-type": state.content_type, **metadata}
