"""docferry approve"""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from docferry import approval
from docferry.aws.state_machine import StateMachine
from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.cli.state_machine import named
from docferry.history import note
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.wiring import build


def approve(
    about: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help="What is approved: cutover, rollback or complete.", show_default=False
        ),
    ] = "",
    reject: Annotated[
        bool, typer.Option("--reject", help="Let it not go on: it ends, or, if it was a rollback, watches on.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Show what waits; change nothing.")] = False,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Let the state machine go on with what it waits for: the cutover, a rollback, or the end of the way back.

    Without WHAT it lists what waits, and changes nothing.

    A cutover of very many documents is done by docferry cutover first; the state machine then finds it done.

    Example: docferry approve cutover
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    waiting = run_until_stopped(
        lambda stop: until_stopped(_approve(settings, about, reject, not about or dry_run), stop)
    )
    if as_json:
        render.as_json({"waiting": waiting, "answered": bool(about) and not dry_run})
        return
    said = "waits" if dry_run or not about else "rejected" if reject else "approved"
    if not waiting:
        render.out.print("nothing waits for approval")
    for one in waiting:
        since = datetime.fromtimestamp(one["at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        render.out.print(f"{one['about']}: {said} (asked {since})", markup=False)


async def _approve(settings: Settings, about: str, reject: bool, dry_run: bool) -> list[dict[str, Any]]:
    async with connected(settings) as connection:
        machine = StateMachine(connection.target, named(settings))
        forward = (await build(connection, Progress())).forward
        chosen = approval.chosen(await approval.asked(forward.ledger), about)
        for one in () if dry_run else chosen:
            await _answer(machine, one, reject)
            await approval.answered(forward.ledger, one)
            await note(forward.ledger, forward.clock, f"{one.about} {'rejected' if reject else 'approved'}")
        return [{"about": one.about, "at": one.at} for one in chosen]


async def _answer(machine: StateMachine, question: approval.Asked, reject: bool) -> None:
    if reject:
        await machine.reject(question.token, "rejected by an operator")
    else:
        await machine.approve(question.token)
