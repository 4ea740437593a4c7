"""A runner's lease on the migration, and with it the leave to write under one epoch of the target's gate.

A lease is held by durations, never by timestamps: who wants it watches for as long as the holder has promised to
move it, on his own clock, and takes it over only if it did not move. The holder counts from before each renewal,
so its own idea of the end is never later than anybody else's.
"""

import asyncio
from contextlib import suppress

from docferry.domain.errors import Conflict, DocferryError, GateRefused, Refused, Retryable, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.ports import Clock, Entry, GateStore, Ledger

RENEWALS_A_LEASE = 3
WATCHES_A_LEASE = 10
RELEASE_WITHIN_S = 0.5
"""Whoever stops a runner is not to wait for a control table that does not answer."""


class Lease:
    """The `Permit` of one runner. `owner` tells people who it is; `duration_s` is how long a silence may last."""

    def __init__(
        self, ledger: Ledger, gate: GateStore, clock: Clock, *, name: str, owner: str, duration_s: float
    ) -> None:
        self._ledger = ledger
        self._gate = gate
        self._clock = clock
        self._name = f"lease/{name}"
        self._owner = owner
        self._duration_s = duration_s
        self._held: Entry | None = None
        self._epoch = 0
        self._valid_until = 0.0

    async def acquire(self) -> None:
        """Take the lease. Raises Refused if a living runner holds it, GateRefused if the gate is not ours."""
        found = await self._ledger.read(self._name)
        if found and found["owner"]:
            found = await self._watch(found)
        started = self._clock.monotonic()
        beat = found["beat"] + 1 if found else 1
        wanted = {"owner": self._owner, "beat": beat, "duration_s": self._duration_s}
        try:
            await self._ledger.write(self._name, wanted, found)
        except Conflict as error:
            raise _refused(await self._ledger.read(self._name) or wanted) from error
        self._held = wanted
        try:
            self._epoch = (await self._replicators_gate()).epoch
        except BaseException:
            await self.release()
            raise
        self._valid_until = started + self._duration_s

    async def keep(self) -> None:
        """Renew until cancelled. Raises StaleEpoch or GateRefused when the lease is lost."""
        while True:
            await self._clock.sleep(self._duration_s / RENEWALS_A_LEASE)
            try:
                await self._renew()
            except Retryable:
                self.check()

    async def release(self) -> None:
        """Give the lease back, if it is still ours; one that cannot be given back soon runs out by itself."""
        self._valid_until = 0.0
        with suppress(DocferryError, TimeoutError):
            async with asyncio.timeout(RELEASE_WITHIN_S):
                try:
                    await self._give_back(self._held)
                except Conflict:
                    # A renewal that was cut off may have been written all the same.
                    await self._give_back(await self._ledger.read(self._name))

    async def _give_back(self, held: Entry | None) -> None:
        if held and held["owner"] == self._owner:
            await self._ledger.write(self._name, {**held, "owner": ""}, held)

    def check(self) -> None:
        """Raise StaleEpoch if the lease is over. Called right before each write."""
        if self._clock.monotonic() >= self._valid_until:
            raise StaleEpoch(
                "this runner's lease is over, so it stopped writing; nothing is lost",
                hint="run the same command again: it goes on where this one stopped",
            )

    async def _watch(self, found: Entry) -> Entry:
        for _ in range(WATCHES_A_LEASE + 1):
            await self._clock.sleep(float(found["duration_s"]) / WATCHES_A_LEASE)
            now = await self._ledger.read(self._name) or found
            if not now["owner"]:
                return now
            if now != found:
                raise _refused(now)
        return found

    async def _renew(self) -> None:
        started = self._clock.monotonic()
        assert self._held is not None
        wanted = {**self._held, "beat": self._held["beat"] + 1}
        try:
            await self._ledger.write(self._name, wanted, self._held)
        except Conflict as error:
            self._valid_until = 0.0
            raise StaleEpoch("another runner took the lease over; this one stops, nothing is lost") from error
        self._held = wanted
        gate = await self._replicators_gate()
        if gate.epoch != self._epoch:
            self._valid_until = 0.0
            raise StaleEpoch(f"the target's gate is at epoch {gate.epoch}, this runner began under {self._epoch}")
        self._valid_until = started + self._duration_s

    async def _replicators_gate(self) -> Gate:
        gate = await self._gate.read()
        if gate is None or gate.writer is not Writer.REPLICATOR:
            self._valid_until = 0.0
            said = gate.writer.value if gate else "missing"
            raise GateRefused(
                f"the target's gate says {said}, not replicator; nothing was written",
                hint="docferry status shows both gates",
            )
        return gate


def _refused(entry: Entry) -> Refused:
    return Refused(
        f"another runner is at work on this migration: {entry['owner']}; this one changed nothing",
        hint="let it finish or stop it, then run this command again",
    )


async def holding(lease: Lease, work: "asyncio.Future[None] | asyncio.Task[None]") -> None:
    """Do the work while renewing the lease; whichever fails first ends both. The lease is given back."""
    keeper = asyncio.ensure_future(lease.keep())
    try:
        await asyncio.wait({keeper, work}, return_when=asyncio.FIRST_COMPLETED)
        for one in (work, keeper):
            if one.done():
                one.result()
                break
    finally:
        for one in (keeper, work):
            one.cancel()
        await asyncio.gather(keeper, work, return_exceptions=True)
        await lease.release()
