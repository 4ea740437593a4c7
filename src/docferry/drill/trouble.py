"""Trouble beside the network's: processes that die, stop and wake, wrong clocks, partitions, lost permissions."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from docferry.domain.gate import Writer
from docferry.drill.aim import Aim
from docferry.drill.region import SIDES, STRAY
from docferry.drill.site import SWITCH, Job, Site
from docferry.simulation.loop import US
from docferry.simulation.network import Link
from docferry.simulation.process import Process
from docferry.simulation.reach import Met, Point
from docferry.simulation.weather import CONTROL, Outage, Request

SHORT_LIVED = (SWITCH, "validate", "complete", "abort")
DOOMED = 0.4
"""So many of those that live for a moment only die in it, where processes die."""
FIRST_S = 0.5


@dataclass(slots=True)
class Trouble:
    """Makes trouble until it is over. `strays` are the versions that an application wrote which asks no gate."""

    site: Site
    draw: random.Random
    strays: dict[str, str] = field(default_factory=dict)
    over: bool = False
    _deaths: int = 0
    _aims: list[Aim] = field(default_factory=list)

    def aim(self, aimed: Iterable[Aim]) -> None:
        """Take up what is aimed."""
        self._aims = list(aimed)
        for one in self._aims:
            self.site.tell("world", f"aims: {one}")
        self.site.network.reach.aimed = self._harm

    def _harm(self, point: Point) -> Met | None:
        met = [one for one in self._aims if one.meets(point)]
        self._aims = [one for one in self._aims if one not in met]
        return met[0].harm if met else None

    async def make(self) -> None:
        """Make all the trouble that the faults name, then mend everything."""
        faults = self.site.faults
        kinds = [name for name in faults.names if name in _KINDS]
        moments = sorted(
            (self.draw.uniform(FIRST_S, faults.until_s), kind) for kind in kinds for _ in range(faults.often)
        )
        for at_s, kind in moments:
            await asyncio.sleep(max(0.0, at_s - self.site.loop.us / US))
            if self.over:
                return
            _KINDS[kind](self)
        await asyncio.sleep(max(0.0, faults.until_s - self.site.loop.us / US))
        self.mend()

    def mend(self) -> None:
        """End all trouble: who stopped wakes up, clocks are right, nothing is refused.

        What is aimed at a completion stays: mostly everything is mended by then.
        """
        if self.over:
            return
        self.over = True
        self._aims = [one for one in self._aims if one.role == "complete"]
        self.site.weather.mend()
        self.site.tell("world", "everything is mended")
        for job in self.site.jobs:
            job.process.skew_s, job.process.kill_at = 0.0, None
            if job.process.stopped:
                job.process.wake()

    def doom(self, job: Job[Any]) -> None:
        """Let a process that lives for a moment only die in it."""
        process, faults = job.process, self.site.faults
        if self.over or "crash" not in faults or not process.name.startswith(SHORT_LIVED):
            return
        if self._deaths < 2 * faults.often and self.draw.random() < DOOMED:
            self._deaths += 1
            self._dies(process, 50)

    def crash(self) -> None:
        """Let a process die at one of its next effects."""
        if job := self._any(lambda one: not one.startswith(SHORT_LIVED)):
            self._dies(job.process, 40)

    def _dies(self, process: Process, effects: int) -> None:
        if process.alive:
            process.kill_at = (process.effects + self.draw.randint(1, effects), self.draw.random() < 0.5)
            self.site.tell(process.name, f"is to die at effect {process.kill_at[0]}")

    def zombie(self) -> None:
        """Stop a process, and wake it later; mostly somebody takes it for dead meanwhile."""
        if not (job := self._any(lambda _: True)):
            return
        process, seconds = job.process, self.draw.uniform(0.3, 15.0)
        process.stop()
        if self.draw.random() < 0.7:
            job.given_up.set()
        self.site.weather.count("zombie")
        self.site.tell(process.name, f"stopped for {seconds:.1f} s")

        def wake() -> None:
            if process.stopped and process.alive:
                self.site.tell(process.name, "wakes up")
                process.wake()

        self.site.loop.after(int(seconds * US), wake)

    def clock(self) -> None:
        """Let the time of day of a process jump."""
        if job := self._any(lambda one: not one.startswith(SWITCH)):
            jump_s = self.draw.choice((-300.0, -30.0, -1.0, 1.0, 30.0))
            job.process.skew_s += jump_s
            self.site.weather.count("clock-steps")
            self.site.tell(job.process.name, f"its time of day jumps by {jump_s:g} s")

    def partition(self) -> None:
        """Cut somebody off from the control tables of a region."""
        job = self._any(lambda _: True)
        who = job.process.name if job and self.draw.random() < 0.6 else ""
        self._outage("partition", self.draw.choice(SIDES), CONTROL, self.draw.uniform(0.5, 8.0), who)

    def lost_lease(self) -> None:
        """Keep runners from renewing their lease until it is over."""
        self._outage("lost-lease", "target", ("ledger",), 1.5 * self.site.conditions.runner_lease_s, "runner")

    def revoked(self) -> None:
        """Take a permission away for a while."""
        services = (self.draw.choice(("documents", "records", "queue", "stream", "marks", "ledger")),)
        who = self.draw.choice(("runner", "worker", SWITCH))
        self._outage("revoked", self.draw.choice(SIDES), services, self.draw.uniform(0.3, 5.0), who)

    def poison(self) -> None:
        """Put what nobody can read on a queue."""
        self.site.notifiers[self.draw.choice(SIDES)].poison()

    def split(self) -> None:
        """Split a shard of a stream."""
        self.site.sides[self.draw.choice(SIDES)].stream.split()

    def stray(self) -> None:
        """Write to a region that is closed, as one does who asks no gate."""
        closed = [one for one in self.site.sides.values() if one.gate.now]
        closed = [one for one in closed if one.gate.now and one.gate.now.writer is not Writer.APPLICATION]
        if not closed:
            return
        side, key = self.draw.choice(closed), f"{STRAY}{len(self.strays)}"
        process = self.site.in_office()
        process.name = "stray"

        async def effect() -> None:
            self.strays[key] = side.documents.write(key, key.encode(), metadata={}, tags={})

        asked = Request("stray", side.name, "documents", "put", key, write=True, application=True)
        process.start(Link(self.site.network, process).call(asked, self.site.fenced(side.name, effect)))
        self.site.weather.count("stale-client")

    def _outage(self, name: str, region: str, services: tuple[str, ...], seconds: float, who: str) -> None:
        until_us = min(self.site.loop.us + seconds * US, self.site.faults.until_s * US)
        self.site.weather.outages.append(Outage(name, region, services, until_us, who))
        self.site.weather.count(name)
        self.site.tell(who or "everybody", f"{name} in {region} ({', '.join(services)}) for {seconds:.1f} s")

    def _any(self, wanted: Callable[[str], bool]) -> Job[Any] | None:
        living = [one for one in self.site.jobs if one.process.alive and not one.task.done()]
        chosen = [one for one in living if not one.process.stopped and wanted(one.process.name)]
        return self.draw.choice(chosen) if chosen else None


_KINDS: dict[str, Callable[[Trouble], None]] = {
    "clock-steps": Trouble.clock,
    "crash": Trouble.crash,
    "duplicate-events": Trouble.split,
    "lost-lease": Trouble.lost_lease,
    "partition": Trouble.partition,
    "poison-event": Trouble.poison,
    "revoked": Trouble.revoked,
    "stale-client": Trouble.stray,
    "zombie": Trouble.zombie,
}
