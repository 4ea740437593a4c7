"""A runner or an application that stands still across a switch, for longer than its lease, and then wakes up."""

import signal
import time

import pytest

from tests.integration.switch.driving import YES, World, told

LONGER_THAN_A_LEASE_S = 1.5
AFTER = {"cutover": ("replicator", "application"), "rollback": ("application", "replicator")}


def test_a_runner_that_stands_still_from_the_fence_on_makes_the_switch_abort(world: World, turn: str) -> None:
    before = world.outside.writers()
    world.write()
    assert world.runner
    runner = world.runner.process
    said = world.at_moment("turned:source:nobody", "SIGSTOP", runner, turn, *YES).ended()
    told(said, 3, "the runner has stopped", "nothing is lost", "docferry sync")
    assert world.outside.writers() == before
    runner.send_signal(signal.SIGCONT)
    world.runner_again()
    world.stop_writing()


def test_a_runner_that_stands_still_before_the_switch_is_not_waited_for(world: World, turn: str) -> None:
    before = world.outside.writers()
    world.write()
    assert world.runner
    runner = world.runner.process
    runner.send_signal(signal.SIGSTOP)
    told(world.run(turn, *YES), 3, "the runner did not take notice", "nothing is lost")
    assert world.outside.writers() == before
    assert not any(gate and gate.journal for gate in world.outside.gates().values())
    runner.send_signal(signal.SIGCONT)
    world.runner_again()
    world.stop_writing()


def test_a_runner_that_stands_still_after_the_drain_is_waited_out_and_writes_nothing_stale(
    world: World, turn: str
) -> None:
    world.write()
    assert world.runner
    runner = world.runner.process
    said = world.at_moment("saved:close", "SIGSTOP", runner, turn, *YES, "--json").ended()
    assert said.code == 0, said.err
    assert said.json["seconds"]["close"] > 0.8
    assert world.outside.writers() == AFTER[turn]
    runner.send_signal(signal.SIGCONT)
    world.runner_again()
    world.stop_writing()


@pytest.mark.parametrize("moment", ["told:check", "saved:fence"])
def test_an_application_that_slept_through_the_switch_writes_where_it_is_open(
    world: World, turn: str, moment: str
) -> None:
    judge = world.write()
    assert world.application
    said = world.at_moment(moment, "SIGSTOP", world.application, turn, *YES).ended()
    assert said.code == 0, said.err
    assert world.outside.writers() == AFTER[turn]
    time.sleep(LONGER_THAN_A_LEASE_S)
    asleep = judge.learned().acknowledged
    world.application.send_signal(signal.SIGCONT)
    time.sleep(LONGER_THAN_A_LEASE_S)
    assert world.stop_writing().acknowledged > asleep + 5
