"""What may go wrong in a simulation, by name."""

import random
from dataclasses import dataclass

from docferry.domain.errors import InvalidInput

FAULTS = {
    "throttle": "single requests are throttled",
    "throttle-burst": "all requests to one service are throttled for a while",
    "throttle-endless": "one service throttles all writes until everything is mended",
    "timeout-before": "requests are lost on the way, and nobody answers",
    "timeout-after": "requests take effect, and nobody answers",
    "reset": "connections are reset, before or after the effect",
    "error-500": "services answer 500, before or after the effect",
    "race-409": "conditional writes are refused because another was under way",
    "late-requests": "requests land long after their sender has given them up",
    "partial-batch": "batches are done in part",
    "expired-token": "the position of a listing or of a stream is refused once",
    "duplicate-events": "events come twice",
    "late-events": "events come seconds late",
    "poison-event": "a message that nobody can read lies on a queue",
    "crash": "processes die, before or after any effect of theirs",
    "zombie": "processes stop and wake up much later, their requests still on the way",
    "two-runners": "a second runner is started beside the first",
    "clock-skew": "processes have wrong clocks that run too fast or too slow",
    "clock-steps": "the time of day of processes jumps, back as well",
    "partition": "a process cannot reach the control tables of a region for a while",
    "lost-lease": "a runner cannot renew its lease until it is over",
    "corruption": "documents at the target get wrong bytes of the right length",
    "revoked": "permissions are taken away and given back",
    "stale-client": "an application that asks no gate writes to the closed region",
}
"""Each with one line that says what it does."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults a run has, and how many.

    `share` is how many requests of all meet one, `budget` how many may in all; everything else happens `often`
    times. After `until_s` seconds nothing fails any more.
    """

    names: tuple[str, ...] = ()
    share: float = 0.02
    budget: int = 40
    often: int = 2
    until_s: float = 20.0

    def __contains__(self, name: str) -> bool:
        return name in self.names


def drawn(draw: random.Random, among: tuple[str, ...] = tuple(FAULTS)) -> Faults:
    """Draw up to five faults, none in one of eight runs, and how many of them there are."""
    count = min(len(among), draw.choice((0, 1, 1, 2, 2, 3, 4, 5)))
    names = tuple(sorted(draw.sample(sorted(among), count)))
    return Faults(
        names,
        share=draw.choice((0.003, 0.01, 0.03)),
        budget=draw.choice((10, 40, 120)),
        often=draw.choice((1, 2, 3)),
    )


def named(names: str) -> tuple[str, ...]:
    """Read names that are separated by commas. Raises InvalidInput for one that nobody knows."""
    found = tuple(sorted({one.strip() for one in names.split(",")} - {""}))
    strange = [one for one in found if one not in FAULTS]
    if strange:
        raise InvalidInput(f"there is no fault {strange[0]!r}", hint=f"known are {', '.join(FAULTS)}")
    return found
