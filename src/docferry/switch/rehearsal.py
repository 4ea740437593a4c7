"""The steps of a switch as a dry run: the real checks and figures, and nothing is changed."""

from docferry.domain.switch import Step, Turn
from docferry.migration import Migration
from docferry.switch.checks import checked, living_clients, refuse
from docferry.switch.steps import Tell
from docferry.switch.terms import Terms
from docferry.switch.turning import Turning


class Rehearsal:
    """Says what each step would do, from what the gates, the feeds and the clients say now."""

    def __init__(self, migration: Migration, turn: Turn, terms: Terms, tell: Tell) -> None:
        self._migration = migration
        self._turn = turn
        self._terms = terms
        self._tell = tell
        self._turning = Turning(migration, "")

    async def check(self) -> str:
        """Make every check, as the real switch does."""
        await self._migration.ready()
        found = await checked(self._migration, self._turn, self._terms)
        for one in found:
            self._tell(Step.CHECK, f"{one.name}: {one.figure}{'' if one.ok else ' — refused'}")
        refuse(found)
        await self._turning.read()
        return "passed; approval would be asked for here"

    async def arm(self) -> str:
        """Tell whose leases would be waited for, and for how long."""
        clients, settle_s = await living_clients(self._migration), self._migration.tuning.settle_s
        epochs = f"{self._turning.source.epoch} → {self._turning.source.epoch + 1}"
        spread_s = self._migration.tuning.spread_s
        fence = f", and install the hard fence {spread_s:g} s ahead" if self._migration.source_fence else ""
        return (
            f"would turn the journal on in {self._migration.source_region} (epoch {epochs}), wait "
            f"{self._terms.full_lease_s:.2f} s for the leases of {len(clients)} clients and {settle_s:g} s for "
            f"late events, compare the listings, and carry what is touched meanwhile, round by round{fence}"
        )

    async def fence(self) -> str:
        """Tell how long the fence would be waited for."""
        wait_s, bound_s = self._terms.armed_lease_s, self._terms.max_pause_s
        return (
            f"would close {self._migration.source_region} and wait {wait_s:.2f} s for the clients' leases; "
            f"writers are held from here to the opening, {bound_s:g} s at most"
        )

    async def drain(self) -> str:
        """Tell what is on the feeds."""
        pending = await self._migration.feeds.pending()
        silence = f", and {self._migration.tuning.settle_s:g} s of silence" if self._terms.without_client else ""
        now = f"{pending.waiting} wait, {pending.in_flight} in flight"
        return f"would wait until the feeds are empty{silence}; now {now}"

    async def close(self) -> str:
        """Tell whose leases would be waited for."""
        lease = await self._migration.ledger.read("lease/sync") or {}
        return (
            f"would close {self._migration.target_region} and wait for {lease.get('owner') or 'no runner'} to stop"
        )

    async def verify(self) -> str:
        """Tell what would be compared."""
        return "would compare every key that was touched in the last round and since"

    async def open(self) -> str:
        """Tell what would be opened."""
        return f"would open {self._migration.target_region} to applications: the point of no return"

    async def reverse(self) -> str:
        """Tell how changes would go from then on."""
        migration = self._migration
        return f"would carry changes from {migration.target_region} back to {migration.source_region}"
