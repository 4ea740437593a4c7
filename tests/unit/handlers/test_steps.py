from typing import Any

import pytest

from docferry.approval import asked
from docferry.domain.errors import GateRefused, InvalidInput, NeedsOperator, Refused
from docferry.domain.switch import State, Switch, Turn
from docferry.handlers import steps
from docferry.ports import ListingPage
from docferry.resume import seed_of
from docferry.switch.memory import LAST
from tests.unit.handlers.conftest import Functions, complete
from tests.unit.workers.parting import validated


def test_prepare_begins_a_seed_and_sets_the_gates(fresh: Functions) -> None:
    assert fresh.data_sync({"step": "prepare"}) == {"seed": 0}
    assert fresh.run(seed_of(fresh.world.ledger)) is not None
    assert fresh.leases == ["sync"]


def test_plan_divides_into_numbered_parts(fresh: Functions) -> None:
    fresh.data_sync({"step": "prepare"})
    answer = fresh.data_sync({"step": "plan"})
    assert answer == {"done": True, "ranges": [0], "segments": [0, 1, 2, 3], "documents": 40}


def test_a_plan_without_time_is_not_done_and_has_no_parts_yet(fresh: Functions) -> None:
    async def slow(after: str, prefix: str = "") -> ListingPage:
        await fresh.world.clock.sleep(1000.0)
        raise AssertionError("unreachable")

    fresh.data_sync({"step": "prepare"})
    fresh.world.source.page = slow  # type: ignore[method-assign]
    answer = fresh.data_sync({"step": "plan"})
    assert (answer["done"], answer["ranges"]) == (False, [])


def test_all_parts_of_the_backfill_bring_everything(fresh: Functions) -> None:
    fresh.data_sync({"step": "prepare"})
    fresh.data_sync({"step": "plan"})
    assert fresh.data_sync({"step": "backfill_documents", "range": 0}) == {"done": True}
    for number in range(4):
        assert fresh.data_sync({"step": "backfill_records", "segment": number}) == {"done": True}
    assert fresh.data_sync({"step": "finish_backfill"}) == {"documents": 40, "records": 40}
    assert fresh.run(fresh.world.differing()) == set()


@pytest.mark.parametrize("event", [{}, {"range": "0"}, {"range": -1}, {"range": True}, {"range": None}])
def test_a_part_without_a_number_is_refused(functions: Functions, event: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="no number of a part"):
        functions.data_sync({"step": "backfill_documents", **event})


@pytest.mark.parametrize("event", [{}, {"step": "dance"}, {"step": ""}, {"Records": []}])
def test_an_unknown_step_is_refused_and_the_known_ones_are_named(
    functions: Functions, event: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="which are follow, prepare"):
        functions.data_sync(event)


def test_an_error_says_what_to_do_for_that_is_all_a_state_machine_shows(fresh: Functions) -> None:
    fresh.data_sync({"step": "prepare"})
    with pytest.raises(NeedsOperator, match="next: run the step plan first"):
        fresh.data_sync({"step": "finish_backfill"})


def test_an_error_without_a_hint_is_passed_on_as_it_is(functions: Functions) -> None:
    def refuse(lease: str) -> Any:
        raise GateRefused("closed")

    functions.directions = refuse
    with pytest.raises(GateRefused, match=r"^closed$"):
        functions.data_sync({"step": "plan"})


def test_repair_brings_what_the_validation_found(functions: Functions) -> None:
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    functions.run(validated(functions.world))
    assert functions.data_sync({"step": "repair"}) == {"repaired": 1, "done": True}
    assert functions.run(functions.world.differing()) == set()
    assert functions.leases == ["repair"]


def test_a_repair_without_time_says_that_it_is_not_done(functions: Functions) -> None:
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    functions.run(validated(functions.world))
    answer = functions.data_sync({"step": "repair"}, seconds=0.0)
    assert answer["done"] is False


def test_an_approval_is_noted_with_its_token_and_published(functions: Functions) -> None:
    functions.data_sync({"step": "approval", "token": "t", "about": "cutover"})
    held = functions.run(asked(functions.world.ledger))
    assert [(one.token, one.about) for one in held] == [("t", "cutover")]
    assert functions.published == [("Approval Asked", {"about": "cutover"})]


def test_a_switch_that_is_refused_says_why(functions: Functions) -> None:
    with pytest.raises(Refused, match="runner: nobody follows the changes"):
        functions.data_sync({"step": "cutover"})


def test_a_rollback_before_any_cutover_is_refused(functions: Functions) -> None:
    with pytest.raises(Refused, match="rollback"):
        functions.data_sync({"step": "rollback"})


def test_a_switch_without_time_is_undone_and_says_so(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever(*_: Any) -> Any:
        await functions.world.clock.sleep(10_000.0)

    monkeypatch.setattr(steps, "perform", forever)
    with pytest.raises(Refused, match="not done in 225 s and was undone"):
        functions.data_sync({"step": "cutover"})


def test_a_switch_of_more_documents_than_it_has_time_for_is_left_to_a_person(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "SWITCHED_HERE", 10)
    with pytest.raises(NeedsOperator, match="run docferry cutover on a machine"):
        functions.data_sync({"step": "cutover"})


def test_watch_says_what_is_wrong(functions: Functions) -> None:
    answer = functions.data_sync({"step": "watch"})
    assert answer["healthy"] is False
    assert "runner: nobody follows the changes" in answer["reason"]
    assert answer["phase"] == "sync"


def test_completing_before_a_cutover_is_refused(functions: Functions) -> None:
    with pytest.raises(Refused, match="applications do not write at the target"):
        functions.data_sync({"step": "complete"})


def test_completing_twice_is_completing_once(functions: Functions) -> None:
    functions.run(complete(functions.world))
    assert functions.data_sync({"step": "complete"}) == {"completed": True}


def test_a_switch_whose_time_is_over_right_after_the_opening_is_done(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(directions: Any, turn: Turn, *_: Any) -> Any:
        done = Switch(1, turn, "a", "source-region", "target-region", 0.0, state=State.DONE, epoch=7)
        await functions.world.ledger.write(LAST, done.as_entry(), None)
        await functions.world.clock.sleep(10_000.0)

    monkeypatch.setattr(steps, "perform", slow)
    assert functions.data_sync({"step": "cutover"})["epoch"] == 7


def test_a_switch_of_long_ago_is_not_taken_for_one_whose_time_is_over(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever(*_: Any) -> Any:
        await functions.world.clock.sleep(10_000.0)

    before = Switch(1, Turn.CUTOVER, "a", "source-region", "target-region", 0.0, state=State.DONE, epoch=7)
    functions.run(functions.world.ledger.write(LAST, before.as_entry(), None))
    monkeypatch.setattr(steps, "perform", forever)
    with pytest.raises(Refused, match="was undone"):
        functions.data_sync({"step": "cutover"})
