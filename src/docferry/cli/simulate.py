"""docferry simulate"""

import gc
import json
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from docferry.cli import options, render
from docferry.cli.run import INTERRUPTED
from docferry.drill.campaign import Campaign, State
from docferry.drill.replay import replay
from docferry.drill.scenario import Outcome, play, scenario_of
from docferry.drill.tally import Tally
from docferry.simulation.faults import FAULTS, named

SHOWN = 3
PLAIN_EVERY_S = 30.0
SAVED_EVERY_S = 5.0


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
    processes: Annotated[
        int, typer.Option(min=0, help="How many processes run them; 0 is one for each core.")
    ] = 1,
    state: Annotated[
        Path | None,
        typer.Option(help="Keep in this file what is done, and go on from there.", show_default=False),
    ] = None,
    failures: Annotated[int, typer.Option(min=0, help="End once so many runs have failed; 0 never does.")] = 0,
    crash_points: Annotated[
        bool, typer.Option("--crash-points", help="List the effects that met no crash or failure.")
    ] = False,
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
    campaign = Campaign(first, seeds, names, failures)
    kept = State(state, campaign)
    tally = kept.load()
    whole = _run(campaign, kept, tally, processes or os.cpu_count() or 1)
    if as_json:
        render.as_json(_as_json(tally, first, faults))
    else:
        render.out.print(render.rows(_rows(tally, faults, crash_points=crash_points)), markup=False)
    if not whole:
        again = "run the same command again to go on" if state else "nothing was kept, as no --state was given"
        typer.echo(f"docferry: stopped; {again}", err=True)
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(1 if tally.failures else 0)


def _run(campaign: Campaign, kept: State, tally: Tally, processes: int) -> bool:
    """Run a campaign and tell whether it came to its end, rather than being stopped."""
    # What was imported stays: the collector need not go through it after each run.
    gc.freeze()
    with _stopping() as stop, _bar(campaign, tally) as shown:
        saved_at = -math.inf

        def told() -> None:
            nonlocal saved_at
            shown.move()
            if time.monotonic() - saved_at >= SAVED_EVERY_S:
                kept.save(tally)
                saved_at = time.monotonic()

        try:
            campaign.run(tally, processes, told, lambda: bool(stop))
        finally:
            kept.save(tally)
        return not stop


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """Have Ctrl-C and SIGTERM be noted, rather than cut a run off."""
    noted: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: noted.append(number)) for one in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Shown:
    """Shows how far a campaign is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, bar: Progress, campaign: Campaign, tally: Tally) -> None:
        self._bar, self._seeds, self._tally = bar, campaign.seeds, tally
        self._task = bar.add_task("", total=campaign.seeds, completed=tally.runs)
        self._said_at = time.monotonic()

    def move(self) -> None:
        """Show where it stands."""
        said = f"{len(self._tally.failures)} failed"
        self._bar.update(self._task, completed=self._tally.runs, description=said)
        if not render.err.is_terminal and time.monotonic() - self._said_at >= PLAIN_EVERY_S:
            self._said_at = time.monotonic()
            typer.echo(f"{self._tally.runs:,} of {self._seeds:,} runs, {said}", err=True)


@contextmanager
def _bar(campaign: Campaign, tally: Tally) -> Iterator[_Shown]:
    times = (TimeElapsedColumn(), TextColumn("ETA"), TimeRemainingColumn())
    columns = (BarColumn(16), MofNCompleteColumn(), *times, TextColumn("{task.description}"))
    with Progress(*columns, console=render.err, transient=True, disable=not render.err.is_terminal) as bar:
        yield _Shown(bar, campaign, tally)


def _as_json(tally: Tally, first: int, faults: str | None) -> dict[str, Any]:
    points = tally.crash_points()
    return {
        "runs": tally.runs,
        "full_sized": tally.full,
        "first": first,
        "failed": [
            {
                "seed": one.seed,
                "lost": one.lost,
                "violations": list(one.violations),
                "replay": replay(one.seed, faults),
            }
            for one in tally.failures
        ],
        "virtual_s": round(tally.virtual_s, 3),
        "writes_acknowledged": tally.writes,
        "reads": tally.reads,
        "switches": tally.switches,
        "longest_pause_s": round(tally.longest_pause_s, 3),
        "faults": dict(sorted(tally.faults.items())),
        "crash_points": {
            "effects": points.effects,
            "can_be_met": points.can,
            "met": points.met,
            "never": [{**point._asdict(), "harm": harm.value} for point, harm in points.never],
        },
    }


def _rows(tally: Tally, faults: str | None, *, crash_points: bool) -> list[tuple[str, str]]:
    points = tally.crash_points()
    met = ", ".join(f"{count:,} {name}" for name, count in sorted(tally.faults.items())) or "none"
    share = f"{points.met / points.can:.1%}" if points.can else "none"
    sizes = f"{tally.full:,} of them full-sized, {tally.virtual_s / 3600:,.1f} hours of virtual time"
    shown = [
        ("runs", f"{tally.runs:,}, {sizes}"),
        ("applications", f"{tally.writes:,} writes acknowledged, {tally.reads:,} reads"),
        ("switches", f"{tally.switches:,}, writers held for {render.seconds(tally.longest_pause_s)} at most"),
        ("faults met", met),
        ("crash points", f"{points.met:,} of {points.can:,} met ({share}), in {points.effects:,} effects"),
        ("failed", f"{len(tally.failures):,} runs"),
    ]
    if crash_points:
        shown += [("never met", f"{point}: {', '.join(harms)}") for point, harms in points.never_by_point()]
    for one in tally.failures:
        shown.append((f"seed {one.seed}", "DATA WAS LOST" if one.lost else "no data was lost"))
        shown += [("", said) for said in one.violations[:SHOWN]]
        shown.append(("", replay(one.seed, faults)))
    return shown


def _show(outcome: Outcome, faults: str | None, *, as_json: bool) -> None:
    scenario = outcome.scenario
    about = {
        "seed": scenario.seed,
        "faults": list(scenario.faults.names),
        "switches": [one.value for one in scenario.switches],
        "hash": outcome.digest,
        "violations": list(outcome.violations),
        "lost": outcome.lost,
        "replay": replay(scenario.seed, faults),
    }
    if as_json:
        lines = [{"at_s": one.us / 1e6, "who": one.who, "what": one.what} for one in outcome.events]
        render.as_json({**about, "timeline": lines})
    else:
        sys.stdout.writelines(f"{one}\n" for one in outcome.events)
        named_so = [(name, said if isinstance(said, str) else json.dumps(said)) for name, said in about.items()]
        render.out.print("\n" + render.rows(named_so), markup=False)
    raise typer.Exit(1 if outcome.violations else 0)
