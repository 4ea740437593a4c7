"""The step of a switch that brings both sides near to each other while writers go on: docs/cutover-protocol.md."""

from dataclasses import dataclass

from docferry.domain.errors import Refused
from docferry.domain.gate import Writer
from docferry.domain.switch import Step
from docferry.migration import Migration
from docferry.slots import deaths, dismiss_dead
from docferry.switch import fencing
from docferry.switch.checks import clients_check, living_clients, refuse
from docferry.switch.course import Course
from docferry.switch.pages import Pages
from docferry.switch.steps import Tell
from docferry.switch.terms import DRIFT, Terms
from docferry.switch.turning import Turning

POLL_S = 0.02
NARROWINGS = 8
NARROW_SHARE = 0.2
"""Of the pause bound: once the keys of a round are carried in so little time, the next round may be the last."""
REPAIR = "repair"
RUNNERS = ("sync", REPAIR)
"""The leases of those who write to the target, beside the workers' slots."""
ARMED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Arming:
    """The step, and what it needs: both gates, the journal's pages, and where the switch stands."""

    migration: Migration
    course: Course
    turning: Turning
    pages: Pages
    terms: Terms
    tell: Tell

    async def arm(self) -> str:
        """Turn the journal on, wait until clients and runner know, settle, compare the listings, narrow down.

        Then the hard fence is installed ahead, where there is one, while writers go on.
        """
        turning, terms = self.turning, self.terms
        if self.migration.target_fence:
            # The gate keeps clients out of there until it is opened.
            await self.migration.target_fence.lift()
        # Approval may have taken a while, and a validation may have raised an epoch.
        await turning.read()
        await self.course.save(Step.ARM, armed_epoch=turning.source.epoch + 1, compared_epoch=turning.source.epoch)
        await turning.turn_target(Writer.REPLICATOR, journal=True)
        await turning.turn_source(Writer.APPLICATION, journal=True)
        await self.migration.clock.sleep(terms.full_lease_s)
        await self._runner_is_armed()
        # Nobody is held yet: those who died are waited for here rather than with the gates closed. A repair that
        # has died is followed by no other, and would be waited for in every switch, longer than a pause may last.
        await dismiss_dead(self.migration.ledger, self.migration.clock, REPAIR)
        await self.course.save(Step.ARM, deaths=await deaths(self.migration.ledger, *RUNNERS, all_over=False))
        refuse((await clients_check(self.migration, terms),))
        clients = await living_clients(self.migration)
        known = sum(one.epoch == turning.source.epoch for one in clients)
        self.tell(Step.ARM, f"journal on, taken up by {known} of {len(clients)} clients, the others are idle")
        await self.migration.clock.sleep(self.migration.tuning.settle_s)
        await self._runner_is_answered()
        await self._compare_listings()
        said = await self._narrow()
        refuse((await clients_check(self.migration, terms),))
        if moment := await fencing.install(self.migration, terms):
            self.tell(Step.ARM, "hard fence installed ahead and spread")
            said = await self._narrow()
            await fencing.wait_for(moment, self.migration.clock)
        return said

    async def _runner_is_armed(self) -> None:
        until = self.migration.clock.monotonic() + ARMED_WITHIN_S
        while not (await self.migration.ledger.read("lease/sync") or {}).get("armed"):
            if self.migration.clock.monotonic() >= until:
                raise Refused(
                    f"the runner did not take notice within {ARMED_WITHIN_S:g} s",
                    hint="docferry status shows whether docferry sync is at work",
                )
            await self.migration.clock.sleep(POLL_S)

    async def _runner_is_answered(self) -> None:
        # What it sent and had no answer to may land yet, and no page tells of what was deleted before the journal
        # was on. Later ones hold up the closing, and have all pages compared.
        held = await self.migration.ledger.read("lease/sync") or {}
        await self.migration.clock.sleep(held.get("unanswered_s", 0.0) * DRIFT)

    async def _compare_listings(self) -> None:
        after, through = self.course.switch.compared_epoch, self.turning.source.epoch
        differing, compared = await self.pages.differing_listings(after, through)
        self.tell(Step.ARM, f"{len(differing)} differences in the listings of {compared} documents")
        if differing:
            raise Refused(
                f"{len(differing)} differences between both sides, the first: {min(differing)}",
                hint="docferry validate --repair, then try again",
            )

    async def _narrow(self) -> str:
        # Each raise of the epoch begins a new page of the journal. What is on the pages before is carried while
        # writers go on, and need not be compared again: whoever touched a key since has put it on the new page.
        dirty_left = True
        for number in range(1, NARROWINGS + 1):
            await self.turning.turn_source(Writer.APPLICATION, journal=True)
            await self.migration.clock.sleep(self.terms.armed_lease_s)
            through, began = self.turning.source.epoch - 1, self.migration.clock.monotonic()
            dirty, dirty_left = (
                await self.pages.carry_dirty(self.turning.target.epoch) if dirty_left else (0, False)
            )
            count, left = await self.pages.carry(self.course.switch.compared_epoch, through)
            took_s = self.migration.clock.monotonic() - began
            more = f", {dirty} that changed since the last validation" if dirty else ""
            self.tell(Step.ARM, f"round {number}: {count} touched keys carried{more} in {took_s:.2f} s")
            if not left and not dirty_left:
                await self.course.save(
                    Step.ARM, compared_epoch=through, journalled=self.course.switch.journalled + count
                )
                if took_s <= self.terms.max_pause_s * NARROW_SHARE:
                    return f"the last round took {took_s:.2f} s"
        raise Refused(
            f"a round of touched keys still takes {took_s:.2f} s, too long for a pause of "
            f"{self.terms.max_pause_s:g} s",
            hint="raise --max-pause (Terraform: max_pause_s), or try again when fewer documents are written",
        )
