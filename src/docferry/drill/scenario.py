"""One run: what it is, drawn from its seed, and running it to its end."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from docferry.domain.errors import DocferryError
from docferry.domain.switch import Turn
from docferry.drill.aim import AIMED, OF_SWITCHES, aims
from docferry.drill.conditions import BRISK, FENCED, TERMS, Conditions
from docferry.drill.determined import determined
from docferry.drill.judge import Judge
from docferry.drill.operator import NotFinished, Operator
from docferry.drill.region import record
from docferry.drill.site import Site
from docferry.drill.trouble import Trouble
from docferry.drill.workers import work as work_on_batches
from docferry.drill.writers import BODIES, LARGE, PARTS, Application, Score
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.events import Event
from docferry.simulation.faults import Faults, drawn
from docferry.simulation.loop import US, Loop, Stuck, run
from docferry.simulation.process import Process
from docferry.simulation.reach import Met, Point
from docferry.stages.validate.level import Level

THERE, BACK = Turn.CUTOVER, Turn.ROLLBACK
PLANS: tuple[tuple[int, tuple[Turn, ...], bool], ...] = (
    (4, (), False),
    (4, (THERE,), False),
    (2, (THERE, BACK), False),
    (1, (THERE, BACK, THERE), True),
    (1, (THERE,), True),
)
"""How often which switches are made, and whether the migration is completed in the end."""
BRIEF_PLANS = (*PLANS[:2], PLANS[-1])
BRIEF = 0.8
"""So many of all runs are small and have one switch at most: most of what can go wrong needs no more than that."""
SPOILED = 3
COMPLETED_IN_TROUBLE = 0.7
"""So many of the migrations that are completed are while applications write, be everything mended or not."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one run is. `statics` keys are written by nobody, `keys` by all applications.

    `slower` says how much less applications do while no switch is under way, and `brief` that it was drawn small.
    So many `aims` are drawn, of the harms that `aimed` names.
    """

    seed: int
    faults: Faults
    switches: tuple[Turn, ...] = (THERE,)
    complete: bool = False
    statics: int = 15
    keys: int = 6
    applications: int = 3
    workers: int = 0
    fenced: bool = False
    tokens: bool = True
    lease_s: float = 1.0
    slower: float = 1.0
    brief: bool = False
    aims: int = 0
    aimed: tuple[str, ...] = ()
    conditions: Conditions = BRISK

    @property
    def never(self) -> set[str]:
        """The roles and moments that it has not got."""
        without_switches = set() if self.switches else {*OF_SWITCHES}
        without = {name for name, there in (("worker", self.workers), ("complete", self.complete)) if not there}
        return without_switches | without


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `digest` is of its whole log; `happened` counts the faults that it met.

    `lost` says whether data is lost, stale or back again by what was violated; `reach` which effects met what.
    """

    scenario: Scenario
    violations: tuple[str, ...]
    lost: bool
    digest: str
    events: tuple[Event, ...]
    happened: dict[str, int]
    score: Score
    virtual_s: float
    steps: int
    switches: int
    pauses_s: tuple[float, ...]
    refusals: tuple[str, ...]
    reach: Counter[tuple[Point, Met]]


def scenario_of(seed: int, names: tuple[str, ...] | None = None) -> Scenario:
    """Draw what a run of a seed is; with `names` it has these faults and no others."""
    draw = random.Random(f"{seed}/scenario")
    faults = drawn(draw)
    if names is not None:
        faults = replace(faults, names=names)
    brief = draw.random() < BRIEF
    plans = BRIEF_PLANS if brief else PLANS
    _, switches, complete = draw.choices(plans, [one[0] for one in plans])[0]
    # Long enough for trouble to meet every switch, and a completion.
    until_s = draw.uniform(2.0, 6.0) + sum(
        draw.uniform(2.0, 8.0) if brief else draw.uniform(4.0, 20.0) for _ in range(len(switches) + complete)
    )
    faults = replace(faults, until_s=round(until_s, 1))
    return Scenario(
        seed,
        faults,
        switches,
        complete,
        statics=draw.choice((0, 3, 5) if brief else (0, 8, 20)),
        keys=draw.choice((1, 2, 3) if brief else (2, 5, 8)),
        applications=draw.choice((1, 2) if brief else (1, 2, 4)),
        workers=draw.choice((0, 0, 0, 1) if brief else (0, 0, 1, 2)),
        fenced=draw.random() < (0.1 if brief else 0.25),
        lease_s=draw.choice((0.5, 1.0) if brief else (0.5, 1.0, 2.0)),
        slower=draw.choice((2.0, 4.0, 8.0, 8.0) if brief else (1.0, 6.0, 10.0, 10.0)),
        brief=brief,
        # Whatever faults were drawn: harm at one effect hides nothing that they do. Those without any stay so.
        aims=draw.choice((0, 1, 2, 4)),
        aimed=tuple(AIMED) if faults.names and names is None else faults.names,
    )


def play(scenario: Scenario, plant: "Callable[[Site], None] | None" = None) -> Outcome:
    """Run a scenario. `plant` is told of the site before anything runs, to break what must be found out."""
    seed = str(scenario.seed)
    with determined(seed):
        loop = Loop(random.Random(f"{seed}/order"))
        # A hard fence has its margin: with it writers are held for longer in any case.
        terms = scenario.conditions.terms or (FENCED if scenario.fenced else TERMS)
        terms = replace(terms, lease_s=scenario.lease_s)
        site = Site(
            loop, seed, scenario.faults, terms, scenario.conditions, fenced=scenario.fenced, tokens=scenario.tokens
        )
        drill = Drill(scenario, site)
        if plant:
            plant(site)
        try:
            run(loop, drill.run())
        except (NotFinished, Stuck, DocferryError) as error:
            site.watch.broken(f"{type(error).__name__}: {error}")
        for failure in loop.failures:
            site.watch.broken(failure)
    return drill.outcome()


def _multipart(documents: MemoryDocuments, key: str) -> bool:
    held = documents.now(key)
    return held is not None and held.multipart


class Drill:
    """One run of a scenario on a site."""

    def __init__(self, scenario: Scenario, site: Site) -> None:
        self._scenario, self._site = scenario, site
        self._trouble = Trouble(site, self._draw("trouble"))
        self._operator = Operator(site, self._draw("operator"), self._trouble, Score())
        self._judge = Judge(site, self._operator)
        self._beside: list[asyncio.Task[Any]] = []

    def _draw(self, what: str) -> random.Random:
        return random.Random(f"{self._scenario.seed}/{what}")

    async def run(self) -> None:
        """Do everything, from the first document to the last comparison."""
        aimed = self._scenario.aims, self._scenario.aimed, self._scenario.never
        self._trouble.aim(aims(*aimed, self._draw("aims")))
        self._ingest()
        operator, scenario = self._operator, self._scenario
        beside = [operator.keep_running(), self._trouble.make()]
        beside += [self._keep_writing(number) for number in range(scenario.applications)]
        beside += [self._keep_working(number) for number in range(scenario.workers)]
        beside += [operator.run_a_second()] if "two-runners" in scenario.faults else []
        self._beside = [asyncio.ensure_future(one) for one in beside]
        await operator.filled()
        await self._spoil_and_find()
        await operator.validated()
        draw = self._draw("course")
        for _ in range(draw.choice((0, 0, 1, 3))):
            # Whatever is stale is healed by the next write to it: now and then there is none.
            await asyncio.sleep(draw.uniform(0.0, 2.0))
            await operator.at_rest()
            self._judge.at_rest()
            operator.calm.resting = False
        for turn in scenario.switches:
            await operator.switched(turn)
            await asyncio.sleep(draw.uniform(0.0, 5.0))
        await self._end()

    async def _end(self) -> None:
        operator, trouble, draw = self._operator, self._trouble, self._draw("end")
        if not self._scenario.switches:
            await asyncio.sleep(max(0.0, self._scenario.faults.until_s - self._site.loop.us / US))
        if self._scenario.complete and draw.random() < COMPLETED_IN_TROUBLE:
            await self._complete()
            await asyncio.sleep(draw.uniform(0.0, 3.0))
            trouble.mend()
            await operator.quiet()
            self._judge.after_completion()
        else:
            trouble.mend()
            await operator.at_rest()
            self._judge.at_the_end()
            if found := await operator.validated(Level.BYTES, repair=False):
                self._site.watch.broken(f"a validation found differences where there are none: {sorted(found)}")
            if self._scenario.complete:
                await self._complete()
                self._judge.at_the_end()
        operator.over.set()
        operator.calm.over = True
        for one in self._beside:
            if one.done() and not one.cancelled() and one.exception():
                raise one.exception() or AssertionError
            one.cancel()

    async def _complete(self) -> None:
        await self._operator.validated()
        await self._operator.completed()

    def _ingest(self) -> None:
        source, oracle = self._site.sides["source"], self._site.oracle
        for number in range(self._scenario.statics + self._scenario.keys):
            static = number >= self._scenario.keys
            key = f"static{number:03}" if static else f"k{number:02}"
            body, parts = (LARGE, PARTS) if number % 5 == 4 else (BODIES[number % len(BODIES)], ())
            wrote = oracle.ingested((f"document {key}", f"tags {key}"))
            tags = {"op": str(wrote.number)}
            source.documents.write(key, body, metadata=tags, tags=tags, parts=parts)
            held = source.documents.now(key)
            wrote.etag = held.etag if held else ""
            put = oracle.ingested((f"record {key}",))
            source.records.write(record(key, put.number, str(number % 3), key if number % 2 else ""))

    async def _keep_writing(self, number: int) -> None:
        operator, draw = self._operator, self._draw(f"application {number}")
        while not operator.calm.over:

            async def work(process: Process) -> None:
                scenario = self._scenario
                one = Application(
                    self._site, process, draw, scenario.keys, operator.score, operator.calm, scenario.slower
                )
                operator.applications.append(one)
                await one.work()

            await operator.outcome(operator.start(f"app{number}", work))
            await asyncio.sleep(draw.uniform(0.1, 1.0))

    async def _keep_working(self, number: int) -> None:
        operator, draw = self._operator, self._draw(f"worker {number}")
        while True:
            await operator.outcome(
                operator.start(f"worker{number}", lambda process: work_on_batches(self._site, process, draw))
            )
            await asyncio.sleep(draw.uniform(0.1, 1.0))

    def _statics(self) -> list[str]:
        target = self._site.sides["target"].documents
        return [key for key in sorted(target.written) if key.startswith("static") and target.now(key)]

    async def _spoil_and_find(self) -> None:
        if "corruption" not in self._scenario.faults:
            return
        draw, target = self._draw("corruption"), self._site.sides["target"].documents
        # Other bytes of a document in parts need not show: its ETag is no digest of them.
        unseen = draw.random() < 0.5
        chosen = [key for key in self._statics() if unseen or not _multipart(target, key)]
        for key in draw.sample(chosen, min(SPOILED, len(chosen))):
            target.spoil(key, unseen=unseen)
            self._site.weather.count("corruption")
            self._site.tell("world", f"target documents: {key} gets wrong bytes{' unseen' if unseen else ''}")
        level = Level.BYTES if unseen or draw.random() < 0.5 else Level.FULL
        spoiled = {one for one in self._judge.differing() if one.startswith("document static")}
        found = await self._operator.validated(level)
        # A runner that has looked at one meanwhile has made it whole.
        left = spoiled & self._judge.differing()
        if missed := left - found:
            self._site.watch.broken(f"a validation did not find wrong bytes: {sorted(missed)}")
        if left & found:
            self._site.watch.broken(f"a repair left wrong bytes: {sorted(left & found)}")

    def outcome(self) -> Outcome:
        """Return what came of it."""
        site, operator = self._site, self._operator
        return Outcome(
            self._scenario,
            tuple(site.watch.violations),
            site.watch.lost,
            site.events.digest,
            tuple(site.events.all),
            dict(sorted(site.weather.happened.items())),
            operator.score,
            site.loop.us / US,
            site.loop.steps,
            len(operator.switches),
            tuple(one.pause_s for one in operator.switches),
            tuple(operator.refusals),
            site.network.reach.counts,
        )
