"""Applications that write through `docferry.client`, in whatever region is open to them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.client import DocumentStore, Leave, connect
from docferry.client.connecting import SOURCE, TARGET
from docferry.client.sending import guarded
from docferry.demo.access import application_client
from docferry.demo.operations import Application, headers_of
from docferry.demo.records import RecordKey
from docferry.demo.state import GENERATION, DocumentState
from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.settings import Settings


@dataclass(frozen=True, slots=True)
class Routed:
    """`Requests` through a document store, and through its route where it has no method for them.

    `clients` are the application's own, by the route's names for the regions.
    """

    store: DocumentStore
    clients: Mapping[str, AwsClient]

    async def put(self, key: str, body: bytes, state: DocumentState) -> str:
        """Put a document, tags and all, with one request."""
        stored = await self.store.put(
            key, body, content_type=state.content_type, metadata=state.metadata, tags=state.tags
        )
        return stored.version

    async def tag(self, key: str, tags: Mapping[str, str]) -> str:
        """Replace the tags of a document and nothing else."""
        await self.store.tag(key, tags)
        return ""

    async def delete(self, key: str) -> str:
        """Delete a document."""
        return (await self.store.delete(key)).version

    async def copy_onto_itself(self, key: str, state: DocumentState) -> str:
        """Replace the metadata of a document and nothing else."""

        async def copy(leave: Leave) -> str:
            path = path_of(leave.place.bucket, key)
            headers = headers_of(state) | {"x-amz-copy-source": path, "x-amz-metadata-directive": "REPLACE"}
            with guarded(leave) as guard:
                answer = await self.clients[leave.region].send(
                    "s3", "PUT", path, headers=headers, guard=guard, refuse_error_body=True
                )
            return answer.headers.get("x-amz-version-id", "")

        return await self.store.route.write(copy, documents=[key])

    async def put_record(self, item: Item) -> str:
        """Put a record."""
        key = {name: item[name] for name in ("owner", "record_id")}
        return await self.store.route.write(self._on_table("PutItem", {"Item": item}), records=[key])

    async def delete_record(self, key: RecordKey) -> str:
        """Delete a record."""
        return await self.store.route.write(self._on_table("DeleteItem", {"Key": key.item}), records=[key.item])

    def _on_table(self, operation: str, fields: Mapping[str, Any]) -> Callable[[Leave], Awaitable[str]]:
        async def send(leave: Leave) -> str:
            # `guarded`, because a client of docferry's own sees a request through that its caller gave up, and an
            # application's must not outlive its deadline.
            with guarded(leave) as guard:
                payload = {"TableName": leave.place.table, **fields}
                await self.clients[leave.region].json("dynamodb", API + operation, payload, guard=guard)
            return ""

        return send


@dataclass(frozen=True, slots=True)
class Writer(Application):
    """One of the live writers."""

    requests: Routed

    async def put_metadata(self, key: str, held: DocumentState, metadata: Mapping[str, str]) -> DocumentState:
        """Replace the metadata of a document and nothing else, by copying it onto itself."""
        op = self.log.number()
        state = replace(held, metadata={**metadata, GENERATION: str(op)})
        request = self.requests.copy_onto_itself(key, state)
        await self.noted(op, "metadata", Kind.DOCUMENT, key, state, request)
        return state

    async def delete(self, key: str) -> None:
        """Delete a document."""
        await self.noted(self.log.number(), "delete", Kind.DOCUMENT, key, None, self.requests.delete(key))

    async def delete_record(self, key: RecordKey) -> None:
        """Delete a record."""
        await self.noted(
            self.log.number(), "delete", Kind.RECORD, key.name, None, self.requests.delete_record(key)
        )


@asynccontextmanager
async def routed(settings: Settings) -> AsyncIterator[Routed]:
    """Open what a process needs to write where applications may write. Raises as `connect` does."""
    async with (
        connect(settings=settings) as store,
        application_client(settings, settings.source) as source,
        application_client(settings, settings.target) as target,
    ):
        yield Routed(store, {SOURCE: source, TARGET: target})
