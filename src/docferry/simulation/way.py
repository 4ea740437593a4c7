"""The way of one process to one service: each call is a request over its link."""

from dataclasses import dataclass
from typing import Any

from docferry.simulation.network import Effect, Guard, Link
from docferry.simulation.weather import Request


@dataclass(frozen=True, slots=True)
class Way:
    """The way to one service of one region. `guard` is asked right before every write."""

    link: Link
    region: str
    service: str
    guard: Guard | None = None

    async def read(self, what: str, effect: Effect[Any], key: str = "", *, listing: bool = False) -> Any:
        """Send a request that changes nothing."""
        link = self.link
        asked = Request(link.process.name, self.region, self.service, what, key, listing=listing)
        asked.application = link.application
        return await link.call(asked, effect)

    async def write(
        self,
        what: str,
        effect: Effect[Any],
        key: str = "",
        *,
        conditional: bool = False,
        half: Effect[object] | None = None,
        guard: Guard | None = None,
    ) -> Any:
        """Send a request that changes something, under the guard."""
        link = self.link
        asked = Request(link.process.name, self.region, self.service, what, key, True, conditional)
        asked.application, asked.half = link.application, half
        return await link.call(asked, effect, guard or self.guard)
