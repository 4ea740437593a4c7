"""docferry plan"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from docferry.account.memory import COMMAND, refuse, refuse_blocked
from docferry.cli import options, render
from docferry.cli.preflight_account import NEVER, as_entry, cheap, ledger_of, said_of
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.connection import Connection
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.domain.estimate import Assumptions
from docferry.domain.price import PriceTable
from docferry.preflight.finding import Outcome
from docferry.prices import load_prices
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.spool import KeySpool
from docferry.stages.plan import Options
from docferry.stages.plan import plan as make_plan
from docferry.whole_file import replace_file
from docferry.wiring import require_stores, surveyed

COLOURS = {"blocker": "red", "warning": "yellow", "note": "blue"}


def plan(
    output: Annotated[Path, typer.Option(help="Where the plan is written.")] = Path("plan.json"),
    prices: Annotated[
        Path | None, typer.Option(help="Prices that differ from docferry's own table (TOML).", show_default=False)
    ] = None,
    measured: Annotated[
        float | None, typer.Option(help="Documents a second that a backfill reached.", show_default=False)
    ] = None,
    writes: Annotated[float, typer.Option(help="Changes a second that applications make.")] = 1.0,
    prefix: options.Prefix = "",
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Count what there is to move, look for hazards, and estimate time and cost. Reads only.

    It refuses while the last docferry preflight --account found what blocks. What it reads of both sides' settings
    itself is in the plan; if that blocks, the exit code is 3, and the plan is written all the same.

    Example: docferry plan --measured 900 --writes 20
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    assumptions = Assumptions(measured_documents_per_s=measured, changes_per_s=writes)
    asked = Options(
        settings.records.document_attribute,
        prefix,
        scan_segments=settings.runner.scan_segments,
        assumptions=assumptions,
    )
    table = load_prices(prices)
    made, found = run_until_stopped(lambda stop: until_stopped(survey(settings, asked, table), stop))
    write(output, made)
    if as_json:
        render.as_json(made)
    else:
        show(made)
        render.out.print(f"\nwritten to {output}", markup=False)
    refuse(found)


async def survey(settings: Settings, asked: Options, prices: PriceTable) -> tuple[dict[str, Any], list[Outcome]]:
    """Make the plan, showing progress, and return it with what the account's settings say."""
    progress = Progress()
    async with connected(settings) as connection, render.live(_state(progress)):
        await require_stores(connection)
        checked = await _last_check(connection)
        found = await cheap(connection)
        with KeySpool(Path(tempfile.gettempdir())) as spool:
            made_at = connection.clock.now()
            made = await make_plan(surveyed(connection), asked, prices, spool, progress, made_at=made_at)
    account = {"checked": checked, "findings": [as_entry(one) for one in found]}
    return {**made.as_json(), "account": account}, found


async def _last_check(connection: Connection) -> str:
    """Say what the last check of the account found. Raises Refused if that blocks."""
    ledger = ledger_of(connection)
    try:
        await refuse_blocked(ledger)
        return await said_of(ledger)
    except InvalidInput:
        return NEVER
    except ServiceError as error:
        return f"what {COMMAND} found last cannot be read: {error}"


def write(output: Path, made: dict[str, Any]) -> None:
    """Write plan.json whole or not at all. Raises InvalidInput."""
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    try:
        if output.exists() and not output.is_file():
            # Such as a pipe, whose place nothing can take.
            output.write_text(text, encoding="utf-8")
        else:
            replace_file(output.resolve(), text.encode())
    except OSError as error:
        raise InvalidInput(
            f"cannot write {output}: {error.strerror}", hint="name another with --output"
        ) from error


def _state(progress: Progress) -> Callable[[], render.State]:
    rate = render.Rate()

    def state() -> render.State:
        done = progress.documents_seen + progress.records_seen
        counted = f"{progress.documents_seen:,} documents, {progress.records_seen:,} records counted"
        said = f"{counted} · {rate(done):,.0f}/s"
        return said, done, None

    return state


def show(made: dict[str, Any]) -> None:
    """Print a plan for a person."""
    documents, records, versions = made["documents"], made["records"], made["versions"]
    noncurrent = versions["noncurrent"]
    facts = (
        ("documents", f"{documents['count']:,}, {render.size(documents['bytes'])}"),
        ("sizes", _sizes(documents)),
        ("storage classes", _counts(documents["storage_classes"])),
        ("records", f"{records['count']:,}, {render.size(records['bytes'])}"),
        ("record sizes", _sizes(records)),
        (
            "other versions",
            f"{noncurrent['count']:,} ({render.size(noncurrent['bytes'])}), "
            f"{versions['delete_markers']:,} delete markers: they stay at the source",
        ),
    )
    render.out.print(render.rows(facts), markup=False)
    _show_hazards(made["hazards"])
    _show_account(made["account"])
    _show_estimate(made["estimate"], made["prices"])


def _sizes(held: dict[str, Any]) -> str:
    return ", ".join(f"{one['count']:,} of {one['size']} B" for one in held["sizes"]) or "none"


def _counts(held: dict[str, Any]) -> str:
    return ", ".join(f"{name} {one['count']:,}" for name, one in sorted(held.items())) or "none"


def _show_hazards(hazards: list[dict[str, Any]]) -> None:
    if not hazards:
        render.out.print("\nno hazards were met")
        return
    render.out.print("\nhazards")
    for one in hazards:
        colour = COLOURS[one["severity"]]
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in one["kinds"].items())
        name = f"{one['id']}: {one['count']:,}" + (f" ({kinds})" if kinds else "")
        render.out.print(f"  [{colour}]{one['severity']:<8}[/{colour}] {name}")
        render.out.print(f"           {one['meaning']} {one['advice']}", markup=False)


def _show_account(account: dict[str, Any]) -> None:
    render.out.print(f"\naccount: {account['checked']}", markup=False)
    for one in account["findings"]:
        render.out.print(f"  {one['severity']:<8} {one['rule']}: {one['subject']}: {one['message']}", markup=False)


def _show_estimate(estimate: dict[str, Any], prices: dict[str, Any]) -> None:
    ready = estimate["seconds_to_cutover_ready"]
    said = "never: changes come faster than they are followed" if ready is None else render.seconds(ready)
    render.out.print(
        f"\nready for cutover after about {said}, for about ${float(estimate['usd']):,.2f}", markup=False
    )
    for phase in estimate["phases"]:
        render.out.print(f"  {phase['name']:16} {render.seconds(phase['seconds']):>8}", markup=False)
    render.out.print(f"prices as of {prices['as_of']}; assumed:", markup=False)
    for name, one in estimate["assumptions"].items():
        if one["value"] is not None:
            render.out.print(f"  {name} = {one['value']:g} {one['unit']}: {one['why']}", markup=False)
