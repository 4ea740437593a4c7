"""docferry status"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.text import Text

from docferry.cli import options, render
from docferry.cli.run import run_until_stopped
from docferry.history import events
from docferry.migration import Migration
from docferry.ports import Entry, Ledger
from docferry.progress import Progress
from docferry.resume import seed_of
from docferry.settings import Settings, load
from docferry.stuck import Stuck
from docferry.wiring import build, connected

EVERY_S = 2.0
EVENTS_SHOWN = 8
ALIVE_S = 10.0


def status(
    watch: Annotated[bool, typer.Option(help="Keep showing it until stopped.")] = False,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Show phase, epoch, both gates, progress, lag, differences and the last events.

    Example: docferry status --watch
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    if watch and not as_json:
        run_until_stopped(lambda stop: _watch(settings, stop))
        return
    shown = run_until_stopped(lambda _: _once(settings))
    if as_json:
        render.as_json(shown)
    else:
        render.out.print(render.rows(_rows(shown)), markup=False)


async def _once(settings: Settings) -> dict[str, Any]:
    async with connected(settings) as connection:
        return await gather(await build(connection, Progress()))


async def _watch(settings: Settings, stop: asyncio.Event) -> None:
    async with connected(settings) as connection:
        migration = await build(connection, Progress())
        with Live(console=render.out, auto_refresh=False) as live:
            while not stop.is_set():
                live.update(Text(render.rows(_rows(await gather(migration)))), refresh=True)
                await asyncio.wait({asyncio.ensure_future(stop.wait())}, timeout=EVERY_S)


async def gather(migration: Migration) -> dict[str, Any]:
    """Read everything a person wants to know of a migration."""
    ledger = migration.ledger
    progress = dict(await ledger.read("progress") or {})
    gates = {
        "source": await migration.source_gate.read(),
        "target": await migration.target_gate.read(),
    }
    pending = await migration.feeds.pending()
    shown: dict[str, Any] = {
        "phase": "sync" if gates["target"] else "planning",
        "gates": {
            side: {"writer": gate.writer.value, "epoch": gate.epoch, "journal": gate.journal} if gate else None
            for side, gate in gates.items()
        },
        "runner": _runner(progress, await ledger.read("lease/sync"), migration.clock.now()),
        "backfill": await _backfill(ledger),
        "progress": progress or None,
        "stuck": await Stuck(ledger).load(),
        "feeds": {"waiting": pending.waiting, "in_flight": pending.in_flight, "dead": pending.dead},
        "validations": [],
        "events": await events(ledger),
    }
    for level in ("quick", "full", "bytes"):
        entry = await ledger.read(f"validate/{level}/1/")
        if entry:
            counts = {name: entry[name] for name in ("documents", "records", "undecided", "differences")}
            shown["validations"].append({"level": level, **counts, "finished_at": entry.get("finished_at")})
    return shown


async def _backfill(ledger: Ledger) -> dict[str, Any]:
    seed, found = await seed_of(ledger), {}
    for name in ("documents", "records") if seed else ():
        assert seed is not None
        entry = await ledger.read(seed.backfill(name, "")) or {}
        found[name] = {"done": bool(entry.get("done")), "compared": entry.get(name, 0)}
    return found


def _runner(progress: dict[str, Any], lease: Entry | None, now: float) -> dict[str, Any] | None:
    if not progress:
        return None
    ago = now - progress["at"]
    alive = bool(lease and lease["owner"]) and ago < ALIVE_S
    return {"owner": progress["owner"], "seen_s_ago": round(ago, 1), "alive": alive}


def _rows(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "phase", shown["phase"]
    for side, gate in shown["gates"].items():
        yield f"gate {side}", f"{gate['writer']}, epoch {gate['epoch']}" if gate else "not set up"
    runner = shown["runner"]
    if runner:
        state = "at work" if runner["alive"] else "not at work"
        yield "runner", f"{runner['owner']}, {state}, last seen {runner['seen_s_ago']:.0f} s ago"
    for name, one in shown["backfill"].items():
        yield "backfill", f"{name} {'done' if one['done'] else 'not done'}, {one['compared']:,} compared"
    yield from _progress(shown["progress"])
    for one in shown["stuck"]:
        yield "stuck", f"{one['kind']} {one['key']}: {one['reason']}"
    feeds = shown["feeds"]
    yield "feeds", f"{feeds['waiting']} waiting, {feeds['in_flight']} in flight, {feeds['dead']} dead"
    for one in shown["validations"]:
        when = f"finished {_time(one['finished_at'])}" if one["finished_at"] else "not finished"
        compared = f"{render.count(one['documents'], 'document')}, {render.count(one['records'], 'record')}"
        found = render.count(one["differences"], "difference")
        yield "validation", f"{one['level']}: {found} in {compared}, {when}"
    for event in shown["events"][-EVENTS_SHOWN:]:
        yield _time(event["at"]), event["what"]


def _progress(progress: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not progress:
        return
    caught_up = "caught up" if progress["caught_up"] else "not caught up"
    failed = f"{progress['failures']:,} failures, {progress['conflicts']:,} conflicts kept"
    yield "follow", f"{progress['changes']:,} changes in the last run, {caught_up}, {failed}"
    if progress["last_failure"]:
        yield "last failure", progress["last_failure"]
    median, high = (render.seconds(progress[name]) for name in ("lag_p50_s", "lag_p99_s"))
    yield "lag", f"{median} median, {high} at the 99th percentile, in the last run"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
