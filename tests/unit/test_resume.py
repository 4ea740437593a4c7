import asyncio
from dataclasses import replace

import pytest

from docferry.domain.document import Document, Listed
from docferry.domain.errors import (
    InvalidInput,
    NeedsOperator,
    Refused,
    StaleEpoch,
)
from docferry.ports import Entry, Written
from docferry.resume import FOLLOW
from docferry.simulation.ledger import MemoryLedger
from docferry.stages.validate.walk import Scope
from docferry.workflow import mend, validate
from tests.unit.fakes import Killed
from tests.unit.world import ONCE, World, filled, key_of, record, run


async def test_changes_that_may_have_expired_unread_stop_the_runner_until_it_is_told_to_reseed() -> None:
    world = await filled()
    await run(world)
    world.source.erase("k03")
    world.source.write("k04", b"4", metadata={"n": "changed, unheard of, same ETag"}, tags={})
    held = await world.source_records.get({"id": {"S": "r5"}})
    assert held
    await world.source_records.delete({"id": {"S": "r5"}}, held)
    world.clock.time += 4 * 24 * 3600.0
    with pytest.raises(NeedsOperator) as raised:
        await run(world)
    assert "--reseed" in raised.value.hint
    await run(world, replace(ONCE, reseed=True))
    assert await world.differing() == set()
    await run(world)


async def unheard(world: World) -> None:
    """Change a record and delete another and a document, and let nobody listen until the feeds forget it."""
    world.source.erase("k03")
    for name, value in (("r5", None), ("r6", "666")):
        held = await world.source_records.get(key_of(name))
        assert held
        if value is None:
            await world.source_records.delete(key_of(name), held)
        else:
            await world.source_records.put(record(name, value, "k06"), held)
    world.clock.time += 4 * 24 * 3600.0


@pytest.mark.parametrize("looks", [0, 10, 39])
async def test_a_reseed_that_was_cut_off_is_gone_on_with_by_a_plain_sync(looks: int) -> None:
    world = await filled()
    await run(world)
    await unheard(world)
    left = looks

    look = world.target.look

    async def dying(key: str) -> Document | None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        return await look(key)

    world.target.look = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await run(world, replace(ONCE, reseed=True))
    world.target.look = look  # type: ignore[method-assign]
    await run(world)
    assert await world.differing() == set()


async def test_a_new_beginning_of_a_part_is_refused() -> None:
    world = await filled(1)
    with pytest.raises(InvalidInput, match="outside the prefix"):
        await run(world, replace(ONCE, reseed=True, prefix="k"))


async def test_a_first_sync_that_was_cut_off_for_longer_than_the_feeds_keep_is_refused_too() -> None:
    world = await filled()

    async def ended(source: Document | Listed, expected: Document | Listed | None) -> Written:
        raise StaleEpoch("the lease is over")

    world.target.copy = ended  # type: ignore[method-assign]
    with pytest.raises(StaleEpoch):
        await run(world)
    del world.target.copy
    world.clock.time += 5 * 24 * 3600.0
    with pytest.raises(NeedsOperator, match="nobody listened"):
        await run(world)


async def test_a_ledger_of_other_stores_is_refused() -> None:
    world = await filled(1)
    await run(world)
    world.identity = {**world.identity, "target": {"bucket": "another", "table": "target-t"}}
    with pytest.raises(Refused, match=r"target-b.*another"):
        await run(world)


async def test_a_reseed_killed_between_positions_and_seed_is_not_gone_on_from() -> None:
    world = await filled(3)
    world.clock.time = 1e9
    await run(world)

    class Dying(MemoryLedger):
        async def write(self, name: str, entry: Entry, expected: Entry | None) -> None:
            if name == FOLLOW and entry.get("seed") == 1:
                raise Killed
            await super().write(name, entry, expected)

    dying = Dying()
    dying._entries = world.ledger._entries
    world.ledger = dying
    with pytest.raises(Killed):
        await run(world, replace(ONCE, reseed=True))
    with pytest.raises(NeedsOperator, match="nobody listened"):
        await run(world)


async def test_neither_validation_nor_repair_works_between_other_stores_than_the_ledger_s() -> None:
    world = await filled(3)
    await run(world)
    validation = await validate(world.migration(), Scope(), lambda _: None)
    world.identity = {**world.identity, "source": {"bucket": "another", "table": "source-t"}}
    with pytest.raises(Refused, match="another"):
        await validate(world.migration(), Scope(), lambda _: None)
    with pytest.raises(Refused, match="another"):
        await mend(world.migration(), validation.differences(), asyncio.Event())
