import asyncio

import pytest

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import StaleEpoch
from docferry.ports import Entry
from docferry.simulation.ledger import MemoryLedger


class Cutting(MemoryLedger):
    """Stores, and then lets the answer be cut off, as often as it is told to."""

    def __init__(self, cuts: int) -> None:
        super().__init__()
        self.cuts = cuts

    async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
        await super().write(name, entry, expected)
        if self.cuts:
            self.cuts -= 1
            raise asyncio.CancelledError


@pytest.mark.parametrize("cuts", [1, 2, 3])
async def test_saves_that_were_cut_off_after_they_were_stored_do_not_look_like_another_runner(cuts: int) -> None:
    ledger = Cutting(cuts)
    checkpoint = await Checkpoint.load(ledger, "c")
    for n in range(cuts):
        with pytest.raises(asyncio.CancelledError):
            await checkpoint.save({"after": n})
        assert checkpoint.entry == {}
    await checkpoint.save({"after": "again"})
    await checkpoint.save({"after": "on"})
    assert await ledger.read("c") == checkpoint.entry == {"after": "on"}


async def test_another_runner_s_save_is_never_written_over() -> None:
    ledger = Cutting(1)
    checkpoint = await Checkpoint.load(ledger, "c")
    with pytest.raises(asyncio.CancelledError):
        await checkpoint.save({"after": 1})
    await (await Checkpoint.load(ledger, "c")).save({"after": "theirs"})
    for _ in range(2):
        with pytest.raises(StaleEpoch):
            await checkpoint.save({"after": 2})
    assert await ledger.read("c") == {"after": "theirs"}


async def test_who_has_come_to_own_it_reads_it_again() -> None:
    ledger = MemoryLedger()
    early = await Checkpoint.load(ledger, "c")
    await (await Checkpoint.load(ledger, "c")).save({"after": "theirs"})
    await early.reload()
    assert early.entry == {"after": "theirs"}
    await early.save({"after": "ours"})
