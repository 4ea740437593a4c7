"""What rehearsals of a plan lead to expect: time, pause and exposure, from the runs together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from docferry.drill.rehearsal import Asked, Planned, Rehearsed


@dataclass(frozen=True, slots=True)
class Expected:
    """Times in seconds. `ready_s` is the time to cutover-ready, None if it never is; `plan_s` is the plan's own.

    `behind` is how old the oldest write was that one side lacked, over all looks at all runs.
    """

    runs: int
    switched: int
    copies_per_s: float
    records_per_s: float
    writes_per_s: float
    ready_s: float | None
    plan_s: float | None
    pauses_s: tuple[float, ...]
    longest_write_s: float
    behind: tuple[float, ...]
    most_writes_behind: int
    refusals: Counter[str]
    failed: tuple[Rehearsed, ...]

    def at(self, share: float) -> float | None:
        """Return how far behind one side was at most, at that share of all looks."""
        return self.behind[min(len(self.behind) - 1, int(share * len(self.behind)))] if self.behind else None

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values, times to a millisecond."""
        return {
            "runs": self.runs,
            "switched": self.switched,
            "copies_per_s": round(self.copies_per_s, 1),
            "records_written_per_s": round(self.records_per_s, 1),
            "writes_per_s": round(self.writes_per_s, 2),
            "seconds_to_cutover_ready": None if self.ready_s is None else round(self.ready_s, 1),
            "plan_seconds_to_cutover_ready": self.plan_s,
            "pause_s": {
                "median": _rounded(_median(self.pauses_s)),
                "worst": _rounded(max(self.pauses_s, default=None)),
            },
            "longest_write_s": _rounded(self.longest_write_s),
            "behind_s": {name: _rounded(self.at(share)) for name, share in SHARES.items()},
            "most_writes_behind": self.most_writes_behind,
            "refused": [{"why": why, "times": times} for why, times in self.refusals.most_common()],
            "failed": [
                {"seed": one.seed, "lost": one.lost, "violations": list(one.violations)} for one in self.failed
            ],
        }


SHARES = {"median": 0.5, "p99": 0.99, "worst": 1.0}


def expected(planned: Planned, asked: Asked, runs: Sequence[Rehearsed]) -> Expected:
    """Add up what runs came to; there is at least one."""
    copies, records = (median(getattr(one, name) for one in runs) for name in ("copies_per_s", "records_per_s"))
    return Expected(
        runs=len(runs),
        switched=sum(bool(one.pauses_s) for one in runs),
        copies_per_s=copies,
        records_per_s=records,
        writes_per_s=median(one.writes_per_s for one in runs),
        ready_s=planned.ready_after_s(copies, records, asked.writes_per_s),
        plan_s=planned.ready_s,
        pauses_s=tuple(sorted(pause for one in runs for pause in one.pauses_s)),
        longest_write_s=max(one.held_s for one in runs),
        behind=tuple(sorted(behind for one in runs for behind in one.oldest_s)),
        most_writes_behind=max(one.most_writes for one in runs),
        refusals=Counter(why.partition(":")[0] for one in runs for why in one.refusals),
        failed=tuple(one for one in runs if one.violations),
    )


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
