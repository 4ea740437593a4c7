"""Gates, ledger and journal as one process sees them, with marks, fence and token."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from docferry.domain.change import Kind
from docferry.domain.gate import Gate
from docferry.domain.journal import Presence, Touched
from docferry.domain.record import Item
from docferry.ports import Entry, Kept, Mark
from docferry.simulation.fence import MemoryFence
from docferry.simulation.gate import MemoryGate
from docferry.simulation.journal import MemoryJournal
from docferry.simulation.ledger import MemoryLedger
from docferry.simulation.loop import US
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.way import Way

JOURNAL_PAGE = 8


@dataclass(frozen=True, slots=True)
class RemoteGate:
    """The `GateStore` port over a gate."""

    way: Way
    inner: MemoryGate

    async def read(self) -> Gate | None:
        """Read the gate."""
        found: Gate | None = await self.way.read("read", self.inner.read)
        return found

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        """Turn the gate."""
        what = f"turn to {desired.writer.value} {desired.epoch}{' journal' if desired.journal else ''}"
        await self.way.write(what, partial(self.inner.change, expected, desired), conditional=True)


@dataclass(frozen=True, slots=True)
class RemoteLedger:
    """The `Ledger` port over a ledger."""

    way: Way
    inner: MemoryLedger

    async def read(self, name: str) -> Entry | None:
        """Read an entry."""
        found: Entry | None = await self.way.read("read", partial(self.inner.read, name), name)
        return found

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        """Write an entry."""
        await self.way.write("write", partial(self.inner.write, name, entry, expected), name, conditional=True)


@dataclass(frozen=True, slots=True)
class RemoteJournal:
    """The `Journal` port over a journal, read page by page."""

    way: Way
    inner: MemoryJournal

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        """Note keys."""
        half = partial(self.inner.note, epoch, touched[: len(touched) // 2])
        names = f"{epoch}: {', '.join(one.name[:24] for one in touched[:3])}"
        await self.way.write("note", partial(self.inner.note, epoch, touched), names, half=half)

    async def touched(self, epoch: int) -> AsyncIterator[Touched]:
        """Read all pages."""
        after = ""
        while True:
            work = partial(self.inner.page, epoch, after, JOURNAL_PAGE)
            page: tuple[Touched, ...] = await self.way.read("read", work, str(epoch), listing=True)
            for one in page:
                yield one
            if len(page) < JOURNAL_PAGE:
                return
            after = page[-1].name

    async def present(self, presence: Presence) -> None:
        """Say that a client is there."""
        await self.way.write("present", partial(self.inner.present, presence), presence.client)

    async def clients(self) -> tuple[Presence, ...]:
        """Read all clients."""
        found: tuple[Presence, ...] = await self.way.read("clients", self.inner.clients)
        return found


@dataclass(frozen=True, slots=True)
class RemoteProvenance:
    """The `Provenance` port over marks."""

    way: Way
    inner: MemoryProvenance

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Ask for marks."""
        found: frozenset[Mark] = await self.way.read("wrote", partial(self.inner.wrote, kind, marks))
        return found

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note marks."""
        if marks:
            half = partial(self.inner.note, kind, marks[: len(marks) // 2])
            await self.way.write("note", partial(self.inner.note, kind, marks), marks[0].key[:24], half=half)

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep a state."""
        await self.way.write("keep", partial(self.inner.keep, kind, mark, item), mark.key[:24])

    async def kept(self) -> AsyncIterator[Kept]:
        """Give what was kept."""
        for one in tuple(self.inner.conflicts):
            yield one


@dataclass(frozen=True, slots=True)
class RemoteFence:
    """The `HardFence` port over a fence; `ahead` is how far the services' clocks are ahead of the process's."""

    way: Way
    inner: MemoryFence
    ahead: Callable[[], float]

    async def refusal(self) -> str:
        """Ask why not."""
        return str(await self.way.read("refusal", self.inner.refusal))

    async def close_between(self, begin: float, end: float) -> None:
        """Close from one moment to another."""
        ahead_s = self.ahead()
        work = partial(self.inner.close_between, begin + ahead_s, end + ahead_s)
        await self.way.write("close for a time", work)

    async def close(self) -> None:
        """Close."""
        await self.way.write("close", self.inner.close)

    async def lift(self) -> bool:
        """Lift."""
        return bool(await self.way.write("lift", self.inner.lift))

    async def denials(self) -> tuple[bool, ...]:
        """Probe."""
        found: tuple[bool, ...] = await self.way.read("probe", self.inner.denials)
        return found


@dataclass(frozen=True, slots=True)
class RemoteToken:
    """The `FencingToken` port: one more session for the link's guarded requests to a region.

    Its end is by the service's own clock, counted from when it was given: never later than the asker counts.
    """

    way: Way

    async def take(self, session: str, lasts_s: float) -> None:
        """Take one."""
        link = self.way.link
        asked_us = link.network.loop.us

        async def give() -> float:
            return asked_us + lasts_s * US

        over_us = float(await self.way.write("assume", give, session))
        assert link.tokens is not None
        link.tokens[self.way.region] = over_us

    async def refusal(self) -> str:
        """Return nothing: it is always there where it is used."""
        return ""
