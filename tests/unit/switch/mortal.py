"""Processes that die: at one effect of theirs, before or after it, and with that for ever."""

from dataclasses import dataclass, replace

from docferry.domain.gate import Gate
from docferry.migration import Directions, Migration
from docferry.ports import Entry, GateStore, HardFence, Ledger
from tests.unit.fakes import Killed


@dataclass
class Life:
    """Ends at the effect number `left`; `after` lets that one still happen. `spent` counts them."""

    left: int
    after: bool = False
    spent: int = 0

    @property
    def over(self) -> bool:
        return self.left < 0

    def before_effect(self) -> None:
        self.spent += 1
        self.left -= 1
        if self.left < -1 or (self.over and not self.after):
            raise Killed

    def after_effect(self) -> None:
        if self.over:
            raise Killed

    def alive(self) -> None:
        if self.over:
            raise Killed


@dataclass
class MortalLedger:
    inner: Ledger
    life: Life

    async def read(self, name: str) -> Entry | None:
        self.life.alive()
        return await self.inner.read(name)

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        # A lease's beats come by the clock, and validations are proved elsewhere: what a switch writes counts.
        if name.startswith(("lease/", "validate/")):
            self.life.alive()
            await self.inner.write(name, entry, expected)
            return
        self.life.before_effect()
        await self.inner.write(name, entry, expected)
        self.life.after_effect()


@dataclass
class MortalGate:
    inner: GateStore
    life: Life

    async def read(self) -> Gate | None:
        self.life.alive()
        return await self.inner.read()

    async def change(self, expected: Gate | None, desired: Gate) -> None:
        self.life.before_effect()
        await self.inner.change(expected, desired)
        self.life.after_effect()


@dataclass
class MortalFence:
    inner: HardFence
    life: Life

    async def refusal(self) -> str:
        self.life.alive()
        return await self.inner.refusal()

    async def close_between(self, begin: float, end: float) -> None:
        self.life.before_effect()
        await self.inner.close_between(begin, end)
        self.life.after_effect()

    async def close(self) -> None:
        self.life.before_effect()
        await self.inner.close()
        self.life.after_effect()

    async def lift(self) -> bool:
        self.life.before_effect()
        lifted = await self.inner.lift()
        self.life.after_effect()
        return lifted

    async def denials(self) -> tuple[bool, ...]:
        self.life.alive()
        return await self.inner.denials()


def mortal(directions: Directions, life: Life) -> Directions:
    """Return the same process with a life that ends; the lease it holds is not given back by it."""

    def dying(migration: Migration) -> Migration:
        ledger = MortalLedger(migration.ledger, life)
        migration.lease._ledger = ledger
        return replace(
            migration,
            ledger=ledger,
            source_gate=MortalGate(migration.source_gate, life),
            target_gate=MortalGate(migration.target_gate, life),
            source_fence=migration.source_fence and MortalFence(migration.source_fence, life),
            target_fence=migration.target_fence and MortalFence(migration.target_fence, life),
        )

    return Directions(dying(directions.forward), dying(directions.reverse))
