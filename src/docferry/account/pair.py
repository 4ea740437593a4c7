"""Both sides as the checks see them."""

from collections.abc import Callable
from dataclasses import dataclass

from docferry.account.port import Account, CanaryBucket, EventQueue, Names
from docferry.ports import Clock, DocumentStore, Provenance, RecordStore

Tell = Callable[[str], None]
"""Is told, in one line each, what is being done and what was measured."""


@dataclass(frozen=True, slots=True)
class End:
    """One side with everything that is looked at."""

    names: Names
    account: Account
    canaries: CanaryBucket
    events: EventQueue
    documents: DocumentStore
    records: RecordStore


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides, and what docferry noted that it wrote to the target."""

    source: End
    target: End
    provenance: Provenance
    clock: Clock

    @property
    def ends(self) -> tuple[End, End]:
        """The source first."""
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check is to go by. `run` tells the canaries of one run from those of another.

    `functions` is whether functions do the work, `queues_taken` whether somebody takes changes from the queues,
    `begun_at_target` whether applications write at the target already. Waits are in seconds.
    """

    run: str
    native: bool = False
    functions: bool = False
    queues_taken: bool = False
    begun_at_target: bool = False
    event_s: float = 90.0
    replication_s: float = 60.0
