"""Changes that a queue or a stream has delivered to a worker: carried as a runner carries them, or given back."""

import math
from collections.abc import Sequence
from functools import partial

from docferry.following import follow_of
from docferry.migration import Directions
from docferry.ports import Delivery, Pending
from docferry.stages.follow import Feeds
from docferry.workers.working import begun, in_force, under_lease, within
from docferry.workflow import journal_unfinished


class HandedOver:
    """The `ChangeFeed` port over what was delivered already; `left` is what was not taken off."""

    def __init__(self, deliveries: Sequence[Delivery] = ()) -> None:
        self._waiting = {one.receipt: one for one in deliveries}

    @property
    def left(self) -> tuple[Delivery, ...]:
        """What is still to be done."""
        return tuple(self._waiting.values())

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return everything that is left."""
        return self.left

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Forget deliveries."""
        for one in deliveries:
            self._waiting.pop(one.receipt, None)

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Do nothing: whoever delivered is told what is left."""

    async def pending(self) -> Pending:
        """Return what is left: all of it is in flight."""
        return Pending(0, len(self._waiting), 0)

    async def retention_s(self) -> float:
        """Return no bound: whoever delivered keeps it."""
        return math.inf


async def carry_batch(
    directions: Directions, documents: HandedOver, records: HandedOver, *, from_source: bool, seconds: float
) -> None:
    """Carry what was delivered from one side's queue or stream, as far as it gets in the time there is.

    `from_source` names the side as it is configured, whatever direction is in force. What could not be carried is
    left in the two feeds. Raises GateRefused in the moment of a switch, StaleEpoch if the lease is lost, and
    NeedsOperator before the migration is begun: then everything is left.
    """
    migration = await in_force(directions)
    await begun(migration)
    if from_source == (migration is directions.forward):
        feeds = Feeds(documents, HandedOver(), records, HandedOver())
    else:
        feeds = Feeds(HandedOver(), documents, HandedOver(), records)
    follow = follow_of(migration, feeds, migration.heartbeat.relay)
    await migration.stuck.load()

    async def carry() -> None:
        await follow.round(0)

    work = under_lease(migration, carry, partial(journal_unfinished, migration, follow))
    await within(seconds, migration.clock, work)
