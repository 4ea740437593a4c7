"""Validation while others write: a difference counts only if neither side has moved between two looks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from docferry.domain.document import Document
from docferry.domain.errors import Conflict, Retryable, ServiceError
from docferry.ports import Entry
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from tests.unit.stages.validate.test_walk import equal, validate
from tests.unit.world import World, key_of, record

MOVES = 3
Move = Callable[[World, int], None]


def moving(world: World, move: Move) -> None:
    """Have each sleep but the last of some be followed by a move, and the sides be the same after it."""
    sleep, slept = world.clock.sleep, 0

    async def moved(seconds: float) -> None:
        nonlocal slept
        await sleep(seconds)
        slept += 1
        move(world, slept)

    world.clock.sleep = moved  # type: ignore[method-assign]


def source_record(world: World, slept: int) -> None:
    world.source_records.write(record("r03", str(99 if slept >= MOVES else 100 + slept), "k03"))


def target_record(world: World, slept: int) -> None:
    world.target_records.write(record("r03", str(3 if slept >= MOVES else 100 + slept), "k03"))


def source_document(world: World, slept: int) -> None:
    body = b"there" if slept >= MOVES else f"moved {slept}".encode()
    world.source.write("k03", body, metadata={}, tags={"t": "3"})


def target_document(world: World, slept: int) -> None:
    body = b"3" if slept >= MOVES else f"moved {slept}".encode()
    world.target.write("k03", body, metadata={}, tags={"t": "3"})


async def begun(side: str) -> World:
    world = await equal(5)
    if side == "source_record":
        world.target_records.write(record("r03", "99", "k03"))
    if side == "target_record":
        world.target_records.write(record("r03", "50", "k03"))
    if side == "source_document":
        world.target.write("k03", b"there", metadata={}, tags={"t": "3"})
    if side == "target_document":
        world.target.write("k03", b"not yet", metadata={}, tags={"t": "3"})
    return world


@pytest.mark.parametrize("move", [source_record, target_record, source_document, target_document])
@pytest.mark.parametrize("level", [Level.QUICK, Level.FULL])
async def test_a_key_of_which_one_side_moves_until_both_are_the_same_is_no_difference(
    move: Move, level: Level
) -> None:
    world = await begun(move.__name__)
    moving(world, move)
    entry, differences = await validate(world, Scope(level))
    assert (entry["differences"], differences) == (0, [])


SPOILS: tuple[Callable[[World], object], ...] = (
    lambda world: world.source.erase("k03"),
    lambda world: world.target.erase("k03"),
    lambda world: world.source_records.erase(key_of("r03")),
    lambda world: world.target_records.erase(key_of("r03")),
    lambda world: world.target_records.write(record("r03", "50", "k03")),
    lambda world: world.target.write("k03", b"another", metadata={}, tags={"t": "3"}),
)


@pytest.mark.parametrize("level", Level)
async def test_a_difference_that_stands_still_takes_one_settling_time(level: Level) -> None:
    for spoil in SPOILS:
        world = await equal(5)
        spoil(world)
        began = world.clock.now()
        entry, differences = await validate(world, Scope(level))
        assert (entry["differences"], len(differences), world.clock.now() - began) == (1, 1, 1.0)


async def test_a_document_that_is_gone_from_both_sides_by_the_look_is_no_difference() -> None:
    world = await equal(5)
    world.source.write("late", b"1", metadata={}, tags={})
    look = world.target.look

    async def looking(key: str) -> Document | None:
        if key == "late":
            world.source.erase("late")
        return await look(key)

    world.target.look = looking  # type: ignore[method-assign]
    entry, _ = await validate(world)
    assert (entry["differences"], entry["documents"]) == (0, 6)


async def test_what_is_on_one_side_only_is_shown_as_it_is_there() -> None:
    world = await equal(2)
    world.target.write("theirs", b"1", metadata={}, tags={"t": "x"})
    world.source.write("ours", b"1", metadata={}, tags={"t": "y"})
    _, differences = await validate(world)
    sides = {str(one["key"]): (one["source"], one["target"]) for one in differences}
    assert sides["theirs"][0] is None and sides["theirs"][1]["tags"] == {"t": "x"}
    assert sides["ours"][0]["tags"] == {"t": "y"} and sides["ours"][1] is None


async def read(world: World) -> tuple[Entry, list[Entry]]:
    return await validate(world, Scope(Level.BYTES))


async def test_what_reading_finds_to_be_the_same_is_decided_and_what_differs_is_named_once() -> None:
    world = await equal(3)
    for store in (world.source, world.target):
        held = store.now("k01")
        assert held
        store._versions["k01"][-1] = replace(held, encryption="aws:kms")
    assert (await read(world))[0]["undecided"] == 0
    world.target.write("k02", b"x", metadata={}, tags={"t": "x"})
    entry, (found,) = await read(world)
    assert (entry["undecided"], found["fields"]) == (0, ["bytes", "tags"])


async def test_bytes_that_may_not_be_read_stay_undecided_and_all_else_is_compared() -> None:
    world = await equal(3)

    async def archived(document: Document) -> str:
        raise ServiceError("archived", code="InvalidObjectState", status=403)

    world.target.read_digest = archived  # type: ignore[method-assign]
    held = world.target.now("k01")
    assert held
    await world.target.put_tags("k01", held.version, {"t": "x"})
    entry, (found,) = await read(world)
    assert (entry["undecided"], found["key"], found["fields"]) == (2, "k01", ["tags"])


async def test_a_version_that_goes_while_it_is_read_is_told_in_the_store_s_own_words() -> None:
    world = await equal(1)

    async def gone(document: Document) -> str:
        raise Conflict("lost the version that was being read")

    world.target.read_digest = gone  # type: ignore[method-assign]
    with pytest.raises(Retryable, match="lost the version"):
        await read(world)


@pytest.mark.parametrize("level", [Level.QUICK, Level.FULL])
async def test_each_document_that_only_its_bytes_could_tell_counts(level: Level) -> None:
    world = await equal(4)
    for key in ("k01", "k03"):
        for store, etag in ((world.source, "1" * 32), (world.target, "2" * 32)):
            held = store.now(key)
            assert held
            unlisted = {"etag": f"{etag}-2"} if level is Level.QUICK else {"encryption": "aws:kms", "etag": etag}
            store._versions[key][-1] = replace(held, **unlisted)  # type: ignore[arg-type]
    entry, differences = await validate(world, Scope(level))
    assert (entry["undecided"], differences) == (2, [])
