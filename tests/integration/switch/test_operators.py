"""Two operators at once, and one who changes his mind."""

import signal
from pathlib import Path

import pytest

from tests.integration.switch.driving import YES, World, told
from tests.integration.switch.outside import until

AFTER = {"cutover": ("replicator", "application"), "rollback": ("application", "replicator")}
OTHERS_WORK = "another process is at work on this migration"


def test_of_two_at_once_one_switches_and_the_other_is_refused(world: World, turn: str) -> None:
    world.write()
    both = [world.command(turn, *YES), world.command(turn, *YES)]
    ended = sorted((one.ended() for one in both), key=lambda said: said.code)
    assert ended[0].code == 0, ended
    told(ended[1], 3, OTHERS_WORK, "this one changed nothing")
    assert world.outside.writers() == AFTER[turn]
    world.stop_writing()


def test_who_aborts_a_switch_that_is_alive_is_refused_and_does_not_disturb_it(world: World, turn: str) -> None:
    world.write()
    switch = world.command(turn, *YES)
    until(lambda: world.outside.step() == "arm" and "arm" in switch.steps)
    told(world.site.run(turn, "--abort"), 3, OTHERS_WORK)
    assert switch.ended().code == 0
    assert world.outside.writers() == AFTER[turn]
    world.stop_writing()


@pytest.mark.parametrize(
    ("moment", "other"),
    [
        ("sending:nobody:application", ("--abort",)),
        ("saved:open", ("--abort",)),
        ("sending:nobody:application", YES),
    ],
    ids=["abort", "abort before its last check", "go on"],
)
def test_a_controller_that_stood_still_before_the_opening_turns_nothing_when_it_wakes(
    world: World, turn: str, moment: str, other: tuple[str, ...]
) -> None:
    before = world.outside.writers()
    world.write()
    paused = world.at_moment(moment, "SIGSTOP", None, turn, *YES)
    until(lambda: stopped(paused.process.pid))
    assert world.run(turn, *other).code == 0
    gates = world.outside.gates()
    assert world.outside.writers() == (before if "--abort" in other else AFTER[turn])
    paused.send(signal.SIGCONT)
    told(paused.ended(), 3)
    assert world.outside.gates() == gates
    assert world.outside.ledger("switch")["state"] == ("aborted" if "--abort" in other else "done")
    world.stop_writing()


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_an_abort_of_nothing_is_refused(world: World, turn: str) -> None:
    before = world.outside.gates()
    told(world.site.run(turn, "--abort"), 3, f"no {turn} is under way")
    assert world.outside.gates() == before


@pytest.mark.parametrize("moment", ["turned:source:application", "turned:source:nobody"])
def test_ctrl_c_before_the_opening_leaves_everything_as_it_was(world: World, turn: str, moment: str) -> None:
    before = world.outside.writers()
    world.write()
    said = world.at_moment(moment, "SIGINT", None, turn, *YES).ended()
    told(said, 130, "stopped")
    assert world.outside.writers() == before
    gates = world.outside.gates()
    assert not any(gate and gate.journal for gate in gates.values())
    assert world.outside.ledger("switch")["state"] == "aborted"
    world.stop_writing()


def test_ctrl_c_from_the_terminal_while_writers_are_held_opens_the_source_again(world: World, turn: str) -> None:
    before = world.outside.writers()
    world.write()
    assert world.runner
    runner = world.runner.process
    # Without its answer the switch stays in drain.
    switch = world.at_moment("turned:source:nobody", "SIGSTOP", runner, turn, *YES)
    until(lambda: world.outside.step() == "drain", every_s=0.01)
    switch.send(signal.SIGINT)
    said = switch.ended()
    runner.send_signal(signal.SIGCONT)
    told(said, 130, "stopped")
    assert world.outside.writers() == before
    world.runner_again()
    world.stop_writing()
