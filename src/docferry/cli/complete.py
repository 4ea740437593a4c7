"""docferry complete"""

from typing import Annotated, Any

import typer

from docferry.cli import options, render
from docferry.cli.cutover import DAY_S, MaxAge, MaxLag, Yes, approving
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.switch.checks import refuse
from docferry.switch.complete import complete as end
from docferry.switch.complete import completion_checks
from docferry.switch.terms import Terms
from docferry.wiring import SWITCH, build


def complete(
    max_lag: MaxLag = 2,
    max_validation_age: MaxAge = DAY_S,
    dry_run: Annotated[bool, typer.Option(help="Make the checks; change nothing.")] = False,
    yes: Yes = False,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """End the migration after its own checks: from then on there is no rollback.

    Changes are carried back to the source no more. The target is not touched, and nothing is removed: what may be
    removed now is listed.

    Example: docferry complete --yes
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    terms = Terms(
        max_lag_s=max_lag,
        lease_s=settings.client.lease_s,
        deadline_s=settings.deadline_s,
        validation_age_s=max_validation_age,
    )
    result = run_until_stopped(lambda stop: until_stopped(_complete(settings, terms, dry_run, yes), stop))
    if as_json:
        render.as_json(result)
        return
    for one in result["checks"]:
        render.out.print(f"{one['name']}: {one['figure']}", markup=False)
    if dry_run:
        render.out.print("dry run: nothing was changed")
        return
    render.out.print(f"complete: applications write in {settings.target.region}, there is no rollback any more")
    for one in result["may_be_removed"]:
        render.out.print(f"may be removed: {one}", markup=False)


async def _complete(settings: Settings, terms: Terms, dry_run: bool, yes: bool) -> dict[str, Any]:
    async with connected(settings) as connection:
        directions = await build(connection, Progress(), lease=SWITCH)
        if dry_run:
            found = await completion_checks(directions.reverse, terms)
            refuse(found)
        else:
            approve = approving(f"complete: no rollback to {settings.source.region} from then on", yes=yes)
            found = await end(directions, terms, approve)
        checks = [{"name": one.name, "figure": one.figure} for one in found]
        return {
            "complete": not dry_run,
            "checks": checks,
            "may_be_removed": [] if dry_run else removable(settings),
        }


def removable(settings: Settings) -> list[str]:
    """Name what a complete migration needs no more, in the order in which to remove it."""
    source, target = settings.source, settings.target
    return [
        f"{source.region}: bucket {source.bucket} and table {source.table}, once nothing else reads them",
        f"{source.region}: queue {source.queue} with its dead-letter queue, tables {source.control_table}, "
        f"{source.conflicts_table} and {source.journal_table}, once no application uses docferry.client",
        f"{target.region}: queue {target.queue} with its dead-letter queue, table {target.journal_table}, and the "
        "bucket's notification, once no application uses docferry.client",
        f"{target.region}: documents under .docferry/ in {target.bucket}, all versions",
        f"{target.region}: table {target.conflicts_table}, once docferry conflicts has been looked through, and "
        f"table {target.control_table}, which holds the history of the migration",
    ]
