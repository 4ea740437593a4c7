"""docferry preflight --account: what can be proved in the account, and what other commands make of it"""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from docferry.account.memory import COMMAND, refuse_blocked, remember, remembered
from docferry.account.pair import Asked, End, Pair
from docferry.account.port import Names
from docferry.account.run import RULES, everything, read_only
from docferry.aws.account import AwsAccount
from docferry.aws.account_canaries import S3Canaries, SqsEvents
from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.ledger import DynamoLedger
from docferry.aws.provenance import DynamoProvenance
from docferry.aws.s3 import S3Documents
from docferry.cli import render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.connection import Connection
from docferry.domain.errors import DocferryError, InvalidInput
from docferry.domain.gate import Writer
from docferry.domain.switch import State
from docferry.ports import Ledger
from docferry.preflight.finding import Finding, Outcome, Stage, Undecided, order
from docferry.profiles import connected
from docferry.settings import Replication, Side, load
from docferry.switch.memory import last_switch

if TYPE_CHECKING:
    from docferry.preflight.rule import Rule
    from docferry.preflight.run import Result

EVENT_S, EVENT_EMULATED_S = 90.0, 3.0
"""S3 says that an event may take a minute or longer."""
REPLICATION_S, REPLICATION_EMULATED_S = 60.0, 3.0
LOOK_WITHIN_S = 10.0
NEVER = f"{COMMAND} has not been run"


def outcomes(config: Path | None, profile: str, endpoint_url: str) -> list[Outcome]:
    """Make every check, keep the result in the ledger where there is one, and return what was found."""
    settings = load(config, profile=profile, endpoint_url=endpoint_url)

    async def work() -> list[Outcome]:
        async with connected(settings) as connection:
            found = await everything(_pair(connection), await _asked(connection), tell)
            await _keep(connection, found)
            return found

    return run_until_stopped(lambda stop: until_stopped(work(), stop))


def tell(said: str) -> None:
    """Say on stderr what is being done."""
    render.err.print(said, markup=False, soft_wrap=True)


def rules() -> "tuple[Rule, ...]":
    """Return the rules of the account as a report lists them."""
    from docferry.preflight.rule import Rule  # noqa: PLC0415 - reads Terraform's files, which takes long to import

    return tuple(
        Rule(one.id, one.title, one.severity, Stage.RUN, one.why, one.reference, lambda module, context: ())
        for one in RULES
    )


def as_result(found: Sequence[Outcome]) -> "Result":
    """Return what was found in the account as a report takes it, where no directory was checked."""
    from docferry.preflight.run import Result  # noqa: PLC0415 - as above

    outcomes = sorted(dict.fromkeys(found), key=order)
    return Result(
        findings=tuple(one for one in outcomes if isinstance(one, Finding)),
        undecided=tuple(one for one in outcomes if isinstance(one, Undecided)),
        ignored=(),
        sources={},
        files=0,
    )


def ledger_of(connection: Connection) -> Ledger:
    """Return the ledger; whether its table is there shows when it is asked."""
    return DynamoLedger(DynamoRecords(connection.target, connection.settings.target.control_table))


async def refuse_blocked_beginning(ledger: Ledger) -> None:
    """Raise Refused if the last check of the account blocks, unless a switch is under way.

    That one holds writers: it has to go on, or be undone, whatever the account looks like.
    """
    last = await last_switch(ledger)
    if last is None or last.state is not State.RUNNING:
        await refuse_blocked(ledger)


async def cheap(connection: Connection) -> list[Outcome]:
    """Make the checks that only read: what a plan asks."""
    return await read_only(_pair(connection), await _asked(connection), lambda said: None)


async def said_of(ledger: Ledger) -> str:
    """Say in one line what the last check of the account found."""
    found = await remembered(ledger)
    if found is None:
        return NEVER
    at = datetime.fromtimestamp(found["at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    blocking = found["blocking"]
    if blocking:
        return f"{blocking[0]['rule']} blocks ({render.count(len(blocking), 'blocking finding')}), checked {at}"
    counted = f"{render.count(found['findings'], 'finding')}, {found['undecided']} cannot be told"
    return f"nothing blocks ({counted}), checked {at}"


def as_entry(outcome: Outcome) -> dict[str, str]:
    """Return an outcome as plain values."""
    if isinstance(outcome, Finding):
        said = {"severity": outcome.severity.value, "message": outcome.message, "fix": outcome.fix}
    else:
        said = {"severity": "cannot be told", "message": outcome.what_is_unknown, "fix": ""}
    return {"rule": outcome.rule, "subject": outcome.subject, **said}


async def _keep(connection: Connection, found: list[Outcome]) -> None:
    try:
        await remember(ledger_of(connection), connection.clock, found)
    except InvalidInput:
        tell("there is no control table yet, so the result is not kept and no command will refuse because of it")
    except DocferryError as error:
        tell(f"the result could not be kept, so no command will refuse because of it: {error}")


async def _asked(connection: Connection) -> Asked:
    settings = connection.settings
    runner, begun_at_target = await _at_work(connection)
    functions, emulated = bool(settings.runner.state_machine), bool(settings.aws.endpoint_url)
    return Asked(
        run=uuid.uuid4().hex,
        native=settings.replication is Replication.NATIVE,
        functions=functions,
        # A function takes from the queue whether or not a runner holds the lease.
        queues_taken=functions or runner,
        begun_at_target=begun_at_target,
        event_s=EVENT_EMULATED_S if emulated else EVENT_S,
        replication_s=REPLICATION_EMULATED_S if emulated else REPLICATION_S,
    )


async def _at_work(connection: Connection) -> tuple[bool, bool]:
    """Return whether a runner may hold the lease, and whether applications write at the target."""
    table = DynamoRecords(connection.target, connection.settings.target.control_table)
    try:
        async with asyncio.timeout(LOOK_WITHIN_S):
            lease = await DynamoLedger(table).read("lease/sync")
            gate = await DynamoGate(table).read()
    except InvalidInput:
        return False, False
    except (DocferryError, TimeoutError):
        # Whoever cannot look takes nothing from the queues.
        return True, False
    return bool(lease and lease["owner"]), bool(gate and gate.writer is Writer.APPLICATION)


def _pair(connection: Connection) -> Pair:
    settings = connection.settings
    source, target = settings.source, settings.target
    marks = DynamoRecords(connection.target, target.control_table)
    kept = DynamoRecords(connection.target, target.conflicts_table)
    return Pair(
        _end("source", connection.source, source, target.bucket, connection),
        _end("target", connection.target, target, source.bucket, connection),
        DynamoProvenance(marks, kept, connection.clock, target.region),
        connection.clock,
    )


def names_of(name: str, side: Side) -> Names:
    """Return what the settings call one side: `source` or `target`."""
    kinds = ("region", "bucket", "table", "control_table", "conflicts_table", "journal_table", "queue")
    roles = ("probe_role", "worker_role", "external_id")
    return Names(name, **{kind: getattr(side, kind) for kind in (*kinds, *roles)})


def _end(name: str, client: AwsClient, side: Side, other: str, connection: Connection) -> End:
    names = names_of(name, side)
    return End(
        names=names,
        account=AwsAccount(client, names, connection.clock),
        canaries=S3Canaries(client, side.bucket, other),
        events=SqsEvents(client, side.queue),
        documents=S3Documents(client, side.bucket),
        records=DynamoRecords(client, side.table),
    )
