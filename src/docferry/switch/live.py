"""The steps of a switch on the real gates: docs/cutover-protocol.md, step by step."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Refused
from docferry.domain.gate import Writer
from docferry.domain.switch import Step, Switch, Turn
from docferry.following import ANSWERED, ASKED
from docferry.history import note
from docferry.lease_entry import run_out
from docferry.migration import Migration
from docferry.phase import CUTOVER, SYNC, note_phase
from docferry.slots import deaths, workers_run_out
from docferry.switch import fencing
from docferry.switch.arming import RUNNERS, Arming
from docferry.switch.checks import checked, feeds_check, refuse, stuck_check
from docferry.switch.course import Course
from docferry.switch.keys import Carrier, Keys
from docferry.switch.pages import Pages
from docferry.switch.steps import Approve, Differs, Tell
from docferry.switch.terms import Terms
from docferry.switch.turning import Turning

POLL_S = 0.02
RUNNER_BACK_WITHIN_S = 2.0


class Live:
    """One switch under way."""

    def __init__(self, migration: Migration, switch: Switch, terms: Terms, tell: Tell, approve: Approve) -> None:
        self._migration = migration
        self._terms = terms
        self._tell = tell
        self._approve = approve
        self._clock = migration.clock
        self._carrier = Carrier(migration)
        self._pages = Pages(migration, self._carrier)
        self._turning = Turning(migration, switch.attempt)
        self._until = float("inf")
        self._pending = "the runner has not answered"
        self._course = Course(migration, switch)

    @property
    def switch(self) -> Switch:
        """Where it stands, as the ledger has it."""
        return self._course.switch

    async def go_on(self) -> None:
        """Take over a switch that was cut off after its fence; the pause bound counts from here on.

        Both epochs are raised first: whatever the process before had still under way finds its gate turned.
        """
        turning = self._turning
        await turning.read()
        self._until = self._clock.monotonic() + self._terms.max_pause_s
        if turning.target.writer is not Writer.APPLICATION:
            await turning.turn_source(Writer.NOBODY, journal=True)
            await turning.turn_target(turning.target.writer, journal=True)
            await fencing.again(self._migration, self._terms)

    async def check(self) -> str:
        """Make every check, then ask for approval."""
        await self._migration.ready()
        found = await checked(self._migration, self.switch.turn, self._terms)
        for one in found:
            self._tell(Step.CHECK, f"{one.name}: {one.figure}{'' if one.ok else ' — refused'}")
        refuse(found)
        await self._approve()
        return "passed"

    async def arm(self) -> str:
        """Bring both sides as near to each other as can be while writers go on."""
        arming = Arming(self._migration, self._course, self._turning, self._pages, self._terms, self._tell)
        return await arming.arm()

    async def _carry(self, through: int) -> tuple[int, Keys]:
        return await self._pages.carry(self.switch.compared_epoch, through)

    async def fence(self) -> str:
        """Close the source, and carry what was touched before while the clients' leases run out."""
        began = self._clock.monotonic()
        if self._turning.source.writer is not Writer.NOBODY:
            await self._course.save(Step.FENCE, fenced_at=self._clock.now())
            await self._turning.turn_source(Writer.NOBODY, journal=True)
            self._until = began + self._terms.max_pause_s
        return await self._bounded(self._fenced)

    async def _fenced(self) -> str:
        waiting = self._clock.sleep(self._terms.armed_lease_s)
        await asyncio.gather(waiting, self._carry(self._turning.source.epoch))
        await self._denied()
        denied = ", a probe is denied" if self._migration.source_fence else ""
        return f"closed at epoch {self._turning.source.epoch}, the clients' leases are over{denied}"

    async def _denied(self) -> None:
        self._pending = "the hard fence does not deny yet"
        await fencing.proved(self._migration.source_fence, self._clock, denied=True)
        self._pending = "the runner has not answered"

    async def drain(self) -> str:
        """Carry every touched key, and wait until the runner has found both feeds empty."""
        await self._course.save(Step.DRAIN)
        return await self._bounded(self._drained)

    async def _drained(self) -> str:
        number, _ = await asyncio.gather(self._ask(), self._carry_all())
        pending = await self._answered(number)
        if self._terms.without_client:
            # What was written without the journal before the fence has its event by then, or is not promised.
            await self._clock.sleep(self._migration.tuning.settle_s)
            pending = await self._answered(await self._ask())
        refuse((await feeds_check(self._migration), await stuck_check(self._migration)))
        self._course.note(drained=True)
        return f"nothing waiting, nothing in flight, {pending.get('dead', 0)} in dead-letter queues"

    async def _carry_all(self) -> None:
        _, left = await self._carry(self._turning.source.epoch)
        while left:
            left = await self._carrier.carry(left)

    async def _ask(self) -> int:
        asked = await Checkpoint.load(self._migration.ledger, ASKED)
        number: int = asked.entry.get("number", 0) + 1
        await asked.save({"number": number, "wait_s": 1.0 if self._terms.without_client else 0.0})
        return number

    async def _answered(self, number: int) -> dict[str, int]:
        gone = asyncio.ensure_future(self._runner_gone())
        try:
            while not gone.done():
                answer = dict(await self._migration.ledger.read(ANSWERED) or {})
                if answer.get("number", 0) >= number:
                    self._pending = f"{answer['waiting']} waiting, {answer['in_flight']} in flight"
                    if answer["empty"]:
                        return answer
                await self._clock.sleep(POLL_S)
            gone.result()
            raise Refused("the runner has stopped", hint="start docferry sync again, then try again")
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _runner_gone(self) -> None:
        ledger = self._migration.ledger
        while True:
            await run_out(ledger, self._clock, RUNNERS[0])
            held = await ledger.read(f"lease/{RUNNERS[0]}")
            # One that gave it back when its gate was closed takes it again as soon as it is open.
            await self._clock.sleep(RUNNER_BACK_WITHIN_S)
            if await ledger.read(f"lease/{RUNNERS[0]}") == held:
                return

    async def close(self) -> str:
        """Close the target to the replicator, and wait until no worker can write any more."""
        await self._course.save(Step.CLOSE)
        if self._turning.target.writer is not Writer.NOBODY:
            await self._turning.turn_target(Writer.NOBODY, journal=True)
        return await self._bounded(self._closed)

    async def _closed(self) -> str:
        ledger = self._migration.ledger
        runners = (run_out(ledger, self._clock, name) for name in RUNNERS)
        await asyncio.gather(*runners, workers_run_out(ledger, self._clock))
        died = await deaths(ledger, *RUNNERS, all_over=True)
        if died > self.switch.deaths:
            # What they had under way may have landed after its key was carried, and nobody has looked since.
            self._tell(
                Step.CLOSE, "somebody died at work: all that was touched since the journal is on is compared"
            )
            await self._course.save(Step.CLOSE, compared_epoch=self.switch.armed_epoch - 1, deaths=died)
        return f"closed at epoch {self._turning.target.epoch}, no worker writes any more"

    async def verify(self) -> str:
        """Compare every key on the journal's open pages; let the replicator in again if one differs."""
        await self._course.save(Step.VERIFY)
        return await self._bounded(self._verified)

    async def _verified(self) -> str:
        # Proved again: a switch that is gone on with may have come here straight away.
        await self._denied()
        differing: set[str] = set()

        async def page(keys: Keys) -> None:
            # Pages are compared side by side: a sum that is read before the wait would forget the others' share.
            differing.update(await self._carrier.differing(keys))

        after, through = self.switch.compared_epoch, self._turning.source.epoch
        count = await self._pages.each_touched(after, through, page)
        if differing:
            await self._turning.turn_target(Writer.REPLICATOR, journal=True)
            raise Differs(f"{len(differing)} of {count} keys differ, draining again")
        self._course.note(verified=True, journalled=self.switch.journalled + count)
        return f"{count} keys compared, none differs"

    async def open(self) -> str:
        """Open the target to applications by one conditional write."""
        await self._course.save(Step.OPEN)
        return await self._bounded(self._opened)

    async def _opened(self) -> str:
        await fencing.proved(self._migration.target_fence, self._clock, denied=False)
        await self._turning.confirm()
        await self._turning.turn_target(Writer.APPLICATION, journal=False)
        now = self._clock.now()
        pause_s = now - self.switch.fenced_at
        self._course.note(opened_at=now, pause_s=pause_s, epoch=self._turning.target.epoch)
        return f"applications write in {self._migration.target_region} at epoch {self.switch.epoch}"

    async def reverse(self) -> str:
        """Let the replicator write where applications wrote before, and end the switch in the ledger."""
        turning = self._turning
        if turning.source.writer is Writer.NOBODY:
            await turning.turn_source(Writer.REPLICATOR, journal=False)
        if self._migration.source_fence:
            await self._migration.source_fence.close()
        ended = self.switch.now(step=Step.REVERSE)
        await self._course.keep(
            ended.done(self._clock.now(), epoch=turning.target.epoch, reverse_epoch=turning.source.epoch)
        )
        await note_phase(self._migration.ledger, CUTOVER if self.switch.turn is Turn.CUTOVER else SYNC)
        said = f"{self.switch.turn.value} to {self._migration.target_region} done"
        held = f"{said}, writers were held for {self.switch.pause_s:.2f} s"
        await note(self._migration.ledger, self._clock, held)
        return f"changes go from {self._migration.target_region} to {self._migration.source_region} now"

    async def _bounded(self, work: Callable[[], Coroutine[Any, Any, str]]) -> str:
        doing = asyncio.ensure_future(work())
        bound = asyncio.ensure_future(self._clock.sleep(max(0.0, self._until - self._clock.monotonic())))
        try:
            await asyncio.wait({doing, bound}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return await doing
            step = self.switch.step.value + (f" ({self._pending})" if self.switch.step is Step.DRAIN else "")
            raise Refused(
                f"{step}: writers would be held for more than {self._terms.max_pause_s:g} s",
                hint="raise --max-pause (Terraform: max_pause_s), or see in docferry status what is slow",
            )
        finally:
            for one in (doing, bound):
                one.cancel()
            await asyncio.gather(doing, bound, return_exceptions=True)
