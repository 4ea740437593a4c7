"""A lease on a name in the ledger, and with it the leave to write while a gate says replicator.

A lease is held by durations, never by timestamps: who wants it watches for as long as the holder has promised to
move it, on his own clock, and takes it over only if it did not move. The holder counts from before each renewal,
so its own idea of the end is never later than anybody else's.

Given back means that nothing is under way any more: what closes a gate goes on at once when a lease is given back,
and waits for its end where it is not. What was sent and had no answer may be under way yet, for AWS nowhere says
that it is not: its holder does not give the lease back until the token is over that it was sent with. While a
switch is near, the gate says so (its journal is on), and leases are short and often renewed.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress

from docferry.bounded import ended
from docferry.domain.errors import Conflict, DocferryError, GateRefused, LeaseTaken, Retryable, StaleEpoch
from docferry.domain.gate import Gate, Writer
from docferry.lease_entry import died, entry_of, silence_s
from docferry.ports import Clock, Entry, GateStore, Ledger
from docferry.tokens import Tokens

RENEWALS_A_LEASE = 3
RENEW_WITHIN_S = 1.0
"""At least so often, however long the lease: a switch waits until a runner has seen what its gate says."""
WATCHES_A_LEASE = 10
RELEASE_WITHIN_S = 0.5
"""Whoever stops a runner is not to wait for a control table that does not answer, nor for requests under way."""
GIVEN_BACK_WITHIN_S = 3.0
"""With tokens, for then a lease that is not given back is waited for much longer."""
ARMED_DURATION_S = 2.0
ARMED_RENEW_S = 0.1


async def _nothing() -> None:
    return


class Lease:
    """The `Permit` of one holder. `owner` tells people who it is; `duration_s` is how long a silence may last.

    With a `gate` the lease lasts only while that gate says replicator, at `epoch` as it saw last, and is `armed`
    while that gate's journal is on; without, it only keeps others away.
    `landed` waits until no request that the lease allowed is under way, `lost_at` tells when the last one ended
    without an answer. With `tokens` the stores refuse what is written under the lease and comes in late: then a
    holder that has died is waited for until they are over, and so is one that had no answer.
    """

    def __init__(
        self,
        ledger: Ledger,
        gate: GateStore | None,
        clock: Clock,
        *,
        name: str,
        owner: str,
        duration_s: float,
        landed: Callable[[], Awaitable[None]] = _nothing,
        lost_at: Callable[[], float] = lambda: -math.inf,
        tokens: Tokens | None = None,
    ) -> None:
        self._ledger = ledger
        self._gate = gate
        self._clock = clock
        self.name = name
        self._owner = owner
        self._duration_s = duration_s
        self._landed = landed
        self._lost_at = lost_at
        self._tokens = tokens or Tokens((), clock, 0.0)
        self._renewed_at = 0.0
        self._promised_s = 0.0
        self._held: Entry | None = None
        self.epoch = 0
        self._valid_until = 0.0
        self.armed = False

    @property
    def _entry(self) -> str:
        return entry_of(self.name)

    async def acquire(self, *, patient: bool = True) -> None:
        """Take the lease. Raises LeaseTaken if a living holder has it, GateRefused if the gate is not ours.

        Unless `patient`, it is refused at once where anybody has it, alive or not.
        """
        found = await self._ledger.read(self._entry)
        # What this very process wrote last needs no watching: nobody has moved it since.
        if found and found["owner"] and found != self._held:
            if not patient:
                raise _taken(found)
            found = await self._watch(found)
        kept = found is not None and bool(found["owner"]) and found == self._held
        if kept:
            # Others wait for its silence: it is not to be broken for nothing.
            await self._replicators_gate()
        duration_s = await self._first_duration_s()
        started = self._clock.monotonic()
        self._promised_s = 0.0
        wanted = self._wanted(found, duration_s, token_s=float(found["token_s"]) if found and kept else 0.0)
        try:
            await self._ledger.write(self._entry, wanted, found)
        except Conflict as error:
            raise _taken(await self._ledger.read(self._entry) or wanted) from error
        self._held, self._renewed_at = wanted, started
        try:
            gate = await self._replicators_gate()
            self.epoch = gate.epoch if gate else 0
            await self._take_tokens(duration_s)
        except BaseException:
            await self.release()
            raise
        # Who comes in the middle of a switch lets its end be seen at once.
        self.armed = bool(gate and gate.journal)
        self._valid_until = started + duration_s

    def _wanted(self, found: Entry | None, duration_s: float, *, token_s: float) -> Entry:
        return {
            "owner": self._owner,
            "beat": found["beat"] + 1 if found else 1,
            "duration_s": duration_s,
            "token_s": token_s,
            "armed": False,
            "unanswered_s": self._unanswered_s,
            "deaths": died(found) if found else 0,
        }

    async def _take_tokens(self, duration_s: float) -> None:
        # Only now, that the gate is ours: who is refused by it must not be waited for as if he could write.
        self._promised_s = self._tokens.promised_s
        if self._promised_s:
            await self._beat(duration_s)
            await self._tokens.take(*self._session())

    def _session(self) -> tuple[str, float]:
        """What the token says of its holder, and since when it may be counted on."""
        return f"epoch-{self.epoch}.{self.name.replace('/', '-')}", self._renewed_at

    async def _first_duration_s(self) -> float:
        # Only a hint: who comes in the middle of a switch and dies at once is not to be waited for any longer.
        gate = await self._gate.read() if self._gate else None
        return min(self._duration_s, ARMED_DURATION_S) if gate and gate.journal else self._duration_s

    @property
    def _renew_s(self) -> float:
        return ARMED_RENEW_S if self.armed else min(self._duration_s / RENEWALS_A_LEASE, RENEW_WITHIN_S)

    async def keep(self) -> None:
        """Renew until cancelled. Raises StaleEpoch or GateRefused when the lease is lost."""
        # Beside it: a token takes as long as its service takes to answer.
        tokens = asyncio.ensure_future(self._tokens.keep(self._session))
        try:
            while True:
                await self._clock.sleep(self._renew_s)
                try:
                    async with asyncio.timeout(self._duration_s):
                        await self._renew()
                except (Retryable, TimeoutError):
                    self.check()
        finally:
            tokens.cancel()
            await ended(tokens)

    async def release(
        self, last: Callable[[], Awaitable[None]] = _nothing, within_s: float = RELEASE_WITHIN_S
    ) -> None:
        """Give the lease back, if it is still ours and nothing can be under way; else it runs out by itself.

        `last` is called when nothing is under way any more. Until it is done, or so much time is over, everybody
        is told that it is waited for. What fails, or takes longer, leaves the lease to run out.
        """
        self._valid_until = 0.0
        if not await self._settled(last, within_s) or self._unanswered_s:
            return
        with suppress(DocferryError, TimeoutError):
            async with asyncio.timeout(GIVEN_BACK_WITHIN_S if self._promised_s else RELEASE_WITHIN_S):
                try:
                    await self._give_back(self._held)
                except Conflict:
                    # A renewal that was cut off may have been written all the same.
                    await self._give_back(await self._ledger.read(self._entry))

    @property
    def _unanswered_s(self) -> float:
        """For how long what had no answer may land yet; 0 without tokens, where nobody can tell."""
        promised_s = self._tokens.promised_s
        return max(0.0, self._lost_at() + promised_s - self._clock.monotonic()) if promised_s else 0.0

    async def _settled(self, last: Callable[[], Awaitable[None]], within_s: float) -> bool:
        async def settle() -> None:
            await self._landed()
            await last()

        settling = asyncio.ensure_future(settle())
        until = self._clock.monotonic() + within_s
        try:
            while not settling.done() and (left_s := until - self._clock.monotonic()) > 0:
                pause = asyncio.ensure_future(self._clock.sleep(min(ARMED_RENEW_S, left_s)))
                await asyncio.wait({settling, pause}, return_when=asyncio.FIRST_COMPLETED)
                pause.cancel()
                if not settling.done() and self._held:
                    with suppress(Retryable, StaleEpoch):
                        await self._beat(min(self._duration_s, ARMED_DURATION_S))
        finally:
            settling.cancel()
            await ended(settling)
        return not settling.cancelled() and settling.exception() is None

    async def _give_back(self, held: Entry | None) -> None:
        if held and held["owner"] == self._owner:
            await self._ledger.write(self._entry, {**held, "owner": ""}, held)

    def check(self) -> None:
        """Raise StaleEpoch if the lease is over. Called right before each write."""
        if self._clock.monotonic() >= self._valid_until:
            raise StaleEpoch(
                "this process's lease is over, so it stopped writing; nothing is lost",
                hint="run the same command again: it goes on where this one stopped",
            )
        self._tokens.check()

    async def _watch(self, found: Entry) -> Entry:
        for _ in range(WATCHES_A_LEASE + 1):
            await self._clock.sleep(silence_s(found) / WATCHES_A_LEASE)
            now = await self._ledger.read(self._entry) or found
            if not now["owner"]:
                return now
            if now != found:
                raise _taken(now)
        return found

    async def _renew(self) -> None:
        started = self._clock.monotonic()
        gate = await self._replicators_gate()
        self.armed = bool(gate and gate.journal)
        duration_s = min(self._duration_s, ARMED_DURATION_S) if self.armed else self._duration_s
        # Never believed for longer than what others can read.
        self._valid_until = min(self._valid_until, started + duration_s) if self.armed else self._valid_until
        await self._beat(duration_s)
        if gate and gate.epoch != self.epoch:
            # Whoever closes the gate waits for this lease: as long as it never ended, the gate was never closed.
            if self._clock.monotonic() >= self._valid_until:
                self._valid_until = 0.0
                raise StaleEpoch(
                    f"the gate is at epoch {gate.epoch}, this runner began under {self.epoch}; nothing is lost",
                    hint="run the same command again: it goes on where this one stopped",
                )
            self.epoch = gate.epoch
        self._valid_until = started + duration_s

    async def _beat(self, duration_s: float) -> None:
        assert self._held is not None
        began = self._clock.monotonic()
        wanted = {
            **self._held,
            "beat": self._held["beat"] + 1,
            "duration_s": duration_s,
            "token_s": self._promised_s,
            "armed": self.armed,
            "unanswered_s": self._unanswered_s,
        }
        try:
            await self._ledger.write(self._entry, wanted, self._held)
        except Conflict as error:
            self._valid_until = 0.0
            raise StaleEpoch("another took the lease over; this one stops, nothing is lost") from error
        self._held, self._renewed_at = wanted, began

    async def _replicators_gate(self) -> Gate | None:
        if self._gate is None:
            return None
        gate = await self._gate.read()
        if gate is None or gate.writer is not Writer.REPLICATOR:
            self._valid_until = 0.0
            said = gate.writer.value if gate else "missing"
            raise GateRefused(
                f"the gate of the side to be written to says {said}, not replicator; nothing was written",
                hint="docferry status shows both gates",
            )
        return gate


def _taken(entry: Entry) -> LeaseTaken:
    return LeaseTaken(
        f"another process is at work on this migration: {entry['owner']}; this one changed nothing",
        hint="let it finish or stop it, then run this command again",
    )
