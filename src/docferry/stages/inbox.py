"""What a queue has given out to one runner, until it is dealt with or given back.

A queue hides from everybody what it has given out, for a while. So it is not dropped when something fails: it is
tried again before that while is over, and shown to others as soon as this runner stops. A switch waits for
everything that is hidden: the one after this one, too.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from docferry.domain.errors import DocferryError
from docferry.ports import ChangeFeed, Delivery

GIVE_BACK_WITHIN_S = 1.0


@dataclass(slots=True)
class Inbox:
    """What came from one feed of documents.

    `left` is what the last round that ended left on the feed. `held` came since, and no round has dealt with it:
    the next one does, instead of asking for more.
    """

    left: Sequence[Delivery] = ()
    held: tuple[Delivery, ...] = ()
    _receiving: "asyncio.Future[tuple[Delivery, ...]] | None" = field(default=None, init=False)
    """A request without an answer: what it gives is hidden, whether it is waited for or not."""

    async def receive(self, feed: ChangeFeed, wait_s: float) -> tuple[Delivery, ...]:
        """Return what is to be dealt with; raises as the feed does."""
        if not self.held:
            self._receiving = asyncio.ensure_future(feed.receive(wait_s))
            self.held = await asyncio.shield(self._receiving)
            self._receiving = None
        return self._all

    def dealt_with(self, left: Sequence[Delivery]) -> None:
        """Take note that a round has dealt with everything, and of what it left on the feed."""
        self.left, self.held = left, ()

    async def give_back(self, feed: ChangeFeed) -> None:
        """Show everything to whoever receives next, at once, but what nobody can read.

        What fails, or takes longer than two seconds, is seen when its time of hiding is over.
        """
        receiving, self._receiving = self._receiving, None
        if receiving:
            with suppress(DocferryError, TimeoutError):
                async with asyncio.timeout(GIVE_BACK_WITHIN_S):
                    self.held = await receiving
        with suppress(DocferryError, TimeoutError):
            async with asyncio.timeout(GIVE_BACK_WITHIN_S):
                await feed.give_back([one for one in self._all if not one.unreadable])

    @property
    def _all(self) -> tuple[Delivery, ...]:
        again = [one for one in self.left if not one.unreadable]
        return tuple({one.receipt: one for one in (*again, *self.held)}.values())
