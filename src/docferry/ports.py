"""What the engine needs from the world. Each port has an adapter in `aws/` and a fake in `simulation/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from docferry.domain.change import Kind
from docferry.domain.document import Document, Listed
from docferry.domain.gate import Gate
from docferry.domain.record import Item, KeySchema


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Rows of a listing in key order. `more` is False on the last page."""

    rows: tuple[Listed, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a store says about a write of ours: the version now at the target, and the one it was made from."""

    version: str
    source_version: str = ""


class DocumentStore(Protocol):
    """The documents of one bucket. Keys are ordered by their UTF-8 bytes, which is also `str` order."""

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        """Return up to 1,000 documents whose keys come after `after`."""

    async def look(self, key: str) -> Document | None:
        """Return the latest state of a document, tags included; None if absent or under a delete marker."""

    async def copy(self, key: str, etag: str, expected: Document | Listed | None) -> Written:
        """Copy the document from the paired source with everything that belongs to it.

        `etag` is the source's ETag that was looked at, `expected` the target's state. Raises Conflict if
        either has changed. A document in parts, or above 5 GB, keeps its part boundaries.
        """

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one version of a document. Raises Conflict if that version is gone."""

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker over the document. Raises Conflict if it is no longer `expected`."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Items of one scan segment, and the opaque position to go on from; None at the end."""

    items: tuple[Item, ...]
    position: Item | None


class RecordStore(Protocol):
    """The records of one table."""

    async def schema(self) -> KeySchema:
        """Return the table's key schema. Raises InvalidInput if there is no such table."""

    async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
        """Return one page of one segment with strongly consistent reads."""

    async def get(self, key: Item) -> Item | None:
        """Return the item under a key with a strongly consistent read, or None."""

    async def get_many(self, keys: Sequence[Item]) -> tuple[Item, ...]:
        """Return those of up to 100 items that exist, in no order."""

    async def put(self, item: Item, expected: Item | None) -> None:
        """Write an item if the one under its key is still `expected`. Raises Conflict if it is not.

        Finding the very item there already counts as success: it is our own write whose answer was lost, or
        an equal one, and the state is the one wanted.
        """

    async def delete(self, key: Item, expected: Item) -> None:
        """Delete an item if it is still `expected`; finding none is success. Raises Conflict if it changed."""


class GateStore(Protocol):
    """The gate of one region, in that region's control table."""

    async def read(self) -> Gate | None:
        """Return the gate with a strongly consistent read, or None where none was set up."""

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Change the gate if it is still `expected`; finding it `desired` is success. Else raises Conflict."""


class Provenance(Protocol):
    """Which states at the target docferry put there itself, and what it kept of the others.

    A `mark` is the version of a document or the digest of a record.
    """

    async def wrote(self, kind: Kind, key: str, mark: str) -> bool:
        """Tell whether the mark is one of the last two that were noted for the key."""

    async def note(self, kind: Kind, key: str, mark: str) -> None:
        """Note a state of ours."""

    async def keep(self, kind: Kind, key: str, mark: str, item: Item | None) -> None:
        """Keep a state that is not ours before it is overwritten: a record whole, a document by its version."""


class Permit(Protocol):
    """A worker's leave to write to the target, asked for right before every write."""

    def check(self) -> None:
        """Raise StaleEpoch or GateRefused if the lease, the epoch or the gate no longer allow it."""


class Clock(Protocol):
    """Time, passed in so that the engine runs unchanged under virtual time."""

    def now(self) -> float:
        """Return seconds since 1970, to show and to store, never to measure with."""

    def monotonic(self) -> float:
        """Return seconds that only grow and go on while the machine sleeps."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
