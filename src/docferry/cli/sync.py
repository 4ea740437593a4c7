"""docferry sync"""

import asyncio
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from docferry import workflow
from docferry.cli import options, render, state_machine
from docferry.cli.preflight_account import ledger_of, refuse_blocked_beginning
from docferry.cli.run import run_until_stopped
from docferry.domain.errors import InvalidInput
from docferry.migration import Sync
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.wiring import build, throttle


class RunnerKind(StrEnum):
    """Where the engine runs."""

    PROCESS = "process"
    STEPFUNCTIONS = "stepfunctions"


def sync(
    once: Annotated[
        bool, typer.Option(help="End when the backfill is done and the change feeds are drained.")
    ] = False,
    rate_limit: Annotated[float | None, typer.Option(min=0.1, help="Backfill at most so many a second.")] = None,
    prefix: options.Prefix = "",
    reseed: Annotated[
        bool, typer.Option(help="Begin again: look at everything, whatever was done before.")
    ] = False,
    runner: Annotated[RunnerKind, typer.Option(help="Where the engine runs.")] = RunnerKind.PROCESS,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Copy what exists, then follow what changes, until stopped. Run it again to go on.

    --prefix bounds what is copied; changes are followed for every key, so that nothing carried before goes stale.

    With --runner stepfunctions the state machine does the whole migration in AWS: this starts it, or finds it at
    work, and shows how it stands until it has ended. Ctrl-C ends the showing only.

    Example: docferry sync --once --rate-limit 500
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    if runner is RunnerKind.STEPFUNCTIONS:
        if once or rate_limit or prefix or reseed:
            raise InvalidInput(
                "--once, --rate-limit, --prefix and --reseed are for --runner process",
                hint="leave them out: the state machine carries everything, its concurrency is Terraform's to say",
            )
        _show_execution(run_until_stopped(lambda stop: _sync_in_aws(settings, stop)), as_json=as_json)
        return
    asked = Sync(once=once, prefix=prefix, reseed=reseed)

    def show(progress: Progress) -> None:
        if as_json:
            render.as_json(progress.as_entry())
        else:
            render.out.print(summary(progress.as_entry()), markup=False)

    show(run_until_stopped(lambda stop: _sync(settings, asked, rate_limit, stop), show))


def _show_execution(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        render.as_json(result)
    else:
        render.out.print(f"{result['status'].lower()}: {result['execution']}", markup=False)


async def _sync_in_aws(settings: Settings, stop: asyncio.Event) -> dict[str, Any]:
    state_machine.named(settings)
    async with connected(settings) as connection:
        await refuse_blocked_beginning(ledger_of(connection))
    return await state_machine.run(settings, {}, stop)


async def _sync(settings: Settings, asked: Sync, rate_limit: float | None, stop: asyncio.Event) -> Progress:
    progress = Progress()
    async with connected(settings) as connection:
        directions = await build(connection, progress, throttle(rate_limit))
        await refuse_blocked_beginning(directions.forward.ledger)
        async with render.live(sync_state(progress, planned_documents())):
            await workflow.sync(directions, asked, stop)
    return progress


def planned_documents(plan: Path = Path("plan.json")) -> int | None:
    """Return how many documents the last plan in this directory counted, for the progress bar; None if none."""
    try:
        counted = json.loads(plan.read_text())["documents"]["count"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return counted if type(counted) is int and counted >= 0 else None


def sync_state(progress: Progress, planned: int | None) -> Callable[[], render.State]:
    """Return what shows a running sync, with rate and lag."""
    rate = render.Rate()

    def state() -> render.State:
        done = progress.documents_seen
        per_s = rate(done + progress.records_seen + progress.changes)
        said = f"{progress.phase} · {per_s:,.0f}/s · lag {render.seconds(progress.lag(0.5))} · "
        if progress.backfill_done:
            said += f"{progress.changes:,} changes" + (", caught up" if progress.caught_up else "")
        else:
            said += f"{done:,} documents, {progress.records_seen:,} records"
        if progress.failures:
            said += f" · {progress.failures:,} failures, will be tried again"
        copying = progress.phase == "backfill of documents"
        return said, done, planned if copying else None

    return state


def summary(result: Mapping[str, Any]) -> str:
    """Say in a few lines what a sync did."""
    lines = [
        f"backfill   {'done' if result['backfill_done'] else 'not done yet'}: "
        f"{result['documents_copied']:,} documents ({render.size(result['bytes_copied'])}) and "
        f"{result['records_copied']:,} records copied",
        f"follow     {result['changes']:,} changes, {result['documents_applied']:,} documents and "
        f"{result['records_applied']:,} records brought up to date, "
        f"{'caught up' if result['caught_up'] else 'not caught up yet'}",
        f"lag        {render.seconds(result['lag_p50_s'])} median, {render.seconds(result['lag_p99_s'])} at the "
        "99th percentile, from event to copy",
    ]
    foreign = result["foreign_documents"] + result["foreign_records"]
    if foreign:
        lines.append(f"left alone {foreign:,} at the target that docferry did not put there and the source lacks")
    if result["conflicts"]:
        lines.append(
            f"conflicts  {result['conflicts']:,} at the target that docferry had not written, "
            "kept before being written over: docferry conflicts"
        )
    if result["stuck"]:
        lines.append(f"stuck      {result['stuck']:,} that AWS refuses, see docferry status")
    if result["failures"]:
        lines.append(f"failures   {result['failures']:,}, tried again; the last: {result['last_failure']}")
    return "\n".join(lines)
