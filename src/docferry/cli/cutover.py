"""docferry cutover and docferry rollback: one switch, with the roles exchanged"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from docferry.cli import options, render
from docferry.cli.preflight_account import refuse_blocked_beginning
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.domain.errors import Refused
from docferry.domain.switch import Step, Turn
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Settings, load
from docferry.switch.perform import abort, of, perform
from docferry.switch.rehearsal import Rehearsal
from docferry.switch.steps import Approve, take
from docferry.switch.terms import Terms
from docferry.wiring import SWITCH, build

DAY_S = 24 * 3600.0


def _duration(said: str, default: str) -> Any:
    return typer.Option(parser=options.duration, metavar="DURATION", help=said, show_default=default)


MaxPause = Annotated[float, _duration("Hold writers for so long at most, else abort.", "5s")]
MaxLag = Annotated[float, _duration("Refuse if a heartbeat took longer.", "2s")]
MaxAge = Annotated[float, _duration("Refuse if the last full validation is older.", "24h")]
WithoutClient = Annotated[
    bool, typer.Option(help="Some applications write without docferry.client: wait for silent feeds too.")
]
DryRun = Annotated[bool, typer.Option(help="Make the checks and say what would be done; change nothing.")]
Abort = Annotated[bool, typer.Option(help="Undo a switch that was left under way; nothing else.")]
Yes = Annotated[bool, typer.Option(help="Approve beforehand.")]


def _command(turn: Turn, said: str) -> Callable[..., None]:
    def switch(
        max_pause: MaxPause = 5,
        max_lag: MaxLag = 2,
        max_validation_age: MaxAge = DAY_S,
        without_client: WithoutClient = False,
        dry_run: DryRun = False,
        abort: Abort = False,
        yes: Yes = False,
        config: options.Config = None,
        profile: options.Profile = "",
        endpoint_url: options.EndpointUrl = "",
        as_json: options.Json = False,
    ) -> None:
        settings = load(config, profile=profile, endpoint_url=endpoint_url)
        terms = _terms(settings, max_pause, max_lag, max_validation_age, without_client)
        _switch(settings, turn, terms, dry_run=dry_run, undo=abort, yes=yes, as_json=as_json)

    switch.__name__, switch.__doc__ = turn.value, said
    return switch


cutover = _command(
    Turn.CUTOVER,
    """Let applications write at the target. Run it again to go on with one that was cut off.

    Checks, closes the source, compares what was touched, opens the target. Until the target is open, whatever
    fails opens the source again. docferry sync has to be running, and goes on in the other direction.

    Example: docferry cutover --dry-run
    """,
)
rollback = _command(
    Turn.ROLLBACK,
    """Let applications write at the source again, with everything they wrote at the target.

    The same as cutover with the roles exchanged; possible at any time until docferry complete.

    Example: docferry rollback --yes
    """,
)


def _terms(settings: Settings, pause_s: float, lag_s: float, age_s: float, without_client: bool) -> Terms:
    return Terms(
        max_pause_s=pause_s,
        max_lag_s=lag_s,
        lease_s=settings.client.lease_s,
        deadline_s=settings.deadline_s,
        validation_age_s=age_s,
        without_client=without_client,
    )


def _switch(
    settings: Settings, turn: Turn, terms: Terms, *, dry_run: bool, undo: bool, yes: bool, as_json: bool
) -> None:
    told = Told()

    async def work() -> dict[str, Any]:
        async with connected(settings) as connection:
            directions = await build(connection, Progress(), lease=SWITCH)
            if undo:
                return {"aborted": await abort(directions, turn)}
            if turn is Turn.CUTOVER:
                await refuse_blocked_beginning(directions.forward.ledger)
            if dry_run:
                await take(Rehearsal(of(directions, turn), turn, terms, told), Step.CHECK, told)
                return {"dry_run": True}
            what = f"{turn.value} to {of(directions, turn).target_region}"
            switch = await perform(directions, turn, terms, told, approving(what, yes=yes))
            return {**switch.summary(), "seconds": told.seconds}

    result = run_until_stopped(lambda stop: until_stopped(work(), stop))
    if as_json:
        render.as_json({**result, "steps": told.lines})
    else:
        render.out.print(_summary(result), markup=False)


class Told:
    """Shows what the steps say, and remembers it. `seconds` is what each step took."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = {}
        self._began = self._last = time.monotonic()

    def __call__(self, step: Step, said: str) -> None:
        now = time.monotonic()
        self.seconds[step.value] = round(self.seconds.get(step.value, 0.0) + now - self._last, 3)
        self._last = now
        self.lines.append({"step": step.value, "said": said, "at_s": round(now - self._began, 3)})
        render.err.print(f"{now - self._began:6.2f} s  {step.value:7}  {said}", markup=False, soft_wrap=True)


def approving(what: str, *, yes: bool) -> Approve:
    """Return what asks for approval: given beforehand, or by a person at the terminal."""

    async def approve() -> None:
        if yes:
            return
        if not sys.stdin.isatty() or not await _confirmed(what):
            raise Refused(
                f"{what} was not approved; nothing was changed", hint="say --yes, or answer at a terminal"
            )

    return approve


async def _confirmed(what: str) -> bool:
    # Read without a thread: Ctrl-C would wait for one until somebody presses Enter.
    typer.echo(f"{what}? [y/N] ", err=True, nl=False)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ready.set)
    try:
        await ready.wait()
    except asyncio.CancelledError:
        typer.echo(err=True)
        raise
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _summary(result: dict[str, Any]) -> str:
    if "aborted" in result:
        return f"aborted: {result['aborted']}; nothing is lost"
    if result.get("dry_run"):
        return "dry run: nothing was changed"
    longest = max(("fence", "drain", "close", "verify", "open"), key=lambda step: result["seconds"].get(step, 0.0))
    return (
        f"applications write in {result['to']} (epoch {result['epoch']}); writers were held for "
        f"{result['pause_s']:.2f} s, most of it in step {longest} ({result['seconds'].get(longest, 0.0):.2f} s); "
        f"{result['journalled']:,} keys from the journal are the same on both sides"
    )
