"""docferry status"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.text import Text

from docferry.cli import options, render
from docferry.cli.preflight_account import said_of
from docferry.cli.run import run_until_stopped
from docferry.domain.gate import Gate
from docferry.domain.journal import Presence
from docferry.domain.switch import State
from docferry.history import events
from docferry.migration import Directions, Migration
from docferry.phase import COMPLETED
from docferry.ports import Entry, Ledger
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.resume import COMPLETE, seed_of
from docferry.settings import Settings, load
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.checks import SEEN_WITHIN_S
from docferry.switch.memory import ended_switches, last_switch
from docferry.switch.phase import phase
from docferry.wiring import SWITCH, build

EVERY_S = 2.0
EVENTS_SHOWN = 8
SWITCHES_SHOWN = 3
CLIENTS_SHOWN = 8
ALIVE_S = 10.0


def status(
    watch: Annotated[bool, typer.Option(help="Keep showing it until stopped.")] = False,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Show phase, gates, switches, clients, progress, lag, differences, guarantees and the last events.

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
        return await gather(await build(connection, Progress()), settings)


async def _watch(settings: Settings, stop: asyncio.Event) -> None:
    async with connected(settings) as connection:
        directions = await build(connection, Progress())
        with Live(console=render.out, auto_refresh=False) as live:
            while not stop.is_set():
                live.update(Text(render.rows(_rows(await gather(directions, settings)))), refresh=True)
                await asyncio.wait({asyncio.ensure_future(stop.wait())}, timeout=EVERY_S)


async def gather(directions: Directions, settings: Settings) -> dict[str, Any]:
    """Read everything a person wants to know of a migration."""
    forward = directions.forward
    migration = await directions.in_force() or forward
    ledger = forward.ledger
    progress = dict(await ledger.read("progress") or {})
    gates = {"source": await forward.source_gate.read(), "target": await forward.target_gate.read()}
    last, now = await last_switch(ledger), migration.clock.now()
    return {
        "phase": await phase(ledger, gates["target"], last),
        "gates": {side: gate and _gate(gate) for side, gate in gates.items()},
        "direction": {"from": migration.source_region, "to": migration.target_region},
        "switch": last and {**last.summary(), "step": last.step.value, "attempt": last.attempt},
        "switches": [one.summary() for one in await ended_switches(ledger)],
        "leases": await _leases(ledger),
        "clients": [
            asdict(one) | {"seen_s_ago": round(now - one.seen_at, 1)} for one in await _clients(directions)
        ],
        "runner": _runner(progress, await ledger.read("lease/sync"), now),
        "backfill": await _backfill(ledger),
        "progress": progress or None,
        "guarantees": guarantees(progress, settings),
        "preflight": await said_of(ledger),
        "stuck": await forward.stuck.load(),
        "feeds": await _feeds(forward),
        "validations": await _validations(ledger),
        "events": await events(ledger),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return {"writer": gate.writer.value, "epoch": gate.epoch, "attempt": gate.attempt, "journal": gate.journal}


async def _leases(ledger: Ledger) -> list[dict[str, Any]]:
    held = [(name, await ledger.read(f"lease/{name}")) for name in ("sync", "repair", SWITCH)]
    return [
        {"name": name, "owner": one["owner"], "armed": one["armed"]} for name, one in held if one and one["owner"]
    ]


async def _clients(directions: Directions) -> list[Presence]:
    found = [
        one for each in (directions.forward, directions.reverse) for one in await each.source_journal.clients()
    ]
    latest = {one.client: one for one in sorted(found, key=lambda one: one.seen_at)}
    return sorted(latest.values(), key=lambda one: one.client)


def _client(presence: Presence, now: float) -> dict[str, Any]:
    return asdict(presence) | {"seen_s_ago": round(now - presence.seen_at, 1)}


async def _feeds(forward: Migration) -> dict[str, dict[str, int]]:
    sides = {"source": forward.feeds.source_documents, "target": forward.feeds.target_documents}
    found = {side: await feed.pending() for side, feed in sides.items()}
    return {
        side: {"waiting": one.waiting, "in_flight": one.in_flight, "dead": one.dead} for side, one in found.items()
    }


async def _validations(ledger: Ledger) -> list[dict[str, Any]]:
    found = []
    for level in Level:
        entry = await ledger.read(Scope(level).name)
        if entry:
            counts = {name: entry[name] for name in ("documents", "records", "undecided", "differences")}
            found.append({"level": level.value, **counts, "finished_at": entry.get("finished_at")})
    return found


def guarantees(progress: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Say which guarantees are in force, each as `yes`, `no` or `not known yet`, and what that means."""
    tried = (progress.get("heartbeat") or {}).get("conditional_copies")
    without = "no: a look right before and a confirm right after are what is left"
    return {
        "conditional copies": "not tried yet" if tried is None else "yes, tried" if tried else without,
        "version attribute": "no: records are compared by all attributes looked at, an added one goes unseen",
        "hard fence": _fence(settings),
        "fencing token": _token(settings),
        "lease": f"{settings.client.lease_s:g} s for applications, {settings.runner.lease_s:g} s for runners",
    }


def _fence(settings: Settings) -> str:
    fenced = [one.region for one in (settings.source, settings.target) if one.probe_role]
    if not fenced:
        return "no: who ignores the gate is not denied; what is written then is kept and reported"
    return f"in {' and '.join(fenced)}: installed and probed by each switch, who ignores the gate is denied"


def _token(settings: Settings) -> str:
    fenced = [one.region for one in (settings.source, settings.target) if one.worker_role]
    if not fenced:
        return "no: a dead worker's request that lands late is stopped by its condition only"
    return f"in {' and '.join(fenced)}: proved by each switch, the stores take nothing late from a dead worker"


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
        journal = ", journal on" if gate and gate["journal"] else ""
        yield f"gate {side}", f"{gate['writer']}, epoch {gate['epoch']}{journal}" if gate else "not set up"
    yield from _switches(shown)
    runner = shown["runner"]
    if runner:
        state = "at work" if runner["alive"] else "not at work"
        yield "runner", f"{runner['owner']}, {state}, last seen {runner['seen_s_ago']:.0f} s ago"
    living = [one for one in shown["clients"] if one["seen_s_ago"] < SEEN_WITHIN_S]
    yield "clients", f"{len(living)} with a lease, {len(shown['clients']) - len(living)} not seen lately"
    for one in living[:CLIENTS_SHOWN]:
        yield "", f"{one['client']} in {one['region']} at epoch {one['epoch']}, {one['seen_s_ago']:.0f} s ago"
    for name, one in shown["backfill"].items():
        yield "backfill", f"{name} {'done' if one['done'] else 'not done'}, {one['compared']:,} compared"
    yield from _progress(shown["progress"])
    for one in shown["stuck"]:
        yield "stuck", f"{one['kind']} {one['key']}: {one['reason']}"
    for side, feed in shown["feeds"].items():
        counts = f"{feed['waiting']} waiting, {feed['in_flight']} in flight, {feed['dead']} dead"
        yield f"feed {side}", counts
    for one in shown["validations"]:
        when = f"finished {_time(one['finished_at'])}" if one["finished_at"] else "not finished"
        compared = f"{render.count(one['documents'], 'document')}, {render.count(one['records'], 'record')}"
        found = render.count(one["differences"], "difference")
        yield "validation", f"{one['level']}: {found} in {compared}, {when}"
    yield "account", shown["preflight"]
    for name, said in shown["guarantees"].items():
        yield name, said
    for event in shown["events"][-EVENTS_SHOWN:]:
        yield _time(event["at"]), event["what"]


def _switches(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    under_way = shown["switch"]
    if under_way and under_way["state"] == State.RUNNING.value:
        turn = under_way["turn"]
        go_on = f"docferry {turn} goes on with it, docferry {turn} --abort undoes it"
        yield "under way", f"{turn}, step {under_way['step']}, attempt {under_way['attempt']}: {go_on}"
    if shown["phase"] != COMPLETED and COMPLETE in [one["attempt"] for one in shown["gates"].values() if one]:
        yield "under way", "complete, and the way back is closed: docferry complete goes on with it"
    for one in shown["switches"][-SWITCHES_SHOWN:]:
        held = f"writers held for {one['pause_s']:.2f} s" if one["state"] == State.DONE.value else one["state"]
        yield "switch", f"{one['turn']} to {one['to']}, epoch {one['epoch']}, {held}"
    for one in shown["leases"]:
        yield f"lease {one['name']}", one["owner"]


def _progress(progress: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not progress:
        return
    caught_up = "caught up" if progress["caught_up"] else "not caught up"
    failed = f"{progress['failures']:,} failures, {progress['conflicts']:,} conflicts kept"
    yield "follow", f"{progress['changes']:,} changes in the last run, {caught_up}, {failed}"
    if progress["last_failure"]:
        yield "last failure", progress["last_failure"]
    beat = progress.get("heartbeat") or {}
    if beat.get("seen_at"):
        back = f"back {render.seconds(beat['reverse_lag_s'])}" if beat["reverse_proved_at"] else "not proved"
        yield "heartbeat", f"{render.seconds(beat['lag_s'])} from acknowledged to visible, way back: {back}"
    if beat.get("last_failure"):
        yield "heartbeat", f"last failure: {beat['last_failure']}"
    median, high = (render.seconds(progress[name]) for name in ("lag_p50_s", "lag_p99_s"))
    yield "lag", f"{median} median, {high} at the 99th percentile, in the last run"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
