import asyncio
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docferry.checkpoint import Checkpoint
from docferry.domain.document import Document
from docferry.domain.record import Item
from docferry.ports import Entry
from docferry.simulation.documents import MemoryDocuments
from docferry.stages.follow import Round
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope, Validation
from tests.unit.fakes import Killed
from tests.unit.world import World, key_of, record


async def equal(count: int = 30) -> World:
    world = World()
    for n in range(count):
        world.put(f"k{n:02}", str(n), {"t": str(n)})
        await world.put_record(f"r{n:02}", str(n), f"k{n:02}")
    while await world.follow().round(0) is not Round.EMPTY:
        pass
    assert await world.differing() == set()
    return world


async def validation(world: World, scope: Scope, target: MemoryDocuments | None = None) -> Validation:
    return Validation(
        world.source,
        target or world.target,
        world.source_records,
        world.target_records,
        "document_key",
        scope,
        world.ledger,
        await Checkpoint.load(world.ledger, scope.name),
        world.progress,
        world.clock,
        settle_s=1.0,
        segments=2,
    )


WHOLE = Scope()


async def validate(world: World, scope: Scope = WHOLE) -> tuple[Entry, list[Entry]]:
    made = await validation(world, scope)
    entry = await made.run(lambda _: None)
    return entry, [one async for one in made.differences()]


@pytest.mark.parametrize("level", Level)
async def test_equal_stores_have_no_differences(level: Level) -> None:
    world = await equal()
    entry, differences = await validate(world, Scope(level))
    assert (entry["documents"], entry["records"], entry["differences"], differences) == (30, 30, 0, [])


async def test_every_kind_of_difference_is_found_with_both_sides() -> None:
    world = await equal()
    world.source.write("k00", b"other", metadata={}, tags={"t": "0"})
    world.source.write("only", b"", metadata={}, tags={})
    world.target.write("theirs", b"", metadata={}, tags={})
    world.target.erase("k03")
    held = await world.target.look("k05")
    assert held
    await world.target.put_tags("k05", held.version, {"t": "x"})
    await world.target_records.put(record("r07", "8", "k07"), record("r07", "7", "k07"))
    await world.target_records.put(record("theirs", "8"), None)
    await world.target_records.delete(key_of("r09"), record("r09", "9", "k09"))
    entry, differences = await validate(world)
    found = {(str(one["key"]), one["presence"], tuple(one["fields"])) for one in differences}
    assert found == {
        ("k00", "both", ("bytes",)),
        ("only", "source only", ()),
        ("theirs", "target only", ()),
        ("k03", "source only", ()),
        ("k05", "both", ("tags",)),
        (str(key_of("r07")), "both", ("value",)),
        (str(key_of("theirs")), "target only", ()),
        (str(key_of("r09")), "source only", ()),
    }
    assert entry["differences"] == 8
    (tagged,) = (one for one in differences if one["key"] == "k05")
    assert (tagged["source"]["tags"], tagged["target"]["tags"]) == ({"t": "5"}, {"t": "x"})


async def test_quick_sees_bytes_and_presence_but_no_tags() -> None:
    world = await equal()
    world.source.write("k00", b"other", metadata={}, tags={"t": "0"})
    held = await world.target.look("k05")
    assert held
    await world.target.put_tags("k05", held.version, {"t": "x"})
    _, differences = await validate(world, Scope(Level.QUICK))
    assert [one["key"] for one in differences] == ["k00"]


async def test_bytes_that_differ_under_equal_metadata_are_found_only_by_reading() -> None:
    world = await equal()
    for store, digest in ((world.source, "one"), (world.target, "two")):
        store._digests = {**store._digests, "x-1": digest}
        store._push("parts", Document("parts", "x-1", 4))
    entry, differences = await validate(world)
    assert (entry["undecided"], differences) == (1, [])
    _, differences = await validate(world, Scope(Level.BYTES))
    assert [(one["key"], one["fields"]) for one in differences] == [("parts", ["bytes"])]


async def test_a_difference_that_the_feed_resolves_meanwhile_is_not_reported() -> None:
    world = await equal()
    world.put("k00", "changed")
    await world.put_record("r00", "99", "k00")
    sleep = world.clock.sleep

    async def following(seconds: float) -> None:
        await sleep(seconds)
        await world.follow().round(0)

    world.clock.sleep = following  # type: ignore[method-assign]
    entry, _ = await validate(world)
    assert entry["differences"] == 0


async def test_a_sample_compares_the_same_keys_every_time_and_about_as_many_as_asked() -> None:
    world = await equal(200)
    entry, _ = await validate(world, Scope(sample=0.2))
    again, _ = await validate(world, Scope(sample=0.2))
    assert 20 < entry["documents"] < 60
    assert 20 < entry["records"] < 60
    assert (entry["documents"], entry["records"]) == (again["documents"], again["records"])


async def test_a_prefix_bounds_documents_and_the_records_that_name_them() -> None:
    world = await equal()
    entry, _ = await validate(world, Scope(prefix="k1"))
    assert (entry["documents"], entry["records"]) == (10, 10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_killed_anywhere_and_resumed_it_reports_each_difference_once(seed: int) -> None:
    async def run() -> None:
        draw = random.Random(seed)
        world = await equal(60)
        changed = {f"k{n:02}" for n in draw.sample(range(60), 9)}
        for key in changed:
            world.source.write(key, b"other", metadata={}, tags={})
        dying = Dying(world.target, draw.randrange(60))
        with pytest.raises(Killed):
            await (await validation(world, Scope(), dying)).run(lambda _: None)
        entry, differences = await validate(world)
        assert sorted(one["key"] for one in differences) == sorted(changed)
        assert (entry["documents"], entry["records"]) == (60, 60)

    asyncio.run(run())


@pytest.mark.parametrize("after", [False, True])
async def test_killed_at_any_write_of_the_ledger_and_resumed_it_reports_each_difference_once(after: bool) -> None:
    for dies_at in range(1, 200):
        world = await equal(30)
        for key in ("k03", "k14", "k25"):
            world.source.write(key, b"other", metadata={}, tags={})
        write, made = world.ledger.write, 0

        async def dying(name: str, entry: Entry, expected: Entry | None, dies_at: int = dies_at) -> None:
            nonlocal made
            made += 1
            if made >= dies_at and not (after and made == dies_at):
                raise Killed
            await write(name, entry, expected)  # noqa: B023
            if made == dies_at:
                raise Killed

        world.ledger.write = dying  # type: ignore[method-assign]
        try:
            await (await validation(world, Scope(), world.target)).run(lambda _: None)
        except Killed:
            world.ledger.write = write  # type: ignore[method-assign]
        else:
            assert made > 3
            return
        entry, differences = await validate(world)
        assert sorted(one["key"] for one in differences) == ["k03", "k14", "k25"], dies_at
        assert (entry["documents"], entry["records"]) == (30, 30)
    raise AssertionError("it never came to its end")


class Dying(MemoryDocuments):
    """A view of a bucket that dies after so many looks."""

    def __init__(self, store: MemoryDocuments, looks: int) -> None:
        super().__init__(page_rows=10)
        self._versions = store._versions
        self.looks = looks

    async def look(self, key: str) -> Document | None:
        self.looks -= 1
        if self.looks < 0:
            raise Killed
        return await super().look(key)


@pytest.mark.parametrize("level", [Level.QUICK, Level.FULL])
async def test_where_etags_are_no_digests_it_says_that_only_the_bytes_can_tell(level: Level) -> None:
    world = await equal(3)
    for store, etag in ((world.source, "1" * 32), (world.target, "2" * 32)):
        held = store._versions["k01"][-1]
        assert held
        store._versions["k01"][-1] = replace(held, encryption="aws:kms", etag=etag)
    entry, differences = await validate(world, Scope(level))
    assert (entry["undecided"], entry["differences"], differences) == (1, 0, [])


async def test_giant_records_that_differ_fit_into_the_ledger() -> None:
    world = await equal(0)
    for n in range(12):
        giant: Item = {"id": {"S": f"r{n}"}, "a": {"S": "x" * 390_000}, "b": {"N": str(n)}}
        await world.source_records.put(giant, None)
        await world.target_records.put(
            {**giant, "b": {"N": "-1"}, **{f"c{m}": {"S": "y"} for m in range(50)}}, None
        )
    entry, differences = await validate(world)
    assert entry["differences"] == len(differences) == 12
    assert all(len(one) < 300_000 for one in world.ledger._entries.values())
    assert {"b", "c0"} <= set(differences[0]["fields"])
    assert {one["source"]["b"]["N"] for one in differences} == {str(n) for n in range(12)}
