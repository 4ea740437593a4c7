"""An in-memory journal."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from docferry.domain.journal import Presence, Touched


class MemoryJournal:
    """The `Journal` port over two dictionaries."""

    def __init__(self) -> None:
        self._touched: defaultdict[int, dict[str, Touched]] = defaultdict(dict)
        self._clients: dict[str, Presence] = {}

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        """Note keys."""
        self._touched[epoch].update({one.name: one for one in touched})

    async def page(self, epoch: int, after: str, rows: int) -> tuple[Touched, ...]:
        """Return up to so many of what was noted, by name, after a name."""
        held = self._touched[epoch]
        return tuple(held[name] for name in sorted(name for name in held if name > after)[:rows])

    async def touched(self, epoch: int) -> AsyncIterator[Touched]:
        """Give what was noted."""
        for one in tuple(self._touched[epoch].values()):
            yield one

    async def present(self, presence: Presence) -> None:
        """Note a client, over what it said before."""
        self._clients[presence.client] = presence

    async def clients(self) -> tuple[Presence, ...]:
        """Return all."""
        return tuple(self._clients.values())
