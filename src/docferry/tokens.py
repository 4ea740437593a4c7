"""Fencing tokens: what a holder of a lease writes with, and what the stores themselves refuse once it is over.

A lease is asked before each write, by a process that may be stopped between the question and the write. The token
is asked by the store, when the write comes in. It lasts a little longer than the holder believes, and a little
shorter than the holder has promised in the ledger, counted from when the lease was last renewed. Whoever waits out
a silent holder waits for that promise, and by then no store takes a write from him.
"""

import asyncio
import math
from collections.abc import Callable, Sequence

from docferry.domain.errors import DocferryError, StaleEpoch
from docferry.ports import Clock, FencingToken

RENEWALS_A_TOKEN = 3
MARGIN_S = 2.0
"""For whole seconds in dates, and for the clocks of services that differ from each other."""


class Tokens:
    """The tokens of one holder, one for each side. They last `lasts_s` from a renewal of the lease on."""

    def __init__(self, tokens: Sequence[FencingToken], clock: Clock, lasts_s: float) -> None:
        self._tokens = tokens
        self._clock = clock
        self._lasts_s = lasts_s
        self._valid_until = 0.0 if tokens else math.inf
        self._failure = ""

    @property
    def promised_s(self) -> float:
        """For how many seconds after a renewal of the lease a store may still take a write; 0 without tokens."""
        return self._lasts_s + MARGIN_S if self._tokens else 0.0

    async def take(self, session: str, since: float) -> None:
        """Take new ones, `since` being when the lease was last renewed. Raises what the tokens raise."""
        lasts_s = self._lasts_s - (self._clock.monotonic() - since)
        await asyncio.gather(*(one.take(session, lasts_s) for one in self._tokens))
        if self._tokens:
            self._valid_until = since + self._lasts_s - MARGIN_S

    async def keep(self, holder: Callable[[], tuple[str, float]]) -> None:
        """Take new ones in time until cancelled. `holder` gives what `take` is to be called with."""
        while self._tokens:
            await self._clock.sleep(self._lasts_s / RENEWALS_A_TOKEN)
            try:
                await self.take(*holder())
            except DocferryError as error:
                # The ones that are held still last a while; `check` says when they do no more.
                self._failure = f": {error}"

    def check(self) -> None:
        """Raise StaleEpoch if they are over."""
        if self._clock.monotonic() >= self._valid_until:
            raise StaleEpoch(
                f"the token that the stores ask of this process could not be renewed{self._failure}; it stopped "
                "writing, nothing is lost",
                hint="see whether the worker roles may be assumed, then run the same command again",
            )
