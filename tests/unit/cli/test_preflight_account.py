import pytest

from docferry.account import buckets
from docferry.account.memory import remember
from docferry.cli.preflight_account import NEVER, as_entry, as_result, refuse_blocked_beginning, rules, said_of
from docferry.domain.errors import Refused
from docferry.domain.switch import State, Switch, Turn
from docferry.simulation.ledger import MemoryLedger
from docferry.switch.memory import save_switch
from tests.unit.fakes import ManualClock

BLOCKS = buckets.VERSIONING.finding("s3://b", "it never had versioning", fix="turn it on")
UNKNOWN = buckets.VERSIONING.undecided("s3://b", "what it keeps")


@pytest.mark.parametrize("state", list(State))
async def test_only_a_switch_that_is_under_way_goes_on_whatever_blocks(state: State) -> None:
    ledger = MemoryLedger()
    await remember(ledger, ManualClock(), [BLOCKS])
    await save_switch(ledger, Switch(1, Turn.CUTOVER, "a", "us-east-1", "eu-west-1", 0.0, state=state))
    if state is State.RUNNING:
        await refuse_blocked_beginning(ledger)
        return
    with pytest.raises(Refused, match="account-versioning"):
        await refuse_blocked_beginning(ledger)


async def test_the_last_check_is_said_in_one_line() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    assert await said_of(ledger) == NEVER == "docferry preflight --account has not been run"
    await remember(ledger, clock, [UNKNOWN])
    said = "nothing blocks (0 findings, 1 cannot be told), checked 1970-01-01 00:16:40 UTC"
    assert await said_of(ledger) == said
    await remember(ledger, clock, [BLOCKS, BLOCKS])
    said = "account-versioning blocks (2 blocking findings), checked 1970-01-01 00:16:40 UTC"
    assert await said_of(ledger) == said


def test_what_was_found_comes_in_the_report_s_order_and_once() -> None:
    result = as_result([UNKNOWN, BLOCKS, BLOCKS])
    assert (result.findings, result.undecided) == ((BLOCKS,), (UNKNOWN,))


def test_what_cannot_be_told_is_no_severity() -> None:
    assert as_entry(UNKNOWN)["severity"] == "cannot be told"
    assert as_entry(BLOCKS)["severity"] == "high"


def test_a_report_knows_every_rule_of_the_account() -> None:
    assert {one.id for one in rules()} >= {"account-versioning", "account-permission", "account-event"}
    assert all(one.title and one.why and one.reference.startswith("https://") for one in rules())
