"""docferry demo"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.demo.outcome import Outcome
from docferry.demo.run import Demo, Watch
from docferry.demo.run import run as run_demo
from docferry.demo.switching import Switched


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
    """Run the whole job on an embedded AWS of its own: no account, no Docker. Exits with 1 if anything was lost.

    Ingests real documents and starts live writers, who never stop; then plans, syncs, validates, cuts over, rolls
    back, cuts over again and completes, and compares what the target holds with the log of every write that was
    acknowledged.

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
        written = f" · {watch.acknowledged():,} writes acknowledged"
        if watch.phase == "sync":
            return _syncing(watch, rate, written)
        if watch.phase == "validating":
            checking = watch.checking
            counted = f"{checking.documents_seen:,} documents, {checking.records_seen:,} records compared"
            return f"validating: {counted}{written}", checking.documents_seen, None
        return f"{watch.phase}{written if watch.acknowledged() else ''}", watch.done, watch.total

    return state


def _syncing(watch: Watch, rate: render.Rate, written: str) -> render.State:
    progress = watch.progress
    done = progress.documents_seen + progress.records_seen + progress.changes
    said = f"{progress.phase} · {rate(done):,.0f}/s · lag {render.seconds(progress.lag(0.5))}{written}"
    counted = f"{progress.documents_seen:,} documents, {progress.records_seen:,} records"
    copying = progress.phase == "backfill of documents"
    return (
        f"{said} · {counted}, {progress.changes:,} changes",
        progress.documents_seen,
        watch.total if copying else None,
    )


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
    measured = f"from acknowledged to visible at the target ({len(outcome.moved.lags.samples)} samples)"
    yield "lag", f"{median} median, {high} at the 99th percentile, {measured}"
    yield from map(_switch, outcome.moved.switches)
    yield "longest write", f"{render.seconds(shown['max_write_pause_s'])}, from asking to acknowledged"
    yield "validation", f"{render.count(shown['differences'], 'difference')} (full, twice, the writers going on)"
    yield "complete", _completed(outcome)
    losses = f"{shown['lost_writes']:,} lost writes, {shown['stale_writes']:,} stale"
    yield "oracle", f"{losses}, {shown['resurrected_deletes']:,} deletes resurrected"
    yield "took", render.seconds(shown["duration_s"])


def _switch(one: Switched) -> tuple[str, str]:
    switch, (step, seconds) = one.switch, one.longest
    way = f"{switch.source_region} → {switch.target_region}, epoch {switch.epoch}"
    held = f"writers held {render.seconds(switch.pause_s)} (most of it: {step} {render.seconds(seconds)})"
    return switch.turn.value, f"{way}, {held}{'' if switch.verified else ', not verified'}"


def _completed(outcome: Outcome) -> str:
    if not outcome.moved.complete:
        return "not done, because something differs"
    took = render.seconds(outcome.moved.completed_s)
    return f"took {took}; since then nothing is carried back, and there is no rollback"


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
