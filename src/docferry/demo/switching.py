"""The demo's operator: does each switch, and at last complete, as soon as their checks would let it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docferry.connection import Connection
from docferry.domain.switch import Step, Switch, Turn
from docferry.migration import Migration
from docferry.ports import Clock
from docferry.progress import Progress
from docferry.switch.checks import Check, checked, standing
from docferry.switch.complete import complete, completion_checks
from docferry.switch.perform import of, perform
from docferry.switch.terms import Terms
from docferry.wiring import SWITCH, build

READY_WITHIN_S = 60.0
"""How long checks may go on refusing: until the last requests before a switch are dead, and a heartbeat came."""
CLOSELY_S = 1.0
LOOK_EVERY_S = 0.5
PAUSE = (Step.FENCE, Step.DRAIN, Step.CLOSE, Step.VERIFY, Step.OPEN)
"""The steps during which writers are held."""

Show = Callable[[str], None]
"""Is told what is being done."""


@dataclass(frozen=True, slots=True)
class Switched:
    """One switch that was done, and how many seconds each of its steps took."""

    switch: Switch
    seconds: Mapping[str, float]

    @property
    def longest(self) -> tuple[str, float]:
        """The step that writers were held for longest in, and for how many seconds."""
        return max(((one.value, self.seconds.get(one.value, 0.0)) for one in PAUSE), key=lambda held: held[1])

    def as_json(self) -> dict[str, Any]:
        """Return it under its documented names."""
        return {**self.switch.summary(), "seconds": dict(self.seconds)}


class Steps:
    """Is told what the steps come to: shows it, and remembers how many seconds each step took."""

    def __init__(self, turn: Turn, clock: Clock, show: Show) -> None:
        self.seconds: dict[str, float] = {}
        self._turn = turn
        self._clock = clock
        self._show = show
        self._last = clock.monotonic()

    def __call__(self, step: Step, said: str) -> None:
        now = self._clock.monotonic()
        self.seconds[step.value] = round(self.seconds.get(step.value, 0.0) + now - self._last, 3)
        self._last = now
        self._show(f"{self._turn.value}: {step.value}: {said}")


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever types `docferry cutover`, `rollback` and `complete`: each has adapters and a lease of its own."""

    connection: Connection
    show: Show

    async def follows_closely(self, migration: Migration) -> None:
        """Wait until the last heartbeat took little, but not for ever."""
        terms = Terms(max_lag_s=CLOSELY_S)
        await self._ready("validation", lambda: standing(migration, terms))

    async def switch(self, turn: Turn) -> Switched:
        """Do a switch once its checks pass. Raises what `perform` raises, also if they never do."""
        directions = await build(self.connection, Progress(), lease=SWITCH)
        await self._ready(turn.value, lambda: checked(of(directions, turn), turn, self._terms))
        told = Steps(turn, self.connection.clock, self.show)
        switch = await perform(directions, turn, self._terms, told, _approved)
        return Switched(switch, told.seconds)

    async def complete(self) -> None:
        """End the migration once its checks pass. Raises what `complete` raises, also if they never do."""
        directions = await build(self.connection, Progress(), lease=SWITCH)
        await self._ready("complete", lambda: completion_checks(directions.reverse, self._terms))
        self.show("complete")
        await complete(directions, self._terms, _approved)

    @property
    def _terms(self) -> Terms:
        settings = self.connection.settings
        return Terms(lease_s=settings.client.lease_s, deadline_s=settings.deadline_s)

    async def _ready(self, what: str, checks: Callable[[], Awaitable[Sequence[Check]]]) -> None:
        # As with --dry-run. Whoever is still refused at the end is told why by the real thing.
        clock = self.connection.clock
        end = clock.monotonic() + READY_WITHIN_S
        while clock.monotonic() < end:
            refusing = [one for one in await checks() if not one.ok]
            if not refusing:
                return
            self.show(f"{what} has to wait: {refusing[0].name}: {refusing[0].figure}")
            await clock.sleep(LOOK_EVERY_S)


async def _approved() -> None:
    return
