"""Keys that AWS refuses for good: noted in the ledger, so that all others go on and none of them is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable

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
        self._known: tuple[Entry, ...] = ()
        self._one_call = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many keys are noted, as far as was read or written."""
        return len(self._known)

    async def load(self) -> tuple[Entry, ...]:
        """Return what is noted, by whomever: each with `kind`, `key` and `reason`."""
        held = await self._ledger.read(ENTRY) or {}
        self._known = tuple(held.get("keys", ()))
        return self._known

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
        return any(_same_key(one, {"kind": kind.value, "key": key}) for one in self._known)

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
                await self._change(one, keep=False)

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
        if len(await self._change(entry, keep=True)) > LIMIT:
            raise NeedsOperator(
                f"AWS refused more than {LIMIT} keys, last {kind.value} {key!r}: {reason}; nothing is lost",
                hint="mend the cause and run the same command again: it goes on where this one stopped",
            )

    async def _change(self, entry: Entry, *, keep: bool) -> tuple[Entry, ...]:
        # Runner and workers note keys side by side: who was second reads again.
        async with self._one_call:
            while True:
                held = await self._ledger.read(ENTRY)
                noted = (held or {}).get("keys", ())
                if keep:
                    keys = [*(one for one in noted if not _same_key(one, entry)), entry]
                else:
                    # Noted again meanwhile, for another reason, it stays.
                    keys = [one for one in noted if one != entry]
                if len(keys) > LIMIT:
                    return tuple(keys)
                try:
                    await self._ledger.write(ENTRY, {"keys": keys}, held)
                except Conflict:
                    continue
                self._known = tuple(keys)
                return self._known


def _same_key(one: Entry, other: Entry) -> bool:
    return (one["kind"], one["key"]) == (other["kind"], other["key"])
