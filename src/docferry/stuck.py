"""Keys that AWS refuses for good: noted in the ledger, so that all others go on and none of them is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from docferry.checkpoint import Checkpoint
from docferry.domain.change import Kind
from docferry.domain.errors import Conflict, NeedsOperator, Retryable, ServiceError
from docferry.domain.record import Item
from docferry.ports import Entry, Ledger

ENTRY = "stuck"
LIMIT = 50
"""More keys than this are no exceptions any more: the run stops. So many also fit into one entry of the ledger."""
_REASON_CHARACTERS = 500

Key = str | Item
"""A document's key, or a record's."""
Carry = Callable[[Kind, Key], Awaitable[object]]
"""Carries one key, as apply does."""


class Stuck:
    """The keys of one migration that could not be carried; `count` is how many, as far as was read or written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._checkpoint: Checkpoint | None = None
        self._one_call = asyncio.Lock()
        self.count = 0

    async def load(self) -> tuple[Entry, ...]:
        """Return what is noted: each with `kind`, `key` and `reason`."""
        async with self._one_call:
            return tuple(await self._held())

    async def carry(self, kind: Kind, key: Key, work: Awaitable[object]) -> bool:
        """Do the work on a key; note the key and return False if AWS refuses it for good.

        Raises what else the work raises, the refusal itself where it is about the caller and not about the key,
        and NeedsOperator if too many keys are stuck.
        """
        try:
            await work
        except ServiceError as error:
            if error.about_caller:
                raise
            await self._note(kind, key, str(error))
            return False
        return True

    def holds(self, kind: Kind, key: Key) -> bool:
        """Tell whether a key is noted, as far as was read or written."""
        held = self._checkpoint.entry.get("keys", []) if self.count and self._checkpoint else []
        return any(_same_key(one, {"kind": kind.value, "key": key}) for one in held)

    async def retry(self, carry: Carry) -> None:
        """Try all again, and forget those that can be carried now. Raises as `carry` does."""
        for one in await self.load():
            try:
                await carry(Kind(one["kind"]), one["key"])
            except ServiceError as error:
                if error.about_caller:
                    raise
            except (Retryable, Conflict):
                continue
            else:
                async with self._one_call:
                    await self._save([other for other in await self._held() if not _same_key(other, one)])

    def refusal(self, held: tuple[Entry, ...]) -> NeedsOperator:
        """Return the error that says which keys are left behind."""
        first = held[0]
        keys = f"{len(held)} key{'s' if len(held) > 1 else ''}"
        return NeedsOperator(
            f"{keys} could not be carried, everything else was; the first: {first['kind']} {first['key']!r}: "
            f"{first['reason']}",
            hint="docferry status lists them; mend the cause and run docferry sync again",
        )

    async def _note(self, kind: Kind, key: Key, reason: str) -> None:
        entry = {"kind": kind.value, "key": key, "reason": reason[:_REASON_CHARACTERS]}
        async with self._one_call:
            held = [*(other for other in await self._held() if not _same_key(other, entry)), entry]
            if len(held) > LIMIT:
                raise NeedsOperator(
                    f"AWS refused more than {LIMIT} keys, last {kind.value} {key!r}: {reason}; nothing is lost",
                    hint="mend the cause and run the same command again: it goes on where this one stopped",
                )
            await self._save(held)

    async def _held(self) -> list[Entry]:
        if self._checkpoint is None:
            self._checkpoint = await Checkpoint.load(self._ledger, ENTRY)
        held: list[Entry] = self._checkpoint.entry.get("keys", [])
        self.count = len(held)
        return held

    async def _save(self, held: Sequence[Entry]) -> None:
        assert self._checkpoint is not None
        await self._checkpoint.save({"keys": list(held)})
        self.count = len(held)


def _same_key(one: Entry, other: Entry) -> bool:
    return (one["kind"], one["key"]) == (other["kind"], other["key"])
