"""docferry validate"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from docferry import workflow
from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.domain.errors import InvalidInput, Refused
from docferry.domain.switch import State
from docferry.migration import Directions, Migration
from docferry.ports import Entry
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.stages.integrity import Integrity, check_integrity
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.memory import last_switch
from docferry.wiring import build, require_stores

LISTED = 50
_FROM_TO = ("from", "to")


def validate(
    level: Annotated[
        Level, typer.Option(help="quick: listings; full: every document looked at; bytes: read.")
    ] = Level.FULL,
    sample: Annotated[str, typer.Option(help="Share of the keys to compare, such as 1%.")] = "100%",
    prefix: options.Prefix = "",
    repair: Annotated[bool, typer.Option(help="Bring each difference to the source's state.")] = False,
    restart: Annotated[bool, typer.Option(help="Begin again, even if a run was cut off.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write all differences here, one JSON a line.", show_default=False)
    ] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Compare both stores and list what differs. Exits with 1 if anything does. Run it again to go on.

    `source` is the side that applications write in now, and `target` the other: after a cutover they have changed
    places.

    A difference is looked at twice before it counts, because writers may be live. Records that name a missing
    document and documents that no record names are reported beside it.

    Example: docferry validate --level full --output differences.jsonl
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    scope = Scope(level, share(sample), prefix)
    result = run_until_stopped(lambda stop: _validate(settings, scope, repair, output, restart, stop))
    if as_json:
        render.as_json(result)
    else:
        _print(result)
    raise typer.Exit(1 if result["differences"] > result["repaired"] else 0)


def share(text: str) -> float:
    """Read a share of the keys. Raises InvalidInput."""
    try:
        held = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        held = 0.0
    if not 0 < held <= 1:
        raise InvalidInput(f"--sample {text!r} is no share of the keys", hint="such as 1% or 0.01")
    return held


async def _validate(
    settings: Settings, scope: Scope, repair: bool, output: Path | None, restart: bool, stop: asyncio.Event
) -> dict[str, Any]:
    progress = Progress()
    with render.lines_to(output) as write:
        async with connected(settings) as connection:
            await require_stores(connection)
            directions = await build(connection, progress, lease="repair")
            migration = await _in_force(directions)
            async with render.live(_state(progress)):
                validation = await until_stopped(
                    workflow.validate(migration, scope, lambda _: None, restart=restart), stop
                )
                listed: list[Entry] = []
                async for one in validation.differences():
                    write(one)
                    listed += [one] if len(listed) < LISTED else []
                whole = not scope.prefix and scope.sample >= 1
                repaired = (
                    await workflow.mend(migration, validation.differences(), stop) if repair and listed else 0
                )
                integrity = await until_stopped(_integrity(migration), stop) if whole else None
    entry = validation.checkpoint.entry
    counts = {name: entry[name] for name in ("documents", "records", "undecided", "differences")}
    return {
        "level": scope.level.value,
        "sample": scope.sample,
        "prefix": scope.prefix,
        "from": migration.source_region,
        "to": migration.target_region,
        **counts,
        "repaired": repaired,
        "conflicts": progress.conflicts,
        "resumed": entry["resumed"],
        "started_at": entry["started_at"],
        "duration_s": round(entry["finished_at"] - entry["started_at"], 3),
        "listed": listed,
        "integrity": integrity and asdict(integrity),
    }


async def _in_force(directions: Directions) -> Migration:
    found = await directions.in_force()
    last = await last_switch(directions.forward.ledger)
    if found is None and last and last.state is State.RUNNING:
        raise Refused(f"a {last.turn.value} is under way; nothing was compared", hint="docferry status shows it")
    return found or directions.forward


async def _integrity(migration: Migration) -> Integrity:
    with TemporaryDirectory(prefix="docferry-") as directory:
        return await check_integrity(
            migration.documents.target,
            migration.records.target,
            migration.records.document_attribute,
            Path(directory),
            segments=migration.tuning.scan_segments,
        )


def _state(progress: Progress) -> Callable[[], render.State]:
    rate = render.Rate()

    def state() -> render.State:
        done = progress.documents_seen + progress.records_seen
        said = (
            f"{progress.phase}: {progress.documents_seen:,} documents, {progress.records_seen:,} records compared"
            f" · {rate(done):,.0f}/s · {progress.differences:,} differences"
        )
        return said, done, None

    return state


def _print(result: dict[str, Any]) -> None:
    for one in result["listed"]:
        what = ", ".join(one["fields"]) or f"only in {result[_FROM_TO[one['source'] is None]]}"
        key = one["key"] if isinstance(one["key"], str) else json.dumps(one["key"], ensure_ascii=False)
        render.out.print(f"{one['kind']:8}  {key}  {what}", markup=False)
        for side, end in (("source", "from"), ("target", "to")):
            render.out.print(f"    {result[end]}: {_brief(one, side)}", markup=False)
    if result["differences"] > len(result["listed"]):
        render.out.print(f"… and {result['differences'] - len(result['listed']):,} more; --output FILE lists all")
    compared = f"{render.count(result['documents'], 'document')} and {render.count(result['records'], 'record')}"
    found = f"{render.count(result['differences'], 'difference')}, {result['repaired']:,} repaired"
    render.out.print(f"{compared} compared ({result['level']}, {result['from']} → {result['to']}): {found}")
    if result["conflicts"]:
        render.out.print(
            f"{render.count(result['conflicts'], 'state')} in {result['to']} that docferry had not written, kept "
            "before being written over: docferry conflicts"
        )
    if result["resumed"]:
        began = datetime.fromtimestamp(result["started_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        render.out.print(f"gone on with from a run that was cut off, begun {began}; --restart begins again")
    if result["undecided"]:
        render.out.print(
            f"{result['undecided']:,} documents undecided: no checksums that compare (--level bytes reads them), "
            "or bytes that cannot be read"
        )
    integrity = result["integrity"]
    if integrity:
        dangling = render.count(integrity["dangling_records"], "dangling record")
        orphans = render.count(integrity["orphan_documents"], "orphan document")
        render.out.print(
            f"in {result['to']}: {dangling} (naming a missing document), {orphans} (named by no record)"
        )


def _brief(one: Entry, side: str) -> str:
    held = one[side]
    if held is None:
        return "absent"
    shown = {name: held.get(name) for name in one["fields"] if name in held} if one["fields"] else held
    text = json.dumps(shown or held, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "…"
