"""Two regions in memory, with gates that count and misbehave."""

import asyncio
from typing import Any

from docferry.client.leave import Region
from docferry.client.route import Route
from docferry.domain.errors import Retryable
from docferry.domain.gate import Gate, Writer
from docferry.simulation.gate import MemoryGate
from docferry.simulation.journal import MemoryJournal
from tests.unit.fakes import ManualClock


class HaltingClock(ManualClock):
    """A manual clock whose sleeps can be let go all at once: each moves time only once for all who sleep."""

    def __init__(self) -> None:
        super().__init__()
        self._released = asyncio.Event()
        self.halting = False

    async def sleep(self, seconds: float) -> None:
        if not self.halting:
            await super().sleep(seconds)
            return
        wakes = self.time + seconds
        await self._released.wait()
        self.time = max(self.time, wakes)

    def release(self) -> None:
        self._released.set()
        self.halting = False


class Counted(MemoryGate):
    """A gate that counts reads, each of which takes a moment."""

    def __init__(self, clock: ManualClock, gate: Gate) -> None:
        super().__init__()
        self.gate, self._clock = gate, clock
        self.reads = 0
        self.takes_s = 0.0
        self.fails = 0
        self.hangs = False

    async def read(self) -> Gate | None:
        self.reads += 1
        held = self.gate
        await asyncio.sleep(60 if self.hangs else 0)
        self._clock.time += self.takes_s
        if self.fails:
            self.fails -= 1
            raise Retryable("the control table does not answer")
        return held

    def turn(self, writer: Writer, *, journal: bool = False) -> None:
        self.gate = self.gate.turned(writer, journal=journal)


class Regions:
    def __init__(self) -> None:
        self.clock = HaltingClock()
        self.source = Counted(self.clock, Gate(Writer.APPLICATION, 1))
        self.target = Counted(self.clock, Gate(Writer.REPLICATOR, 1))
        self.source_journal: MemoryJournal = MemoryJournal()
        self.target_journal: MemoryJournal = MemoryJournal()

    def route(self, **more: Any) -> Route:
        regions = {
            "source": Region(self.source, self.source_journal),
            "target": Region(self.target, self.target_journal),
        }
        return Route(regions, self.clock, **more)

    def switch(self, *, journal: bool = False) -> None:
        """Let applications write at the target from now on."""
        self.source.turn(Writer.NOBODY)
        self.target.turn(Writer.NOBODY)
        self.target.turn(Writer.APPLICATION, journal=journal)
        self.source.turn(Writer.REPLICATOR)
