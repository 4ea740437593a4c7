"""One check as it is run, and how several are: side by side, never more than so many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from docferry.account.rule import AccountRule
from docferry.bounded import each
from docferry.domain.errors import Conflict, InvalidInput, Retryable, ServiceError
from docferry.preflight.finding import Outcome

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Check:
    """What is asked, and under which rule and subject it is said that it could not be."""

    rule: AccountRule
    subject: str
    work: Callable[[], Awaitable[list[Outcome]]]


async def made(checks: Sequence[Check]) -> list[Outcome]:
    """Make them all, and return what they say in their order. One that could not be made says so."""
    found: dict[int, list[Outcome]] = {}

    async def one(numbered: tuple[int, Check]) -> None:
        number, check = numbered
        try:
            found[number] = await check.work()
        except (Conflict, InvalidInput, Retryable, ServiceError) as error:
            found[number] = [check.rule.undecided(check.subject, str(error))]

    await each(enumerate(checks), one, asyncio.Semaphore(AT_ONCE))
    return [outcome for number in sorted(found) for outcome in found[number]]
