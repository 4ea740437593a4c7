import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.errors import InvalidInput, NeedsOperator
from docferry.domain.key_range import KeyRange
from docferry.ports import ListingPage
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.ledger import MemoryLedger
from docferry.workers.ranges import divide, divided, range_of

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF), min_size=1, max_size=8)


async def ranges(ledger: MemoryLedger) -> list[KeyRange]:
    return [await range_of(ledger, number) for number in range((await divided(ledger))["count"])]


def bucket(keys: set[str]) -> MemoryDocuments:
    store = MemoryDocuments(page_rows=3)
    for key in keys:
        store.write(key, b"", metadata={}, tags={})
    return store


@given(keys=st.sets(KEYS, max_size=40), later=st.sets(KEYS, max_size=10), size=st.integers(1, 10))
def test_every_key_there_ever_is_belongs_to_exactly_one_range(keys: set[str], later: set[str], size: int) -> None:
    async def run() -> None:
        ledger = MemoryLedger()
        await divide(bucket(keys), ledger, 4, size)
        found = await ranges(ledger)
        for key in keys | later:
            assert sum(one.after < key and (not one.through or key <= one.through) for one in found) == 1

    asyncio.run(run())


async def test_an_empty_bucket_is_one_range_without_bounds() -> None:
    ledger = MemoryLedger()
    await divide(bucket(set()), ledger, 4)
    assert await ranges(ledger) == [KeyRange()]
    assert (await divided(ledger))["documents"] == 0


class Breaking(MemoryDocuments):
    """A bucket whose listing breaks off after so many pages, again and again."""

    def __init__(self, pages: int) -> None:
        super().__init__(page_rows=3)
        self.pages = self.left = pages

    async def page(self, after: str, prefix: str = "") -> ListingPage:
        self.left -= 1
        if self.left < 0:
            self.left = self.pages
            raise ConnectionError("broken off")
        return await super().page(after, prefix)


async def test_a_division_that_was_broken_off_goes_on_and_ends_as_if_it_had_not_been() -> None:
    keys = {f"k{n:03}" for n in range(50)}
    whole, broken = MemoryLedger(), MemoryLedger()
    await divide(bucket(keys), whole, 4, 10)
    store, breaks = Breaking(4), 0
    for key in keys:
        store.write(key, b"", metadata={}, tags={})
    while True:
        try:
            await divide(store, broken, 4, 10)
            break
        except ConnectionError:
            breaks += 1
    assert breaks > 2
    assert await ranges(broken) == await ranges(whole)
    assert (await divided(broken))["documents"] == 50


async def test_what_is_divided_stays_as_it_is() -> None:
    ledger, store = MemoryLedger(), bucket({"a", "b"})
    await divide(store, ledger, 4)
    store.write("c", b"", metadata={}, tags={})
    await divide(store, ledger, 4)
    assert (await divided(ledger))["documents"] == 2


async def test_who_asks_too_early_or_for_too_many_is_told_so() -> None:
    ledger = MemoryLedger()
    with pytest.raises(NeedsOperator, match="not divided"):
        await divided(ledger)
    await divide(bucket({"a"}), ledger, 4)
    with pytest.raises(InvalidInput, match="no range 7"):
        await range_of(ledger, 7)
