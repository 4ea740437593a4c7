from typing import Any

import pytest

from docferry.domain.errors import NeedsOperator
from docferry.domain.switch import State, Step, Switch, Turn, from_entry

BEGUN = Switch(3, Turn.ROLLBACK, "mine", "eu-west-1", "us-east-1", 100.0, without_client=True, lease_s=5.0)
FENCED = BEGUN.now(step=Step.OPEN, fenced_at=200.0, armed_epoch=7, journalled=4, drained=True, verified=True)


@pytest.mark.parametrize("switch", [BEGUN, FENCED, FENCED.done(260.0, epoch=9, reverse_epoch=10)])
def test_what_the_ledger_keeps_of_a_switch_is_the_whole_of_it(switch: Switch) -> None:
    entry = switch.as_entry()
    assert from_entry(entry) == switch
    assert (entry["turn"], entry["state"], entry["step"]) == ("rollback", switch.state.value, switch.step.value)


def test_it_ends_with_the_epochs_of_both_gates_and_the_pause_from_fence_to_opening() -> None:
    done = FENCED.now(opened_at=230.5).done(260.0, epoch=9, reverse_epoch=10)
    assert (done.state, done.epoch, done.reverse_epoch) == (State.DONE, 9, 10)
    assert (done.opened_at, done.pause_s, done.ended_at) == (230.5, 30.5, 260.0)


def test_an_opening_that_nobody_noted_was_at_the_latest_now() -> None:
    done = FENCED.done(260.0, epoch=9, reverse_epoch=10)
    assert (done.opened_at, done.pause_s) == (260.0, 60.0)


def test_a_reader_is_told_where_the_applications_write_now_and_what_was_proved() -> None:
    done = FENCED.now(opened_at=230.12345).done(260.0, epoch=9, reverse_epoch=10)
    assert done.summary() == {
        "turn": "rollback",
        "from": "eu-west-1",
        "to": "us-east-1",
        "epoch": 9,
        "pause_s": 30.123,
        "drained": True,
        "verified": True,
        "journalled": 4,
        "state": "done",
    }


@pytest.mark.parametrize("wrong", [{"turn": "sideways"}, {"state": ""}, {"step": "leap"}, {"later": 1}])
def test_a_switch_that_cannot_be_read_is_left_to_the_operator(wrong: dict[str, Any]) -> None:
    with pytest.raises(NeedsOperator, match="left as it is") as raised:
        from_entry({**BEGUN.as_entry(), **wrong})
    assert raised.value.hint == (
        "go on with the version of docferry that began it, "
        "or restore the item from the table's point-in-time backup"
    )
