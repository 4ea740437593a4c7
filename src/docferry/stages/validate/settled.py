"""Looks twice: with live writers, a difference counts only if it outlasts the change feed's lag."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from docferry.bounded import each
from docferry.domain.diff import Diff
from docferry.ports import Clock

LOOKS = 5
BUSY_LOOKS = 30
BUSY_SHARE = 0.1
"""Of the settling time: how far apart the looks are at keys that are written to all the while."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at both sides of a key showed. `diff` is None if they are the same.

    `states` identifies the states of both sides; `undecided` says that only reading the bytes could tell more.
    """

    diff: Diff | None
    states: str
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The differences that stayed, and of how many other keys only the bytes could tell more."""

    diffs: tuple[Diff, ...]
    undecided: int


@dataclass(frozen=True, slots=True)
class Settling(Generic[K]):
    """Looks again at suspicious keys, `settle_s` seconds apart.

    A difference is reported when neither side has changed between two looks: then the target had the time to
    follow. The source's state alone would not do: what is absent twice may have been there in between. A key that
    is written to all the while is looked at again and again, in quick succession, until one look finds both sides
    the same; it is reported if none does.
    """

    look: Callable[[K], Awaitable[Look]]
    clock: Clock
    settle_s: float
    slots: asyncio.Semaphore

    async def settled(self, suspicious: Mapping[K, str]) -> Settled:
        """Return what stays. `suspicious` gives both sides' states at the first look, or ''."""
        waiting = dict(suspicious)
        found: dict[K, Diff] = {}
        undecided = 0
        for number in range(LOOKS + BUSY_LOOKS):
            if not waiting:
                break
            busy = number >= LOOKS
            if number or any(waiting.values()):
                await self.clock.sleep(self.settle_s * (BUSY_SHARE if busy else 1.0))
            looks = await self._look_at(waiting)
            for key, look in looks.items():
                stayed = look.states == waiting[key] and not busy
                if look.diff and (stayed or number == LOOKS + BUSY_LOOKS - 1):
                    found[key] = look.diff
                if look.diff is None or key in found:
                    undecided += look.diff is None and look.undecided
                    del waiting[key]
                else:
                    waiting[key] = look.states
        return Settled(tuple(found[key] for key in suspicious if key in found), undecided)

    async def _look_at(self, keys: Mapping[K, str]) -> dict[K, Look]:
        looks: dict[K, Look] = {}

        async def one(key: K) -> None:
            looks[key] = await self.look(key)

        await each(keys, one, self.slots)
        return looks
