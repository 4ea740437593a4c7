"""docferry sandbox start|fill|deploy|undeploy|stop|status|reset"""

import shlex
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from docferry.cli import options, render
from docferry.cli.deploy import deploy, undeploy
from docferry.cli.fill import fill
from docferry.sandbox import server
from docferry.sandbox.configuration import environment
from docferry.sandbox.home import DEFAULT_HOME, command

NAMED = 4
"""As many new stores are named; of more, which are those of a new sandbox, docferry.toml has the names."""
Home = Annotated[Path, typer.Option(help="Folder that holds the sandbox.")]
Port = Annotated[
    int, typer.Option(help="Port on 127.0.0.1; one is chosen and kept unless given.", show_default=False)
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="Where its docferry.toml is written, at first here, then where it was last time.", show_default=False
    ),
]
Permissions = Annotated[
    bool | None,
    typer.Option(
        "--permissions/--no-permissions",
        help="Whether it does what policies say to all but its own key; as last time unless given, at first not.",
        show_default=False,
    ),
]

app = typer.Typer(
    help="Keep an embedded AWS running to try every command on.\n\nExample: docferry sandbox start",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def start(
    home: Home = DEFAULT_HOME,
    port: Port = 0,
    config: Config = None,
    permissions: Permissions = None,
    as_json: options.Json = False,
) -> None:
    """Start it, with its stores and all it held at the last stop.

    Writes a docferry.toml that leads every other command to it.

    Example: docferry sandbox start
    """
    show(server.start(home, port=port, config=config, permissions=permissions), as_json)


app.command()(fill)
app.command()(deploy)
app.command()(undeploy)


@app.command()
def stop(home: Home = DEFAULT_HOME, as_json: options.Json = False) -> None:
    """Stop it and save what it holds.

    Example: docferry sandbox stop
    """
    show(server.stop(home), as_json)


@app.command()
def status(home: Home = DEFAULT_HOME, as_json: options.Json = False) -> None:
    """Show whether it runs, what is wrong, and how to reach it.

    Example: docferry sandbox status
    """
    show(server.status(home), as_json)


@app.command()
def reset(home: Home = DEFAULT_HOME, port: Port = 0, config: Config = None, as_json: options.Json = False) -> None:
    """Throw away everything it holds and start it anew.

    Example: docferry sandbox reset
    """
    show(server.reset(home, port=port, config=config), as_json)


def show(status: server.Status, as_json: bool) -> None:
    """Print the state of a sandbox; what is wrong with it goes to stderr."""
    reached = environment(status.home) if status.running else {}
    if as_json:
        held: dict[str, Any] = {**asdict(status), "environment": reached}
        render.as_json(held)
        return
    if status.running:
        _show_running(status)
        for name, value in reached.items():
            render.out.print(f"  export {name}={shlex.quote(value)}", markup=False)
    elif status.changed:
        render.out.print("stopped" if status.warnings else "stopped, its state is saved")
    else:
        render.out.print(f"not running; start it with: {command('start', status.home)}", markup=False)
    for warning in status.warnings:
        render.err.print(f"docferry: {warning}", markup=False, soft_wrap=True)


def _show_running(status: server.Status) -> None:
    said = ("started" if status.changed else "running") + (" with permissions" if status.permissions else "")
    render.out.print(f"{said} at {status.url} (process {status.pid}), in {status.home}", markup=False)
    if status.created:
        render.out.print(f"created {_summary(status.created)}", markup=False)
    render.out.print(f"configured in {status.config}; for the AWS CLI and SDKs:", markup=False)


def _summary(created: tuple[str, ...]) -> str:
    if len(created) <= NAMED:
        return ", ".join(created)
    counts = Counter(name.split()[0] for name in created)
    shown = [(counts[kind], kind) for kind in ("bucket", "table", "queue") if counts[kind]]
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for count, kind in shown)
