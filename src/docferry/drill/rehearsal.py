"""A plan rehearsed: the engine moves a sample on virtual time, and what that shows is measured from outside."""

import json
import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any

from docferry.domain.errors import DocferryError, InvalidInput
from docferry.domain.gate import Writer
from docferry.domain.switch import Turn
from docferry.drill.conditions import Conditions
from docferry.drill.scenario import Outcome, Scenario, play
from docferry.drill.site import Site
from docferry.simulation.faults import Faults
from docferry.simulation.loop import US
from docferry.simulation.weather import Request

LOOK_EVERY_US = 100_000
OPERATIONS_THAT_WRITE = 13 / 18
"""Of those of a simulated application."""
MOST_WRITES_PER_S = 200.0
TROUBLE_S = 60.0
"""Faults end so long after the beginning."""
HINT = "docferry plan makes one"


@dataclass(frozen=True, slots=True)
class Planned:
    """What of a plan is rehearsed. `requests` is what copying all documents takes; rates are a second's."""

    records: int
    bytes: int
    requests: int
    megabytes_per_s: float
    changes_per_s: float
    followed_per_s: float
    listing_s: float
    ready_s: float | None

    @classmethod
    def of(cls, path: Path) -> "Planned":
        """Read a plan.json. Raises InvalidInput."""
        try:
            return cls.from_entry(json.loads(path.read_bytes()))
        except OSError as error:
            raise InvalidInput(f"cannot read {path}: {error.strerror}", hint=HINT) from error
        except (
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            OverflowError,
            StopIteration,
            RecursionError,
        ) as error:
            raise InvalidInput(f"{path} is no plan", hint=HINT) from error

    @classmethod
    def from_entry(cls, plan: Mapping[str, Any]) -> "Planned":
        """Read a plan. Raises what malformed values raise."""
        if plan["format"] != 1:
            raise ValueError(plan["format"])
        documents, estimate = plan["documents"], plan["estimate"]
        assumed = {name: one["value"] for name, one in estimate["assumptions"].items()}
        parts = documents["multipart"]
        ready = estimate["seconds_to_cutover_ready"]
        planned = cls(
            records=int(plan["records"]["count"]),
            bytes=int(documents["bytes"]),
            requests=int(documents["count"] + parts["parts"] + parts["count"]),
            megabytes_per_s=float(assumed["megabytes_per_s"]),
            changes_per_s=float(assumed["changes_per_s"]),
            followed_per_s=float(assumed["followed_per_s"]),
            listing_s=next(float(one["seconds"]) for one in estimate["phases"] if one["name"] == "list documents"),
            ready_s=None if ready is None else float(ready),
        )
        if not all(0 <= one < math.inf for one in astuple(planned) if one is not None):
            raise ValueError("a figure is no figure")
        return planned

    def ready_after_s(self, copies_per_s: float, records_per_s: float, changes_per_s: float) -> float | None:
        """Return the time to cutover-ready at these rates; how bytes and listings go is the plan's assumption.

        None if nothing was brought, or changes come faster than the plan assumes that they are followed.
        """
        if not copies_per_s or not records_per_s:
            return None
        copying_s = max(self.requests / copies_per_s, self.bytes / max(self.megabytes_per_s * 1e6, 1.0))
        seconds = self.listing_s + copying_s + self.records / records_per_s
        spare = self.followed_per_s - changes_per_s
        return seconds * (1 + changes_per_s / spare) if spare > 0 else None


@dataclass(frozen=True, slots=True)
class Asked:
    """How it is rehearsed: `sample` documents, of which applications write to `keys`, so many `writes_per_s`."""

    sample: int
    keys: int
    writes_per_s: float
    conditions: Conditions
    lease_s: float
    faults: tuple[str, ...] = ()
    share: float = 0.01

    def scenario(self, seed: int) -> Scenario:
        """Return the run of a seed: everything is brought, followed and compared, and there is a cutover."""
        answer_s = sum(self.conditions.request_us) / US
        applications = max(2, math.ceil(self.writes_per_s / OPERATIONS_THAT_WRITE * (answer_s + 0.05)))
        rest_s = max(0.0, applications * OPERATIONS_THAT_WRITE / self.writes_per_s - answer_s)
        faults = Faults(self.faults, self.share, until_s=TROUBLE_S if self.faults else 0.0)
        return Scenario(
            seed,
            faults,
            (Turn.CUTOVER,),
            statics=self.sample - self.keys,
            keys=self.keys,
            applications=applications,
            lease_s=self.lease_s,
            conditions=replace(self.conditions, rest_s=2 * rest_s),
        )


@dataclass(slots=True)
class Watched:
    """Looks at a site from outside: when the backfill's writes landed, and now and then what one side lacks."""

    site: Site
    landed_us: dict[str, list[int]] = field(default_factory=lambda: {"documents": [], "records": []})
    oldest_s: list[float] = field(default_factory=list)
    most_writes: int = 0

    def __post_init__(self) -> None:
        self.site.network.watchers.append(self._landed)
        self._again()

    def _landed(self, request: Request, came: object) -> None:
        if self.site.network.reach.filled or not request.write or isinstance(came, DocferryError):
            return
        if request.region == "target" and request.service in self.landed_us:
            self.landed_us[request.service].append(self.site.loop.us)

    def _again(self) -> None:
        self.site.loop.after(LOOK_EVERY_US, self._look)

    def _look(self) -> None:
        self._again()
        if not self.site.network.reach.filled:
            return
        sides = self.site.sides.values()
        passive = [one for one in sides if one.gate.now and one.gate.now.writer is Writer.REPLICATOR]
        if len(passive) == 1:
            missing = self.site.oracle.missing(passive[0].found)
            self.most_writes = max(self.most_writes, len(missing))
            self.oldest_s.append((self.site.loop.us - min(missing)) / US if missing else 0.0)

    def per_s(self, service: str) -> float:
        """Return how fast the middle of a backfill went, 0 if nothing was brought.

        A sample is short, and its beginning and end are slow.
        """
        landed = self.landed_us[service]
        first, last = len(landed) // 5, len(landed) * 4 // 5
        took_us = landed[last] - landed[first] if landed else 0
        return (last - first) * US / took_us if took_us else 0.0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one run came to. Times in seconds, on its own clock.

    `oldest_s` is how old the oldest acknowledged write was that the other side lacked, at each look.
    """

    seed: int
    copies_per_s: float
    records_per_s: float
    pauses_s: tuple[float, ...]
    held_s: float
    oldest_s: tuple[float, ...]
    most_writes: int
    writes_per_s: float
    refusals: tuple[str, ...]
    violations: tuple[str, ...]
    lost: bool


def rehearse(asked: Asked, seed: int) -> Rehearsed:
    """Run one rehearsal to its end."""
    found: list[Watched] = []
    outcome: Outcome = play(asked.scenario(seed), lambda site: found.append(Watched(site)))
    (watched,) = found
    return Rehearsed(
        seed,
        watched.per_s("documents"),
        watched.per_s("records"),
        outcome.pauses_s,
        outcome.score.longest_s,
        tuple(watched.oldest_s),
        watched.most_writes,
        outcome.score.done / outcome.virtual_s,
        outcome.refusals,
        outcome.violations,
        outcome.lost,
    )
