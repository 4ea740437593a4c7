"""docferry beside its peers: `python -m benchmarks`."""

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from benchmarks import clients, cold_start, stores
from benchmarks.report import Section, as_json, show
from benchmarks.server_process import Server, running

PLAIN_WIDTH = 150
"""Columns of output that goes to a file or a pipe."""

SECTIONS: dict[str, Callable[[Server, int, int, int], Section]] = {
    "copy": lambda server, objects, keys, repeats: stores.copied(server, objects, repeats),
    "noop": lambda server, objects, keys, repeats: stores.nothing_to_do(server, objects, repeats),
    "memory": lambda server, objects, keys, repeats: stores.memory(server, keys),
    "clients": lambda server, objects, keys, repeats: clients.compared(server, objects, repeats),
    "cold": lambda server, objects, keys, repeats: cold_start.started(max(repeats, cold_start.LEAST)),
}


def chosen(only: str) -> list[str]:
    """Return the sections asked for. Raises BadParameter for one there is not."""
    names = [one.strip() for one in only.split(",") if one.strip()]
    unknown = [one for one in names if one not in SECTIONS]
    if unknown or not names:
        raise typer.BadParameter(f"sections are {', '.join(SECTIONS)}; got {only!r}")
    return names


def facts() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count() or 0,
        "load": os.getloadavg()[0],
    }


def main(
    only: Annotated[str, typer.Option(help="Sections to run, with commas between.")] = ",".join(SECTIONS),
    objects: Annotated[int, typer.Option(min=100, help="Objects to copy.")] = 10_000,
    keys: Annotated[int, typer.Option(min=1000, help="Keys of the memory section.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each client, of which the best is shown.")] = 3,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output, no tables.")] = False,
) -> None:
    """Measure docferry and its peers on one in-memory S3 server, and print one table a section with ratios."""
    console = Console(stderr=json)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    told = facts()
    console.print(
        f"docferry benchmark, {told['at']}: Python {told['python']}, {told['cores']} cores ({told['machine']}), "
        f"load {told['load']:.2f} at the start", highlight=False
    )  # fmt: skip
    sections = []
    for name in chosen(only):
        with running() as server:
            sections.append(SECTIONS[name](server, objects, keys, repeats))
        show(console, sections[-1])
    if json:
        typer.echo(orjson.dumps(as_json(told, sections), option=orjson.OPT_INDENT_2).decode())
    if any(run.error for one in sections for run in one.runs if run.client == "docferry"):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
