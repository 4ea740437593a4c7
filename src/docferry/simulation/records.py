"""An in-memory DynamoDB table: conditional writes on whole items, strongly consistent reads, paged scans."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from docferry.domain.errors import Conflict
from docferry.domain.record import Item, KeySchema, digest, same
from docferry.ports import RecordPage


class MemoryRecords:
    """The `RecordStore` port over a dictionary. Scans go in an order of their own, as DynamoDB's do.

    `events` is told of every changed key, as a stream is.
    """

    def __init__(
        self, schema: KeySchema, *, page_items: int = 100, events: Callable[[Item], None] | None = None
    ) -> None:
        self._schema = schema
        self._events = events
        self._page_items = page_items
        self._items: dict[str, Item] = {}

    async def schema(self) -> KeySchema:
        """Return the key schema given at the start."""
        return self._schema

    async def scan(self, segment: int, segments: int, position: Item | None) -> RecordPage:
        """Return up to `page_items` items whose key digest falls into the segment."""
        after = _named(position) if position else ""
        ids = sorted(one for one in self._items if one > after and int(one, 16) % segments == segment)
        taken = tuple(self._items[one] for one in ids[: self._page_items])
        more = len(ids) > len(taken)
        return RecordPage(taken, self._schema.key_of(taken[-1]) if more else None)

    async def get(self, key: Item) -> Item | None:
        """Return the item or None."""
        return self._items.get(_named(key))

    async def get_many(self, keys: Sequence[Item]) -> tuple[Item, ...]:
        """Return those that exist."""
        return tuple(self._items[one] for one in map(_named, keys) if one in self._items)

    async def put(self, item: Item, expected: Item | None) -> None:
        """Write on condition. Raises Conflict."""
        held = _named(self._schema.key_of(item))
        current = self._items.get(held)
        if not same(current, expected) and not same(current, item):
            raise Conflict("the record is no longer the one looked at")
        self._items[held] = item
        self._tell(item)

    async def delete(self, key: Item, expected: Item) -> None:
        """Delete on condition. Raises Conflict."""
        current = self._items.get(_named(key))
        if current is not None and not same(current, expected):
            raise Conflict("the record is no longer the one looked at")
        if self._items.pop(_named(key), None):
            self._tell(key)

    def now(self, key: Item) -> Item | None:
        """Return an item as it is, for who looks on from outside."""
        return self._items.get(_named(key))

    def items(self) -> tuple[Item, ...]:
        """Return all items, in an order of the table's own."""
        return tuple(self._items[one] for one in sorted(self._items))

    def write(self, item: Item) -> None:
        """Write as an application does, on no condition."""
        self._items[_named(self._schema.key_of(item))] = item
        self._tell(item)

    def erase(self, key: Item) -> None:
        """Delete as an application does, on no condition. Nobody is told of a deletion that deleted nothing."""
        if self._items.pop(_named(key), None):
            self._tell(key)

    def expire(self, attribute: str, now: float) -> int:
        """Delete items whose time to live is over, as DynamoDB does some time after, and return how many."""
        over = [one for one in self.items() if attribute in one and float(one[attribute]["N"]) < now]
        for one in over:
            self.erase(self._schema.key_of(one))
        return len(over)

    def _tell(self, item: Item) -> None:
        if self._events:
            self._events(self._schema.key_of(item))


def _named(key: Item) -> str:
    # The same few keys are asked for again and again, and most are one string.
    if len(key) == 1:
        ((name, value),) = key.items()
        ((kind, held),) = value.items()
        if isinstance(held, str):
            return _digest(name, kind, held)
    return digest(key)


@lru_cache(4096)
def _digest(name: str, kind: str, held: str) -> str:
    return digest({name: {kind: held}})
