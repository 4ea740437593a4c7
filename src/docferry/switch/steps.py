"""The steps of a switch in their order, whoever takes them: the real gates, or a rehearsal."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from docferry.domain.switch import ORDER, Step

Tell = Callable[[Step, str], None]
"""Is told what a step came to, or what it has found so far."""
Approve = Callable[[], Awaitable[None]]
"""Asks for approval once all checks are passed. Raises Refused if it is not given."""


class Differs(Exception):
    """Verify found differences and has let the replicator in again: what is left is to be drained."""


class Steps(Protocol):
    """One method a step, each named like it; what it returns says what came of it, for people."""

    async def check(self) -> str:
        """Raise Refused if anything speaks against the switch."""

    async def arm(self) -> str:
        """Turn the journal on, and bring both sides as near to each other as can be while writers go on."""

    async def fence(self) -> str:
        """Close the source to applications."""

    async def drain(self) -> str:
        """Carry what was written."""

    async def close(self) -> str:
        """Close the target to the replicator."""

    async def verify(self) -> str:
        """Compare everything that was touched. Raises Differs."""

    async def open(self) -> str:
        """Open the target to applications: the point of no return."""

    async def reverse(self) -> str:
        """Open the source to the replicator."""


async def take(steps: Steps, first: Step, tell: Tell) -> None:
    """Take the steps from `first` on. Raises what they raise; a difference leads back to drain."""
    left = list(ORDER[ORDER.index(first) :])
    while left:
        step = left.pop(0)
        try:
            tell(step, await getattr(steps, step.value)())
        except Differs as differs:
            tell(step, str(differs))
            left = list(ORDER[ORDER.index(Step.DRAIN) :])
