import pytest

from docferry.domain.change import Kind
from docferry.domain.errors import Conflict, NeedsOperator, Retryable, ServiceError
from docferry.simulation.ledger import MemoryLedger
from docferry.stuck import LIMIT, Stuck

RECORD = {"id": {"S": "r"}}


async def refuse() -> None:
    raise ServiceError("denied", status=403)


async def agree() -> None:
    return


async def test_a_key_is_noted_once_for_whoever_comes_next() -> None:
    ledger = MemoryLedger()
    stuck = Stuck(ledger)
    for _ in range(2):
        assert not await stuck.carry(Kind.DOCUMENT, "k", refuse())
        assert not await stuck.carry(Kind.RECORD, RECORD, refuse())
    assert await stuck.carry(Kind.DOCUMENT, "other", agree())
    held = await Stuck(ledger).load()
    assert [(one["kind"], one["key"], one["reason"]) for one in held] == [
        ("document", "k", "denied"),
        ("record", RECORD, "denied"),
    ]


async def test_what_is_no_refusal_goes_through() -> None:
    async def changed() -> None:
        raise Conflict("changed")

    stuck = Stuck(MemoryLedger())
    with pytest.raises(Conflict):
        await stuck.carry(Kind.DOCUMENT, "k", changed())
    assert await stuck.load() == ()


async def test_a_retry_forgets_what_can_be_carried_and_keeps_the_rest() -> None:
    ledger = MemoryLedger()
    stuck = Stuck(ledger)
    for name in ("a", "b"):
        await stuck.carry(Kind.DOCUMENT, name, refuse())

    async def carry(kind: Kind, key: object) -> None:
        if key == "a":
            await refuse()

    await stuck.retry(carry)
    assert [one["key"] for one in await Stuck(ledger).load()] == ["a"]
    assert "'a'" in str(stuck.refusal(await stuck.load()))


@pytest.mark.parametrize("error", [Retryable("throttled"), Conflict("changed")])
async def test_a_retry_that_meets_what_may_pass_forgets_no_key_and_tries_the_others(error: Exception) -> None:
    ledger = MemoryLedger()
    stuck = Stuck(ledger)
    for name in ("a", "b"):
        await stuck.carry(Kind.DOCUMENT, name, refuse())

    async def carry(kind: Kind, key: object) -> None:
        if key == "a":
            raise error

    await stuck.retry(carry)
    assert [one["key"] for one in await Stuck(ledger).load()] == ["a"]


async def test_more_stuck_keys_than_exceptions_stop_it() -> None:
    stuck = Stuck(MemoryLedger())

    for n in range(LIMIT):
        assert not await stuck.carry(Kind.DOCUMENT, f"k{n}", refuse())
    with pytest.raises(NeedsOperator, match="denied"):
        await stuck.carry(Kind.DOCUMENT, "one more", refuse())
    assert (stuck.count, len(await stuck.load())) == (LIMIT, LIMIT)
