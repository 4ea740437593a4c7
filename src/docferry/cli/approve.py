"""docferry approve"""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from docferry import approval
from docferry.aws.state_machine import StateMachine
from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.cli.state_machine import named
from docferry.domain.errors import Refused
from docferry.history import note
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.wiring import build


def approve(
    reject: Annotated[bool, typer.Option("--reject", help="Do not let it go on: the execution ends.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Show what waits; change nothing.")] = False,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Let the state machine go on with what it waits for: the cutover, or the end of the way back.

    A cutover of very many documents is done by docferry cutover first; the state machine then finds it done.

    Example: docferry approve --dry-run
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    result = run_until_stopped(lambda stop: until_stopped(_approve(settings, reject, dry_run), stop))
    if as_json:
        render.as_json(result)
        return
    since = datetime.fromtimestamp(result["asked_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    said = "waits" if dry_run else "rejected" if reject else "approved"
    render.out.print(f"{result['about']}: {said} (asked {since})", markup=False)


async def _approve(settings: Settings, reject: bool, dry_run: bool) -> dict[str, Any]:
    async with connected(settings) as connection:
        machine = StateMachine(connection.target, named(settings))
        forward = (await build(connection, Progress())).forward
        held = await approval.asked(forward.ledger)
        if held is None:
            raise Refused(
                "nothing waits for approval; nothing was changed", hint="docferry sync --runner stepfunctions"
            )
        if not dry_run:
            await (
                machine.reject(held.token, "rejected by an operator") if reject else machine.approve(held.token)
            )
            await approval.answered(forward.ledger)
            said = f"{held.about} {'rejected' if reject else 'approved'}"
            await note(forward.ledger, forward.clock, said)
        return {"about": held.about, "asked_at": held.at, "approved": not dry_run and not reject}
