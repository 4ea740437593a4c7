from docferry.demo.switching import Steps, Switched
from docferry.domain.switch import Step, Switch, Turn
from tests.unit.fakes import ManualClock

SWITCH = Switch(1, Turn.CUTOVER, "a", "us-east-1", "eu-west-1", 0.0, pause_s=0.5, epoch=4, verified=True)


async def test_a_step_takes_from_what_was_said_before_it_and_all_of_it_is_shown() -> None:
    clock, shown = ManualClock(), list[str]()
    told = Steps(Turn.ROLLBACK, clock, shown.append)
    for step, seconds in ((Step.CHECK, 1.0), (Step.ARM, 2.0), (Step.ARM, 3.0), (Step.FENCE, 0.25)):
        await clock.sleep(seconds)
        told(step, "said")
    assert told.seconds == {"check": 1.0, "arm": 5.0, "fence": 0.25}
    assert shown == [
        "rollback: check: said",
        "rollback: arm: said",
        "rollback: arm: said",
        "rollback: fence: said",
    ]


def test_the_longest_step_is_one_that_held_writers() -> None:
    assert Switched(SWITCH, {"arm": 9.0, "fence": 0.3, "drain": 0.4}).longest == ("drain", 0.4)


def test_a_switch_is_shown_with_the_seconds_of_its_steps() -> None:
    shown = Switched(SWITCH, {"fence": 0.3}).as_json()
    assert (shown["from"], shown["to"], shown["epoch"], shown["verified"]) == ("us-east-1", "eu-west-1", 4, True)
    assert shown["seconds"] == {"fence": 0.3}
