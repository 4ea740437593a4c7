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
        self._unanswered: list[Entry] = []

    @classmethod
    async def load(cls, ledger: Ledger, name: str) -> "Checkpoint":
        """Read the entry that a run before this one may have left."""
        return cls(ledger, name, await ledger.read(name))

    async def reload(self) -> None:
        """Read the entry again: only before anything was saved, by who has just come to own it."""
        self._held, self._unanswered = await self._ledger.read(self._name), []

    @property
    def entry(self) -> dict[str, Any]:
        """What was saved last; empty if nothing was."""
        return deepcopy(dict(self._held or {}))

    async def save(self, entry: Entry) -> None:
        """Save. Raises StaleEpoch if another runner has saved since."""
        if entry == self._held and not self._unanswered:
            return
        # A copy: what the caller changes later must not change what we believe is stored. A save that was cut off
        # may have been stored all the same, so it stays known until one is answered.
        self._unanswered.append(deepcopy(entry))
        try:
            await self._ledger.write(self._name, entry, self._held)
        except Conflict as error:
            await self._save_over_own(entry, error)
        self._held, self._unanswered = self._unanswered[-1], []

    async def _save_over_own(self, entry: Entry, conflict: Conflict) -> None:
        found = await self._ledger.read(self._name)
        try:
            if found not in self._unanswered:
                raise conflict
            await self._ledger.write(self._name, entry, found)
        except Conflict as error:
            raise StaleEpoch(
                f"another runner has moved the checkpoint {self._name!r}; this one stops, nothing is lost",
                hint="docferry status shows who holds the lease",
            ) from error
