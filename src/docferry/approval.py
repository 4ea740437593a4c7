"""What waits for an operator's approval, in the ledger."""

from dataclasses import dataclass

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Refused, StaleEpoch
from docferry.ports import Clock, Ledger

ENTRY = "approval"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be approved, the `token` that answers it, and since when it waits, in seconds since 1970."""

    about: str
    token: str
    at: float


async def ask(ledger: Ledger, clock: Clock, about: str, token: str) -> None:
    """Note what is asked for. A later question about the same takes the place of an earlier one."""
    await _change(ledger, about, {"token": token, "at": clock.now()})


async def asked(ledger: Ledger) -> tuple[Asked, ...]:
    """Return what waits, the oldest first."""
    held = await ledger.read(ENTRY) or {}
    found = (Asked(about, one["token"], one["at"]) for about, one in held.items())
    return tuple(sorted(found, key=lambda one: one.at))


def chosen(waiting: tuple[Asked, ...], about: str) -> tuple[Asked, ...]:
    """Return the question about something, or all for "". Raises Refused if nothing is asked about it."""
    found = tuple(one for one in waiting if about in ("", one.about))
    if about and not found:
        others = ", ".join(one.about for one in waiting)
        raise Refused(
            f"{about} waits for no approval{f', but {others} does' if others else ''}; nothing was changed",
            hint="docferry sync --runner stepfunctions shows how it stands",
        )
    return found


async def answered(ledger: Ledger, question: Asked) -> None:
    """Forget a question, unless the same was asked anew meanwhile."""
    if question in await asked(ledger):
        await _change(ledger, question.about, None)


async def _change(ledger: Ledger, about: str, question: dict[str, object] | None) -> None:
    while True:
        held = await Checkpoint.load(ledger, ENTRY)
        others = {name: one for name, one in held.entry.items() if name != about}
        try:
            await held.save({**others, about: question} if question else others)
        except StaleEpoch:
            continue
        return
