"""Where a stage stands, in the ledger, owned by one runner at a time."""

from copy import deepcopy
from typing import Any

from docferry.domain.errors import Conflict, StaleEpoch
from docferry.ports import Entry, Ledger


class Checkpoint:
    """One ledger entry that one worker reads once and then only writes.

    Every save is a compare-and-set on what this worker wrote last, so a worker that was given up cannot move a
    checkpoint back after another has taken over.
    """

    def __init__(self, ledger: Ledger, name: str, entry: Entry | None) -> None:
        self._ledger = ledger
        self._name = name
        self._held = entry

    @classmethod
    async def load(cls, ledger: Ledger, name: str) -> "Checkpoint":
        """Read the entry that a run before this one may have left."""
        return cls(ledger, name, await ledger.read(name))

    @property
    def entry(self) -> dict[str, Any]:
        """What was saved last; empty if nothing was."""
        return deepcopy(dict(self._held or {}))

    async def save(self, entry: Entry) -> None:
        """Save. Raises StaleEpoch if another runner has saved since."""
        if entry == self._held:
            return
        try:
            await self._ledger.write(self._name, entry, self._held)
        except Conflict as error:
            raise StaleEpoch(
                f"another runner has moved the checkpoint {self._name!r}; this one stops, nothing is lost",
                hint="docferry status shows who holds the lease",
            ) from error
        # A copy: what the caller changes later must not change what we believe is stored.
        self._held = deepcopy(entry)
