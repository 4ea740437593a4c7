"""An in-memory change feed: at least once, in no order it promises."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from docferry.domain.change import DocumentChange
from docferry.domain.record import Item
from docferry.ports import Delivery, Pending


class MemoryFeed:
    """The `ChangeFeed` port over a dictionary; what is not taken off comes again with the next receive."""

    def __init__(self) -> None:
        self._waiting: dict[str, Delivery] = {}
        self._given: set[str] = set()
        self._numbers = itertools.count(1)

    def document(self, change: DocumentChange, at: float = 0.0) -> None:
        """Put a document's change on the feed."""
        self.deliver(Delivery("", documents=(change,), at=at))

    def record(self, key: Item, at: float = 0.0) -> None:
        """Put a record's change on the feed."""
        self.deliver(Delivery("", records=(key,), at=at))

    def deliver(self, delivery: Delivery) -> None:
        """Put anything on the feed, under a receipt of the feed's own."""
        receipt = str(next(self._numbers))
        self._waiting[receipt] = replace(delivery, receipt=receipt)

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return everything there is."""
        self._given = set(self._waiting)
        return tuple(self._waiting.values())

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Forget deliveries."""
        for one in deliveries:
            self._waiting.pop(one.receipt, None)
            self._given.discard(one.receipt)

    async def pending(self) -> Pending:
        """Return what is left."""
        return Pending(len(self._waiting) - len(self._given), len(self._given), 0)

    async def retention_s(self) -> float:
        """Return four days, which is what SQS keeps unless told otherwise."""
        return 4 * 24 * 3600.0
