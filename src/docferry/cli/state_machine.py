"""docferry sync --runner stepfunctions: starts the state machine, or finds it at work, and shows how it stands"""

import asyncio
from typing import Any

from docferry import approval
from docferry.aws.state_machine import SUCCEEDED, Execution, StateMachine
from docferry.cli import render
from docferry.connection import Connection
from docferry.domain.errors import InvalidInput, NeedsOperator
from docferry.ports import Ledger
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.resume import seed_of
from docferry.settings import Settings
from docferry.wiring import build
from docferry.workers.backfill import ranges_done

LOOK_EVERY_S = 2.0


def named(settings: Settings) -> str:
    """Return the ARN of the state machine. Raises InvalidInput if the settings name none."""
    if not settings.runner.state_machine:
        raise InvalidInput(
            "runner.state_machine is not set, so there is no state machine to ask",
            hint="docferry outputs --toml prints a docferry.toml with it; step_functions_enabled deploys one",
        )
    return settings.runner.state_machine


async def run(settings: Settings, asked: dict[str, Any], stop: asyncio.Event) -> dict[str, Any]:
    """Start an execution unless one is at work, and show it until it has ended, or until `stop` is set.

    Returns how it stands. Raises NeedsOperator if it has failed.
    """
    async with connected(settings) as connection:
        machine = StateMachine(connection.target, named(settings))
        execution = await machine.running()
        begun = "found at work" if execution else "started"
        execution = execution or await machine.start(asked)
        render.err.print(f"{begun}: {execution}", markup=False, soft_wrap=True)
        shown = _Shown()
        async with render.live(shown.state):
            await _watch(connection, machine, execution, shown, stop)
        _refuse_failed(shown.now)
        return {"execution": execution, "status": shown.now.status, "state": shown.now.state}


class _Shown:
    """What is known of an execution."""

    def __init__(self) -> None:
        self.now = Execution("", "")
        self.waits = ""
        self.ranges = (0, 0)

    def state(self) -> render.State:
        said = self.now.state or "starting"
        done, total = self.ranges
        if total:
            said += f" · {done:,} of {total:,} ranges brought"
        if self.waits:
            said += f" · waits for: docferry approve {self.waits}"
        return said, done, total or None


async def _watch(
    connection: Connection, machine: StateMachine, execution: str, shown: _Shown, stop: asyncio.Event
) -> None:
    ledger = (await build(connection, Progress())).forward.ledger
    stopping = asyncio.ensure_future(stop.wait())
    while not stopping.done():
        shown.now = await machine.look(execution)
        if not shown.now.running:
            break
        held = await approval.asked(ledger)
        # Answered in the console it is still in the ledger.
        shown.waits = held[-1].about if held and "pprov" in shown.now.state else ""
        shown.ranges = await _ranges(ledger, shown.ranges)
        await asyncio.wait({stopping}, timeout=LOOK_EVERY_S)
    stopping.cancel()


async def _ranges(ledger: Ledger, known: tuple[int, int]) -> tuple[int, int]:
    seed = await seed_of(ledger)
    return await ranges_done(ledger, seed, known[0]) if seed else known


def _refuse_failed(now: Execution) -> None:
    if now.running or now.status == SUCCEEDED:
        return
    why = " ".join(f"{now.error} {now.cause}".split())
    raise NeedsOperator(
        f"the execution is {now.status} in state {now.state!r}: {why or 'no reason given'}; nothing is lost",
        hint="mend the cause, then redrive it, or run the same command again: a new one passes over what is done",
    )
