"""The same store for applications without an event loop: each call blocks, and several threads may call at once.

An event loop runs in a thread of its own as long as the store is open.
"""

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from anyio import CapacityLimiter
from anyio.from_thread import BlockingPortal, start_blocking_portal
from anyio.to_thread import run_sync

from docferry.client.bodies import BodyLike
from docferry.client.connecting import connect
from docferry.client.documents import NOTHING, Deleted, DocumentStore, Fetched, Stored
from docferry.client.leave import Leave
from docferry.client.route import Route
from docferry.domain.record import Item
from docferry.settings import Settings

T = TypeVar("T")


class SyncRoute:
    """`Route` for threads."""

    def __init__(self, portal: BlockingPortal, route: Route) -> None:
        self._portal = portal
        self._route = route

    @property
    def client(self) -> str:
        """The id under which switches know this process."""
        return self._route.client

    def write(
        self,
        work: Callable[[Leave], T],
        *,
        documents: Sequence[str] = (),
        records: Sequence[Item] = (),
        deadline_s: float | None = None,
    ) -> T:
        """Do a write as `Route.write` does; `work` is a plain function and is called in a worker thread.

        A thread cannot be interrupted: at the deadline the call ends and raises Unanswered, and `work` goes on
        until its own requests time out. Set their time limits below the deadline.
        """
        return self._portal.call(
            partial(
                self._route.write, _threaded(work), documents=documents, records=records, deadline_s=deadline_s
            )
        )

    def read(self, work: Callable[[Leave], T], *, deadline_s: float | None = None) -> T:
        """Read as `Route.read` does; `work` is a plain function and is called in a worker thread."""
        return self._portal.call(partial(self._route.read, _threaded(work), deadline_s=deadline_s))


class SyncDocumentStore:
    """`DocumentStore` for threads: the same methods, which raise the same."""

    def __init__(self, portal: BlockingPortal, store: DocumentStore) -> None:
        self._portal = portal
        self._store = store
        self.route = SyncRoute(portal, store.route)

    def put(
        self,
        key: str,
        body: BodyLike,
        *,
        content_type: str = "",
        metadata: Mapping[str, str] = NOTHING,
        tags: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> Stored:
        """Put a document."""
        put = partial(self._store.put, content_type=content_type, metadata=metadata, tags=tags, headers=headers)
        return self._portal.call(put, key, body)

    def get(self, key: str, into: BinaryIO | None = None) -> Fetched | None:
        """Read a document, None if there is none."""
        return self._portal.call(self._store.get, key, into)

    def delete(self, key: str) -> Deleted:
        """Delete a document."""
        return self._portal.call(self._store.delete, key)

    def tag(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of a document."""
        self._portal.call(self._store.tag, key, tags)


@contextmanager
def connect_sync(
    config: str | Path | None = None, *, client: str = "", settings: Settings | None = None
) -> Iterator[SyncDocumentStore]:
    """Open the documents that docferry.toml names as `connect` does, for threads."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(connect(config, client=client, settings=settings)) as store,
    ):
        yield SyncDocumentStore(portal, store)


def _threaded(work: Callable[[Leave], T]) -> Callable[[Leave], Awaitable[T]]:
    # Each call has a thread of the application's waiting for it, so there are never more of these than of those.
    async def threaded(leave: Leave) -> T:
        return await run_sync(work, leave, abandon_on_cancel=True, limiter=CapacityLimiter(math.inf))

    return threaded
