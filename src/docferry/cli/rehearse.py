"""docferry rehearse"""

import os
import signal
from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context
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
from docferry.domain.errors import InvalidInput
from docferry.drill.conditions import Conditions
from docferry.drill.expected import Expected, expected
from docferry.drill.rehearsal import MOST_WRITES_PER_S, Asked, Planned, Rehearsed, rehearse
from docferry.migration import Tuning
from docferry.settings import DEADLINE_S, DEFAULT_FILE, Client, Fence, Runner, load
from docferry.simulation.faults import named
from docferry.simulation.loop import US
from docferry.switch.terms import Terms
from docferry.wiring import SETTLE_S

WITHIN_S = 1800.0
PAGE_ROWS, MESSAGES = 1000, 80
"""Of AWS's listings, and of what the engine receives from a queue at once."""
SHOWN = 3


def _duration(said: str, default: str) -> Any:
    return typer.Option(parser=options.duration, metavar="DURATION", help=said, show_default=default)


def rehearse_plan(
    plan: Annotated[Path, typer.Argument(help="What docferry plan has written.")] = Path("plan.json"),
    runs: Annotated[int, typer.Option(min=1, max=1000, help="How many runs, each of another seed.")] = 5,
    first: Annotated[int, typer.Option(min=0, help="The seed of the first run.")] = 0,
    sample: Annotated[int, typer.Option(min=20, max=5000, help="Documents in a run.")] = 300,
    keys: Annotated[int, typer.Option(min=1, max=1000, help="How many of them applications write to.")] = 40,
    writes: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=MOST_WRITES_PER_S,
            help="Writes a second; changes_per_s of the plan unless given.",
            show_default=False,
        ),
    ] = None,
    latency: Annotated[float, _duration("How long a request takes, there and back.", "40ms")] = 0.04,
    event_lag: Annotated[float, _duration("How late events are at most.", "1s")] = 1.0,
    max_pause: Annotated[float, _duration("As of docferry cutover.", "5s")] = 5.0,
    max_lag: Annotated[float, _duration("As of docferry cutover.", "2s")] = 2.0,
    faults: Annotated[
        str, typer.Option(help="What goes wrong in the first minute: see docferry simulate --list-faults.")
    ] = "",
    share: Annotated[
        float, typer.Option(min=0.0001, max=0.2, help="Which share of all requests meets a fault.")
    ] = 0.01,
    processes: Annotated[
        int, typer.Option(min=0, help="How many processes run them; 0 is one for each core.")
    ] = 0,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Rehearse a plan: expected time, pause and exposure, from runs of this very engine on virtual time.

    A sample is moved without AWS while applications write as fast as yours do. What is measured: how fast it is
    brought, how long writers are held by the cutover, and how far one side is behind the other. Exits with 1 if
    anything that must hold did not.

    Example: docferry rehearse plan.json --writes 25 --latency 60ms --event-lag 5s --max-lag 10s
    """
    planned = Planned.of(plan)
    if 2 * keys > sample:
        raise InvalidInput(f"--keys {keys} is more than half of --sample {sample}", hint="give a larger --sample")
    runner, client, fence = _settings(config)
    conditions = Conditions(
        # Where the settings leave it open, a sandbox's differ from AWS's: what is rehearsed is AWS.
        terms=Terms(max_pause_s=max_pause, max_lag_s=max_lag, deadline_s=client.deadline_s or DEADLINE_S),
        tuning=Tuning(runner.window, runner.scan_segments, runner.settle_s or SETTLE_S),
        request_us=(int(latency / 4 * US), int(latency * 3 / 4 * US)),
        event_us=(int(event_lag / 10 * US), int(event_lag * US)),
        page_rows=PAGE_ROWS,
        messages=MESSAGES,
        within_s=WITHIN_S,
        runner_lease_s=runner.lease_s,
        token_s=fence.token_s,
    )
    rate = _rate(planned, writes)
    asked = Asked(sample, keys, rate, conditions, client.lease_s, named(faults), share)
    found = expected(planned, asked, _runs(asked, range(first, first + runs), processes or os.cpu_count() or 1))
    if as_json:
        render.as_json(found.as_json())
    else:
        render.out.print(render.rows(_rows(found, asked, latency, event_lag)), markup=False)
    raise typer.Exit(1 if found.failed else 0)


def _rate(planned: Planned, writes: float | None) -> float:
    rate = writes or max(planned.changes_per_s, 0.1)
    if rate > MOST_WRITES_PER_S:
        raise InvalidInput(
            f"the plan's {rate:g} changes a second are too many to rehearse",
            hint=f"give --writes, up to {MOST_WRITES_PER_S:g}",
        )
    return rate


def _settings(config: Path | None) -> tuple[Runner, Client, Fence]:
    if config is None and not DEFAULT_FILE.exists():
        return Runner(), Client(), Fence()
    settings = load(config)
    return settings.runner, settings.client, settings.fence


def _runs(asked: Asked, seeds: range, processes: int) -> list[Rehearsed]:
    columns = (BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("ETA"), TimeRemainingColumn())
    with Progress(*columns, console=render.err, transient=True, disable=not render.err.is_terminal) as bar:
        return list(bar.track(_each(asked, seeds, min(processes, len(seeds))), total=len(seeds)))


def _each(asked: Asked, seeds: range, processes: int) -> Iterator[Rehearsed]:
    if processes == 1:
        yield from map(partial(rehearse, asked), seeds)
        return
    # Whoever leaves early, by Ctrl-C or SIGTERM, ends the processes with what they do.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with get_context("spawn").Pool(processes, _begin) as pool:
        yield from pool.imap(partial(rehearse, asked), seeds)


def _begin() -> None:
    # Ctrl-C reaches every process of a terminal: it is for the parent to heed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _rows(found: Expected, asked: Asked, latency_s: float, event_lag_s: float) -> list[tuple[str, str]]:
    pauses = found.pauses_s
    sizes = f"{asked.sample:,} documents with their records, {asked.keys:,} of them written to"
    times = f"requests of {render.seconds(latency_s)}, events up to {render.seconds(event_lag_s)} late"
    middle = pauses[len(pauses) // 2] if pauses else None
    longest = pauses[-1] if pauses else None
    terms = asked.conditions.terms or Terms()
    behind = [f"{render.seconds(found.at(share))} {said}" for said, share in SAID_BEHIND]
    shown = [
        ("rehearsed", f"{render.count(found.runs, 'run')} of {sizes}; {times}"),
        ("writes", f"{found.writes_per_s:.1f}/s were acknowledged"),
        ("backfill", f"{found.copies_per_s:,.0f} documents a second, then {found.records_per_s:,.0f} records"),
        ("ready", f"after {_time(found.ready_s)} at these rates; the plan assumes {_time(found.plan_s)}"),
        ("switched", f"{found.switched} of {render.count(found.runs, 'run')}"),
        (
            "pause",
            f"{render.seconds(middle)} median, {render.seconds(longest)} at worst, of {terms.max_pause_s:g} s",
        ),
        ("longest write", render.seconds(found.longest_write_s)),
        ("behind", f"{', '.join(behind)}; {render.count(found.most_writes_behind, 'write')} at worst"),
    ]
    shown += [("refused", f"{times}: {why}") for why, times in found.refusals.most_common(SHOWN)]
    lost = any(one.lost for one in found.failed)
    shown.append(("lost", "DATA WAS LOST" if lost else "nothing"))
    for one in found.failed:
        shown += [(f"seed {one.seed}", said) for said in one.violations[:SHOWN]]
    return shown


SAID_BEHIND = (("median", 0.5), ("99 % of the time", 0.99), ("at worst", 1.0))


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "a time that cannot be told: nothing was brought, or changes come faster than they are followed"
    return render.seconds(seconds) if seconds < 2 * 3600 else f"{seconds / 3600:,.1f} h"
