"""docferry conflicts"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.domain.change import Kind
from docferry.ports import Kept
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.wiring import build

LISTED = 100


def conflicts(
    output: Annotated[
        Path | None, typer.Option(help="Write all of them here, one JSON a line.", show_default=False)
    ] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """List what docferry kept before it wrote over it. Exits with 1 if there is any.

    Somebody else had written it there. A document is still in that bucket, as the version that is named; a record
    is shown whole.

    Example: docferry conflicts --output conflicts.jsonl
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    result = run_until_stopped(lambda stop: until_stopped(_found(settings, output), stop))
    if as_json:
        render.as_json(result)
    else:
        _print(result, {side.region: side.bucket for side in (settings.source, settings.target)})
    raise typer.Exit(1 if result["count"] else 0)


async def _found(settings: Settings, output: Path | None) -> dict[str, Any]:
    count, listed = 0, []
    with render.lines_to(output) as write:
        async with connected(settings) as connection:
            directions = await build(connection, Progress())
            async for one in directions.forward.documents.provenance.kept():
                shown = _shown(one)
                write(shown)
                count += 1
                listed += [shown] if count <= LISTED else []
    return {"count": count, "listed": listed}


def _shown(one: Kept) -> dict[str, Any]:
    if one.kind is Kind.DOCUMENT:
        what: Mapping[str, Any] = {"key": one.mark.key, "version": one.mark.state, "region": one.region}
    else:
        what = {"record": one.item, "region": one.region}
    return {"kind": one.kind.value, **what, "kept_at": one.kept_at}


def _print(result: dict[str, Any], buckets: Mapping[str, str]) -> None:
    for one in result["listed"]:
        at = datetime.fromtimestamp(one["kept_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        where = buckets.get(one["region"], one["region"])
        what = f"{one['key']}  version {one['version']} in {where}" if "key" in one else f"{one['record']}"
        render.out.print(f"{at}  {one['kind']:8}  {what}", markup=False)
    if result["count"] > len(result["listed"]):
        render.out.print(f"… and {result['count'] - len(result['listed']):,} more; --output FILE lists all")
    kept = render.count(result["count"], "conflict")
    render.out.print(
        f"{kept} kept" + ("; documents are noncurrent versions of their buckets" if result["count"] else "")
    )
