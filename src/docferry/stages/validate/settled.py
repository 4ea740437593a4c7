"""Looks twice: with live writers, a difference counts only if it outlasts the change feed's lag."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from docferry.bounded import each
from docferry.domain.diff import Diff
from docferry.ports import Clock

LOOKS = 5

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at both sides of a key showed. `diff` is None if they are the same.

    `source` identifies the source's state; `undecided` says that only reading the bytes could tell more.
    """

    diff: Diff | None
    source: str
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The differences that stayed, and of how many other keys only the bytes could tell more."""

    diffs: tuple[Diff, ...]
    undecided: int


@dataclass(frozen=True, slots=True)
class Settling(Generic[K]):
    """Looks again at suspicious keys, `settle_s` seconds apart.

    A difference is reported when the source has not changed between two looks and the target still differs: then
    it had the time to follow. A key that is written to all the while is reported after the last look.
    """

    look: Callable[[K], Awaitable[Look]]
    clock: Clock
    settle_s: float
    slots: asyncio.Semaphore

    async def settled(self, suspicious: Mapping[K, str]) -> Settled:
        """Return what stays. `suspicious` gives the source's state at the first look, or ''."""
        waiting = dict(suspicious)
        found: dict[K, Diff] = {}
        undecided = 0
        for number in range(LOOKS):
            if not waiting:
                break
            if number or any(waiting.values()):
                await self.clock.sleep(self.settle_s)
            looks = await self._look_at(waiting)
            for key, look in looks.items():
                if look.diff and (look.source == waiting[key] or number == LOOKS - 1):
                    found[key] = look.diff
                if look.diff is None or key in found:
                    undecided += look.diff is None and look.undecided
                    del waiting[key]
                else:
                    waiting[key] = look.source
        return Settled(tuple(found[key] for key in suspicious if key in found), undecided)

    async def _look_at(self, keys: Mapping[K, str]) -> dict[K, Look]:
        looks: dict[K, Look] = {}

        async def one(key: K) -> None:
            looks[key] = await self.look(key)

        await each(keys, one, self.slots)
        return looks
