"""An in-memory queue of changes: at least once, in no order it promises."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docferry.domain.change import DocumentChange
from docferry.domain.record import Item
from docferry.ports import Delivery, Pending


@dataclass(slots=True)
class _Message:
    delivery: Delivery
    given: int = 0
    hidden_until: float = 0.0


class MemoryFeed:
    """The `ChangeFeed` port over a dictionary; what is not taken off comes again.

    Unless told otherwise it comes again with the next receive, and everything comes at once. As SQS does it is
    hidden for `visibility_s` by the clock `now`, dead once it was given out `tries` times, and `most` messages are
    given out at a time, shuffled by `draw`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] | None = None,
        visibility_s: float = 0.0,
        tries: int | None = None,
        most: int | None = None,
        draw: random.Random | None = None,
    ) -> None:
        self._now = now or (lambda: 0.0)
        self._visibility_s, self._tries, self._most, self._draw = visibility_s, tries, most, draw
        self._messages: dict[str, _Message] = {}
        self._numbers = itertools.count(1)
        self.dead: list[Delivery] = []

    def document(self, change: DocumentChange, at: float = 0.0) -> None:
        """Put a document's change on the feed."""
        self.deliver(Delivery("", documents=(change,), at=at))

    def record(self, key: Item, at: float = 0.0) -> None:
        """Put a record's change on the feed."""
        self.deliver(Delivery("", records=(key,), at=at))

    def deliver(self, delivery: Delivery) -> None:
        """Put anything on the feed, under a receipt of the feed's own."""
        receipt = str(next(self._numbers))
        self._messages[receipt] = _Message(replace(delivery, receipt=receipt))

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return what there is and is not hidden."""
        self._bury()
        now = self._now()
        there = [one for one in self._messages.values() if one.hidden_until <= now]
        if self._draw:
            self._draw.shuffle(there)
        for one in there[: self._most]:
            one.given += 1
            one.hidden_until = now + self._visibility_s
        return tuple(one.delivery for one in there[: self._most])

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Forget deliveries."""
        for one in deliveries:
            self._messages.pop(one.receipt, None)

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Show messages again at once."""
        for one in deliveries:
            if one.receipt in self._messages:
                self._messages[one.receipt].hidden_until = self._now()

    async def pending(self) -> Pending:
        """Return what is left. Without a time of hiding, all that was ever given out counts as in flight."""
        self._bury()
        now = self._now()
        held = self._messages.values()
        flying = sum(bool(one.given and (not self._visibility_s or one.hidden_until > now)) for one in held)
        return Pending(len(held) - flying, flying, len(self.dead))

    async def retention_s(self) -> float:
        """Return four days, which is what SQS keeps unless told otherwise."""
        return 4 * 24 * 3600.0

    def redrive(self) -> int:
        """Put the dead letters back on the queue, as an operator does, and return how many there were."""
        dead, self.dead = self.dead, []
        for one in dead:
            self.deliver(one)
        return len(dead)

    def drop_unreadable(self) -> None:
        """Throw away what nobody can read, dead or alive, as an operator does."""
        self.dead = [one for one in self.dead if not one.unreadable]
        self._messages = {name: one for name, one in self._messages.items() if not one.delivery.unreadable}

    def _bury(self) -> None:
        if self._tries is None:
            return
        now = self._now()
        over = [n for n, one in self._messages.items() if one.given >= self._tries and one.hidden_until <= now]
        self.dead += [self._messages.pop(name).delivery for name in over]
