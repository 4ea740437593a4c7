"""What the engine needs from the world. Each port has an adapter in `aws/` and a fake in `simulation/`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from docferry.domain.change import DocumentChange, Kind
from docferry.domain.document import Document, Listed
from docferry.domain.errors import Retryable
from docferry.domain.gate import Gate
from docferry.domain.journal import Presence, Touched
from docferry.domain.record import Item, KeySchema


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Rows of a listing in key order. `more` is False on the last page, and only that one may be empty.

    Raises Retryable if it is made otherwise: an empty page in between must not pass for the end.
    """

    rows: tuple[Listed, ...]
    more: bool

    def __post_init__(self) -> None:
        if self.more and not self.rows:
            raise Retryable("a page of a listing has no rows and says that there are more; nothing was skipped")


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

    async def copy(self, source: Document | Listed, expected: Document | Listed | None) -> Written:
        """Copy a document from the paired source with everything that belongs to it.

        `source` and `expected` are the states of the two sides that were looked at or listed. Raises Conflict
        if either has changed. A document in parts, or above 5 GB, keeps its part boundaries.
        """

    async def put_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one version of a document. Raises Conflict if that version is gone."""

    async def remove(self, key: str, expected: Document) -> Written:
        """Put a delete marker over the document. Raises Conflict if it is no longer `expected`."""

    async def read_digest(self, document: Document) -> str:
        """Read the bytes of one version and return their SHA-256 in hex. Raises Conflict if it is gone."""


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


class Journal(Protocol):
    """Which keys applications were about to write while the gate said so, in the region they wrote in.

    Complete, unlike any change feed: a key is in it before its write is sent, and it is read consistently.
    """

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        """Note keys that are about to be written under an epoch of this region's gate."""

    def touched(self, epoch: int) -> AsyncIterator[Touched]:
        """Give every key noted under an epoch, once each, in no order."""

    async def present(self, presence: Presence) -> None:
        """Note that a client is there."""

    async def clients(self) -> tuple[Presence, ...]:
        """Return every client that was ever there."""


class Mark(NamedTuple):
    """One state of one key: the version of a document, or the digest of a record under its key's digest."""

    key: str
    state: str


def intended(key: str, etag: str) -> Mark:
    """Return the mark of a copy that is about to be made: its version is not known yet, its ETag mostly is.

    Noted before the copy, it lets a copy whose answer was lost be told from somebody else's write. It would take
    somebody else's write of the very same bytes for ours.
    """
    return Mark(key, f"etag:{etag}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One state that was at the target, that docferry had not put there, and that was kept before it was lost.

    A document is kept in the bucket, as the version `mark.state` of the key `mark.key`; a record is `item`, whole.
    `kept_at` is in seconds since 1970, `region` where it was.
    """

    kind: Kind
    mark: Mark
    item: Item | None
    kept_at: float = 0.0
    region: str = ""


class Provenance(Protocol):
    """Which states at the target docferry put there itself, and what it kept of the others."""

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Return those of the marks that are docferry's own."""

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note states of ours. A mark, once noted, stays."""

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep a state that is not ours before it is overwritten: a record whole, a document by its version."""

    def kept(self) -> AsyncIterator[Kept]:
        """Give everything that was kept, in no order."""


Entry = Mapping[str, Any]
"""One value of the ledger: strings, numbers, booleans, lists and mappings."""


class Ledger(Protocol):
    """Everything about a migration that must outlive a process, by name."""

    async def read(self, name: str) -> Entry | None:
        """Return an entry with a strongly consistent read, or None."""

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write an entry if it is still `expected`. Raises Conflict if somebody else wrote it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Changes that were delivered together and are taken off the feed together.

    `receipt` is opaque. A delivery without changes (a test event) still has to be taken off. `records` are keys.
    `at` is when the latest of the changes happened, in seconds since 1970. `unreadable` says why nothing could be
    made of a message: it stays on the feed.
    """

    receipt: str
    documents: tuple[DocumentChange, ...] = ()
    records: tuple[Item, ...] = ()
    at: float = 0.0
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is still on a feed, as far as the service tells: queues only ever approximate."""

    waiting: int
    in_flight: int
    dead: int

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return not self.waiting and not self.in_flight


class ChangeFeed(Protocol):
    """Changes of one side, at least once, in any order."""

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return what has come, waiting up to `wait_s` seconds if nothing has.

        Raises NeedsOperator if changes were lost: only a new backfill can find them.
        """

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries off that were dealt with; the others come again."""

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Let deliveries come again at once, be it to somebody else."""

    async def pending(self) -> Pending:
        """Return what is left."""

    async def retention_s(self) -> float:
        """Return for how many seconds the feed keeps a change that nobody takes off."""


class HardFence(Protocol):
    """Denies writes at one side to everybody but docferry, whatever they believe of its gate.

    Times are in seconds since 1970. Every change spreads unevenly: for a while one request is denied and the next
    is not, so only several probes in a row tell anything.
    """

    async def refusal(self) -> str:
        """Return why the fence could not be used here, empty if it could. Nothing is changed."""

    async def close_between(self, begin: float, end: float) -> None:
        """Deny from one moment to another: whoever closes and then dies does not keep writers out for ever."""

    async def close(self) -> None:
        """Deny until it is lifted."""

    async def lift(self) -> bool:
        """Deny nothing any more. Returns whether there was anything to lift; else nothing is changed."""

    async def denials(self) -> tuple[bool, ...]:
        """Probe each store once, as one who is not exempt, without writing anything; tell which denied.

        The fence is closed once all deny, and lifted once none does.
        """


class FencingToken(Protocol):
    """What a worker writes to one side with: once it is over the stores refuse it, whatever he believes."""

    async def take(self, session: str, lasts_s: float) -> None:
        """Write with a token from now on that is over in `lasts_s`. The store's own log names the session.

        Raises ServiceError if none is given.
        """

    async def refusal(self) -> str:
        """Return why writes could not be fenced by a token here, empty if they can. Nothing is written.

        Tries both a token that holds and one that is over.
        """


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


Throttle = Callable[[], Awaitable[None]]
"""Waits until one more document or record may be written."""
