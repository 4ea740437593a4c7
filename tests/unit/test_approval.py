import pytest

from docferry.approval import Asked, answered, ask, asked, chosen
from docferry.domain.errors import Refused
from docferry.simulation.ledger import MemoryLedger
from tests.unit.fakes import ManualClock


async def test_what_was_asked_waits_until_it_is_answered() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    assert await asked(ledger) == ()
    await ask(ledger, clock, "cutover", "t1")
    await clock.sleep(5.0)
    await ask(ledger, clock, "complete", "t2")
    first, second = await asked(ledger)
    assert (first.about, first.token, second.about) == ("cutover", "t1", "complete")
    await answered(ledger, first)
    assert await asked(ledger) == (second,)


async def test_a_question_that_was_asked_anew_stays_when_the_old_one_is_answered() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    await ask(ledger, clock, "cutover", "t1")
    (first,) = await asked(ledger)
    await ask(ledger, clock, "cutover", "t2")
    await answered(ledger, first)
    assert [one.token for one in await asked(ledger)] == ["t2"]


def test_that_nothing_waits_is_no_refusal_unless_something_was_named() -> None:
    assert chosen((), "") == ()
    with pytest.raises(Refused, match="cutover waits for no approval; nothing was changed"):
        chosen((), "cutover")


def test_what_waits_instead_is_said() -> None:
    waiting = (Asked("rollback", "token", 1.0),)
    assert chosen(waiting, "") == chosen(waiting, "rollback") == waiting
    with pytest.raises(Refused, match="complete waits for no approval, but rollback does"):
        chosen(waiting, "complete")
