"""docferry demo"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.demo.run import Demo, Outcome, Watch
from docferry.demo.run import run as run_demo


def demo(
    documents: Annotated[
        Path | None,
        typer.Option(
            help="A folder of real documents; Python's own standard library unless given.", show_default=False
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many of them.", show_default=False)] = None,
    writers: Annotated[int, typer.Option(min=1, max=64, help="Live writers.")] = 4,
    seed: Annotated[int, typer.Option(help="What the writers' choices are drawn from.")] = 0,
    as_json: options.Json = False,
) -> None:
    """Run the main job on an embedded AWS of its own: no account, no Docker. Exits with 1 if anything was lost.

    Ingests real documents, starts live writers, then plans, syncs, validates, and compares what the target holds
    with the log of every write that was acknowledged.

    Example: docferry demo --limit 500 --writers 8
    """
    asked = Demo(documents, limit, writers, seed=seed)
    watch = Watch()
    outcome = run_until_stopped(lambda stop: until_stopped(_demo(asked, watch), stop))
    if as_json:
        render.as_json(outcome.as_json())
    else:
        _print(outcome)
    raise typer.Exit(0 if outcome.clean else 1)


async def _demo(asked: Demo, watch: Watch) -> Outcome:
    async with render.live(_state(watch)):
        return await run_demo(asked, watch)


def _state(watch: Watch) -> Callable[[], render.State]:
    rate = render.Rate()

    def state() -> render.State:
        progress = watch.progress
        if watch.phase not in ("sync", "draining", "validating"):
            return watch.phase, watch.done, watch.total
        written = f" · {watch.acknowledged():,} writes acknowledged"
        if watch.phase == "validating":
            counted = f"{progress.documents_seen:,} documents, {progress.records_seen:,} records compared"
            return f"validating: {counted}", progress.documents_seen, None
        done = progress.documents_seen + progress.records_seen + progress.changes
        said = f"{progress.phase} · {rate(done):,.0f}/s · lag {render.seconds(progress.lag(0.5))}{written}"
        counted = f"{progress.documents_seen:,} documents, {progress.records_seen:,} records"
        copying = progress.phase == "backfill of documents"
        return (
            f"{said} · {counted}, {progress.changes:,} changes",
            progress.documents_seen,
            watch.total if copying else None,
        )

    return state


def _rows(outcome: Outcome) -> Iterator[tuple[str, str]]:
    shown = outcome.as_json()
    moved = f"{shown['documents']:,} documents ({render.size(shown['bytes'])}) and {shown['records']:,} records"
    yield "moved", f"{moved} from us-east-1 to eu-west-1 (embedded)"
    met = ", ".join(f"{one['count']:,} {one['id']}" for one in outcome.plan.as_json()["hazards"]) or "none"
    yield "plan", f"hazards met: {met}"
    yield "backfill", f"{shown['backfill_documents_per_s']} documents/s, the writers going on beside it"
    written = f"{shown['writes_acknowledged']:,} writes acknowledged"
    yield "writers", f"{written}, {shown['failed_requests']:,} requests failed"
    median, high = (render.seconds(shown[name]) for name in ("lag_p50_s", "lag_p99_s"))
    measured = f"from acknowledged to visible at the target ({len(outcome.lags.samples)} samples)"
    yield "lag", f"{median} median, {high} at the 99th percentile, {measured}"
    yield "longest write", render.seconds(shown["max_write_pause_s"])
    yield "validation", f"{render.count(shown['differences'], 'difference')} (full)"
    losses = f"{shown['lost_writes']:,} lost writes, {shown['stale_writes']:,} stale"
    yield "oracle", f"{losses}, {shown['resurrected_deletes']:,} deletes resurrected"
    yield "took", render.seconds(shown["duration_s"])


def _print(outcome: Outcome) -> None:
    render.out.print(render.rows(_rows(outcome)), markup=False)
    for one in outcome.judgement.examples:
        render.out.print(
            f"{one.verdict.value}: {one.store} {one.key}: {one.expected}, found {one.found}", markup=False
        )
    verdict = (
        "[green]Nothing was lost.[/green]" if outcome.clean else "[red]Not everything arrived as it should.[/red]"
    )
    render.out.print(f"\n{verdict}")
