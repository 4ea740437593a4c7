"""A switch that is killed at any of its moments is gone on with, or undone, and nothing is lost."""

import pytest

from tests.integration.switch.driving import YES, World, told

BEFORE = {"cutover": "source", "rollback": "target"}
AFTER = {"cutover": "target", "rollback": "source"}
OTHER = {"cutover": "rollback", "rollback": "cutover"}
WRITERS = {"source": ("application", "replicator"), "target": ("replicator", "application")}


def go_on(world: World, turn: str) -> str:
    again = world.run(turn, *YES, "--json")
    assert (again.code, again.json["state"]) == (0, "done"), again.err
    return AFTER[turn]


def undo(world: World, turn: str) -> str:
    undone = world.run(turn, "--abort", "--json")
    assert undone.code == 0, undone.err
    assert f"{world.outside.side(BEFORE[turn]).region} " in undone.json["aborted"]
    assert world.outside.ledger("switch")["state"] == "aborted"
    return BEFORE[turn]


def undo_too_late(world: World, turn: str) -> str:
    late = world.run(turn, "--abort", "--json")
    assert late.code == 0, late.err
    assert f"{world.outside.side(AFTER[turn]).region} is open to applications already" in late.json["aborted"]
    return AFTER[turn]


def try_the_other(world: World, turn: str) -> str:
    told(world.run(OTHER[turn], *YES), 3, f"a {turn} is under way", f"docferry {turn} goes on with it")
    return go_on(world, turn)


@pytest.mark.parametrize(
    ("turn", "moment", "then"),
    [
        ("cutover", "told:check", go_on),
        ("rollback", "turned:source:nobody", go_on),
        ("cutover", "turned:target:replicator", undo),
        ("cutover", "turned:source:nobody", undo),
        ("cutover", "saved:drain", go_on),
        ("rollback", "turned:target:application", try_the_other),
        ("cutover", "saved:verify", undo),
        ("cutover", "turned:target:nobody", try_the_other),
        ("rollback", "told:arm", go_on),
        ("cutover", "saved:open", go_on),
        ("rollback", "saved:close", undo),
        ("rollback", "turned:source:replicator", go_on),
        ("cutover", "turned:target:application", undo_too_late),
    ],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_killed_at_any_moment_it_is_gone_on_with_or_undone(
    world: World, turn: str, moment: str, then: object
) -> None:
    assert callable(then)
    world.turn_to(BEFORE[turn])
    before = world.write().learned().acknowledged
    world.dying(moment, turn, *YES)
    assert world.outside.writers().count("application") <= 1
    active = then(world, turn)
    assert world.outside.writers() == WRITERS[active]
    assert world.stop_writing().acknowledged > before + 10


def test_a_switch_that_an_abort_found_open_is_told_like_any_other(world: World) -> None:
    world.turn_to("source")
    world.write()
    world.dying("turned:target:application", "cutover", *YES)
    undo_too_late(world, "cutover")
    world.stop_writing()
    last, gate = world.outside.ledger("switch"), world.outside.gate("target")
    assert gate
    assert last["epoch"] == gate.epoch
    assert last["opened_at"] > last["fenced_at"] > last["started_at"]
    assert last["pause_s"] > 0
    # complete asks for a validation that began after the opening.
    told(world.site.run("complete", "--dry-run"), 3, "validation", "begun before the last switch")
