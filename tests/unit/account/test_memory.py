import pytest

from docferry.account import buckets, feeds
from docferry.account.memory import blocking, refuse, refuse_blocked, remember, remembered
from docferry.domain.errors import Refused
from docferry.preflight.finding import Outcome, Severity
from docferry.simulation.ledger import MemoryLedger
from tests.unit.fakes import ManualClock

BLOCKS = buckets.VERSIONING.finding("s3://b", "it never had versioning", fix="turn it on")
WORSE = feeds.STREAM.finding("table t", "it has no stream", fix="turn it on", severity=Severity.CRITICAL)
WARNS = feeds.STREAM.finding("table t", "its stream is KEYS_ONLY", fix="…", severity=Severity.MEDIUM)
UNKNOWN = feeds.STREAM.undecided("table t", "whatever")


def test_critical_and_high_block_and_nothing_else_does() -> None:
    assert blocking([WARNS, UNKNOWN, BLOCKS, WORSE]) == [BLOCKS, WORSE]


async def test_what_blocks_is_refused_in_one_line_with_the_next_command() -> None:
    ledger = MemoryLedger()
    await remember(ledger, ManualClock(), [WARNS, BLOCKS, WORSE])
    with pytest.raises(Refused) as refused:
        await refuse_blocked(ledger)
    said = "account-versioning: s3://b: it never had versioning (and 1 more); no document or record was touched"
    assert str(refused.value) == said
    assert refused.value.hint == "mend it, then docferry preflight --account"
    with pytest.raises(Refused, match="account-stream"):
        refuse([WORSE])


@pytest.mark.parametrize("outcomes", [[], [WARNS], [UNKNOWN]])
async def test_what_does_not_block_is_not_refused(outcomes: list[Outcome]) -> None:
    ledger = MemoryLedger()
    await remember(ledger, ManualClock(), outcomes)
    await refuse_blocked(ledger)
    refuse(outcomes)


async def test_an_account_that_was_never_checked_is_not_refused() -> None:
    assert await remembered(MemoryLedger()) is None
    await refuse_blocked(MemoryLedger())


async def test_a_later_check_takes_the_place_of_one_before() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    await remember(ledger, clock, [BLOCKS, UNKNOWN])
    clock.time += 5
    await remember(ledger, clock, [WARNS])
    await refuse_blocked(ledger)
    assert await remembered(ledger) == {"at": clock.time, "findings": 1, "undecided": 0, "blocking": []}
