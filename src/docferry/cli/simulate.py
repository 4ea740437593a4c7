"""docferry simulate"""

import json
import sys
from collections import Counter
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from docferry.cli import options, render
from docferry.drill.scenario import Outcome, play, scenario_of
from docferry.simulation.faults import FAULTS, named

SHOWN = 3


def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many runs.")] = 100,
    first: Annotated[int, typer.Option(min=0, help="The seed of the first run; the others count on from it.")] = 0,
    faults: Annotated[
        str | None,
        typer.Option(
            help="Only these, separated by commas, or none if empty; drawn from the seed unless given.",
            show_default=False,
        ),
    ] = None,
    timeline: Annotated[bool, typer.Option("--timeline", help="Print what happened in the first run.")] = False,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Print what may go wrong, and end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Run whole migrations of this very engine on virtual time, with faults, and see that nothing is lost.

    Backfill, follow, live writers, validation and switches run over stores in memory, without AWS. A seed decides
    everything: the same seed is the same run. Exits with 1 if anything that must hold did not.

    Example: docferry simulate --seeds 200 --faults crash,late-events
    """
    if list_faults:
        render.out.print(render.rows(FAULTS.items()), markup=False)
        return
    names = None if faults is None else named(faults)
    if timeline:
        _show(play(scenario_of(first, names)), faults, as_json=as_json)
        return
    summary = _Summary(first, seeds, faults)
    _run(summary, names)
    if as_json:
        render.as_json(summary.as_json())
    else:
        render.out.print(render.rows(summary.rows()), markup=False)
    raise typer.Exit(1 if summary.failed else 0)


class _Summary:
    """Adds up outcomes."""

    def __init__(self, first: int, seeds: int, faults: str | None) -> None:
        self.first, self.seeds, self.faults = first, seeds, faults
        self.failed: list[Outcome] = []
        self._faults: Counter[str] = Counter()
        self._runs = self._operations = self._switches = self._reads = 0
        self._virtual_s = self._pause_s = 0.0

    def take(self, outcome: Outcome) -> None:
        """Take one in; only one that failed is kept."""
        self._runs += 1
        self._faults.update(outcome.happened)
        self._operations += outcome.score.done
        self._reads += outcome.score.reads
        self._switches += outcome.switches
        self._virtual_s += outcome.virtual_s
        self._pause_s = max(self._pause_s, outcome.longest_pause_s)
        if outcome.violations:
            self.failed.append(outcome)

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "runs": self._runs,
            "first": self.first,
            "failed": [
                {"seed": one.scenario.seed, "violations": list(one.violations), "replay": self._replay(one)}
                for one in self.failed
            ],
            "virtual_s": round(self._virtual_s, 3),
            "writes_acknowledged": self._operations,
            "reads": self._reads,
            "switches": self._switches,
            "longest_pause_s": round(self._pause_s, 3),
            "faults": dict(sorted(self._faults.items())),
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return it as a person reads it."""
        met = ", ".join(f"{count:,} {name}" for name, count in sorted(self._faults.items())) or "none"
        shown = [
            ("runs", f"{self._runs:,}, {self._virtual_s / 3600:,.1f} hours of virtual time"),
            ("applications", f"{self._operations:,} writes acknowledged, {self._reads:,} reads"),
            ("switches", f"{self._switches:,}, writers held for {render.seconds(self._pause_s)} at most"),
            ("faults met", met),
            ("failed", f"{len(self.failed):,} runs"),
        ]
        for one in self.failed:
            shown += [(f"seed {one.scenario.seed}", said) for said in one.violations[:SHOWN]]
            shown.append(("", self._replay(one)))
        return shown

    def _replay(self, one: Outcome) -> str:
        return replay(one, self.faults)


def replay(outcome: Outcome, faults: str | None) -> str:
    """Return the command that runs the very same again and shows it."""
    asked = "" if faults is None else f' --faults "{faults}"'
    return f"docferry simulate --first {outcome.scenario.seed} --seeds 1{asked} --timeline"


def _run(summary: _Summary, names: tuple[str, ...] | None) -> None:
    said = TextColumn("{task.description}")
    columns = (BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(), said)
    with Progress(*columns, console=render.err, transient=True, disable=not render.err.is_terminal) as bar:
        shown = bar.add_task("", total=summary.seeds)
        for seed in range(summary.first, summary.first + summary.seeds):
            summary.take(play(scenario_of(seed, names)))
            bar.update(shown, advance=1, description=f"{len(summary.failed)} failed")


def _show(outcome: Outcome, faults: str | None, *, as_json: bool) -> None:
    scenario = outcome.scenario
    about = {
        "seed": scenario.seed,
        "faults": list(scenario.faults.names),
        "switches": [one.value for one in scenario.switches],
        "hash": outcome.digest,
        "violations": list(outcome.violations),
        "replay": replay(outcome, faults),
    }
    if as_json:
        lines = [{"at_s": one.us / 1e6, "who": one.who, "what": one.what} for one in outcome.events]
        render.as_json({**about, "timeline": lines})
    else:
        sys.stdout.writelines(f"{one}\n" for one in outcome.events)
        named_so = [(name, said if isinstance(said, str) else json.dumps(said)) for name, said in about.items()]
        render.out.print("\n" + render.rows(named_so), markup=False)
    raise typer.Exit(1 if outcome.violations else 0)
