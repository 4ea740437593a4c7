import asyncio
import base64
from dataclasses import replace
from typing import Any

import orjson
import pytest

from docferry.approval import asked
from docferry.checkpoint import Checkpoint
from docferry.domain.errors import (
    GateRefused,
    InvalidInput,
    LeaseTaken,
    NeedsOperator,
    Refused,
    Retryable,
    ServiceError,
    StaleEpoch,
)
from docferry.domain.gate import Writer
from docferry.domain.record import Item
from docferry.domain.switch import State, Switch, Turn
from docferry.handlers import following, steps
from docferry.handlers.publishing import BUS
from docferry.ports import ListingPage
from docferry.resume import seed_of
from docferry.switch.memory import LAST
from tests.unit.handlers.conftest import Functions
from tests.unit.workers.parting import validated
from tests.unit.world import World, key_of, record

SOURCE_QUEUE = "arn:aws:sqs:us-east-1:000000000000:source-queue"
TARGET_QUEUE = "arn:aws:sqs:eu-west-1:000000000000:target-queue"
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/source-table/stream/2026-01-01T00:00:00.000"


def message(number: int, body: Any, queue: str = SOURCE_QUEUE) -> dict[str, Any]:
    text = body if isinstance(body, str) else orjson.dumps(body).decode()
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"h{number}",
        "body": text,
        "attributes": {"SentTimestamp": "1000000"},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
    }


def created(key: str, version: str = "v") -> dict[str, Any]:
    held = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key, "versionId": version}}}
    return {"Records": [held]}


def streamed(number: int, key: Item, arn: str = STREAM) -> dict[str, Any]:
    change = {"Keys": key, "SequenceNumber": f"{number}", "ApproximateCreationDateTime": 999.0}
    return {"eventID": str(number), "eventSource": "aws:dynamodb", "eventSourceARN": arn, "dynamodb": change}


def failures(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


# Batches of a queue


def test_a_queue_s_batch_is_carried_and_nothing_fails(functions: Functions) -> None:
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    answer = functions.data_sync({"Records": [message(1, created("k01")), message(2, created("k02"))]})
    assert failures(answer) == []
    assert functions.run(functions.world.differing()) == set()
    assert functions.published == [("Documents Synced", {"documents": 1, "records": 0})]


def test_a_batch_that_changed_nothing_publishes_nothing(functions: Functions) -> None:
    functions.data_sync({"Records": [message(1, created("k01"))]})
    assert functions.published == []


def test_the_event_that_s3_sends_to_try_a_queue_is_taken_off(functions: Functions) -> None:
    assert failures(functions.data_sync({"Records": [message(1, {"Event": "s3:TestEvent"})]})) == []


def test_what_cannot_be_read_stays_on_the_queue_and_comes_again_soon(functions: Functions) -> None:
    answer = functions.data_sync({"Records": [message(1, "no json"), message(2, created("k01"))]})
    assert failures(answer) == ["m1"]
    name, asked = functions.source.asked[-1]
    assert (name, [one["ReceiptHandle"] for one in asked["Entries"]]) == ("ChangeMessageVisibilityBatch", ["h1"])
    kind, detail = functions.published[-1]
    assert (kind, detail["left"], detail["first"]) == ("Documents Failed", 1, ["m1"])
    assert "expected" in detail["reason"]


def test_a_batch_of_which_nothing_can_be_carried_is_no_failure_of_the_function(functions: Functions) -> None:
    answer = functions.data_sync({"Records": [message(1, "no json"), message(2, "nor this")]})
    assert failures(answer) == ["m1", "m2"]


def test_the_target_s_queue_is_told_from_the_source_s(functions: Functions) -> None:
    functions.world.target.write("k01", b"foreign", metadata={}, tags={})
    functions.target.fails = ServiceError("no such queue")
    answer = functions.data_sync(
        {"Records": [message(1, created("k01"), TARGET_QUEUE), message(2, "?", TARGET_QUEUE)]}
    )
    assert failures(answer) == ["m2"]
    assert functions.run(functions.world.differing()) == set()


def test_a_queue_that_cannot_be_told_to_give_a_message_back_soon_gives_it_back_later(functions: Functions) -> None:
    functions.source.fails = Retryable("busy")
    assert failures(functions.data_sync({"Records": [message(1, "?")]})) == ["m1"]


def test_in_the_moment_of_a_switch_the_batch_stays_on_the_queue(functions: Functions) -> None:
    async def close() -> None:
        gate = await functions.world.target_gate.read()
        assert gate
        await functions.world.target_gate.change(gate, gate.turned(Writer.NOBODY))

    functions.run(close())
    assert failures(functions.data_sync({"Records": [message(1, created("k01"))]})) == ["m1"]
    assert "switch is under way" in functions.published[-1][1]["reason"]


def test_before_the_migration_is_begun_the_batch_stays_on_the_queue(fresh: Functions) -> None:
    assert failures(fresh.data_sync({"Records": [message(1, created("k01"))]})) == ["m1"]


@pytest.mark.parametrize(
    "record",
    [
        message(1, created("k01"), "arn:aws:sqs:us-east-1:000000000000:another"),
        message(1, created("k01"), "nothing"),
        {"eventSource": "aws:kinesis", "eventSourceARN": "arn"},
        {"eventSourceARN": "arn"},
        streamed(1, key_of("r1"), "arn:aws:dynamodb:us-east-1:000000000000:table"),
    ],
)
def test_a_batch_of_anything_else_fails_loudly(functions: Functions, record: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        functions.data_sync({"Records": [record]})


# Batches of a stream


def test_a_stream_s_batch_is_carried(functions: Functions) -> None:
    functions.run(functions.world.source_records.put(record("new", "1"), None))
    assert failures(functions.data_sync({"Records": [streamed(7, key_of("new"))]})) == []
    assert functions.run(functions.world.differing()) == set()
    assert functions.published == [("Documents Synced", {"documents": 0, "records": 1})]


def test_a_binary_key_of_a_stream_is_read_as_it_is_stored(functions: Functions) -> None:
    key = {"id": {"B": base64.b64encode(b"\x00\x01").decode()}}
    functions.run(functions.world.source_records.put({**key, "value": {"N": "1"}}, None))
    assert failures(functions.data_sync({"Records": [streamed(7, key)]})) == []
    assert functions.run(functions.world.target_records.get(key))


def test_what_a_stream_s_batch_could_not_carry_is_named_by_its_number(functions: Functions) -> None:
    functions.run(_complete(functions.world))
    answer = functions.data_sync({"Records": [streamed(7, key_of("r1")), streamed(8, key_of("r2"))]})
    assert failures(answer) == ["7", "8"]


async def _complete(world: World) -> None:
    gate = await world.target_gate.read()
    assert gate
    await world.target_gate.change(gate, gate.turned(Writer.NOBODY))
    await world.ledger.write("complete", {"at": 1.0}, None)


# Steps of the state machine


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


# Switches


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
    functions.run(_complete(functions.world))
    assert functions.data_sync({"step": "complete"}) == {"completed": True}


# The scheduled runner


def test_the_runner_follows_until_its_time_is_over(fresh: Functions) -> None:
    assert fresh.data_sync({"step": "follow"}) == {"followed": True, "completed": False}
    assert fresh.world.clock.time - 1000.0 == pytest.approx(300 - 15 - following.NO_LATER_S, abs=3.0)
    lease = fresh.run(fresh.world.ledger.read("lease/sync"))
    assert lease is not None
    assert lease["owner"] == ""


def test_the_runner_leaves_the_backfill_to_others(fresh: Functions) -> None:
    fresh.data_sync({"step": "follow"})
    assert fresh.world.progress.documents_copied == 0


def test_the_phase_is_published_when_it_changes(fresh: Functions) -> None:
    fresh.data_sync({"step": "follow"})
    fresh.data_sync({"step": "follow"})
    assert [one for one in fresh.published if one[0] == "Phase Changed"] == [
        ("Phase Changed", {"from": "", "to": "sync"})
    ]


def test_a_second_runner_waits_and_gives_up_while_the_first_lives(functions: Functions) -> None:
    world, build = functions.world, functions.directions
    first = world.directions("sync", "the first").forward.lease
    functions.run(first.acquire())
    keeping: list[Any] = []

    def beside(lease: str) -> Any:
        keeping.append(asyncio.ensure_future(first.keep()))
        return build(lease)

    functions.directions = beside
    assert functions.data_sync({"step": "follow"}, seconds=90.0) == {"followed": False, "completed": False}


def test_a_second_runner_takes_over_from_one_that_died(functions: Functions) -> None:
    functions.run(functions.world.directions("sync", "dead").forward.lease.acquire())
    assert functions.data_sync({"step": "follow"})["followed"] is True


def test_nobody_follows_once_it_is_complete(functions: Functions) -> None:
    functions.run(_complete(functions.world))
    assert functions.data_sync({"step": "follow"}) == {"followed": False, "completed": True}


def test_what_the_stores_lack_is_told_at_once(functions: Functions) -> None:
    async def unready() -> None:
        raise Refused("no stream")

    build = functions.directions

    def directions(lease: str) -> Any:
        built = build(lease)
        return replace(built, forward=replace(built.forward, ready=unready))

    functions.directions = directions
    with pytest.raises(Refused, match="no stream"):
        functions.data_sync({"step": "follow"})


def test_a_runner_in_the_middle_of_a_switch_stays_longer(functions: Functions) -> None:
    async def arm() -> None:
        gate = await functions.world.target_gate.read()
        assert gate
        await functions.world.target_gate.change(gate, gate.turned(Writer.REPLICATOR, journal=True))

    functions.run(arm())
    began = functions.world.clock.time
    functions.data_sync({"step": "follow"}, seconds=120.0)
    assert functions.world.clock.time - began >= 120 - 15 - 1


def test_two_that_publish_the_phase_at_once_publish_it_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late:
        def __init__(self) -> None:
            self.entry: dict[str, Any] = {}

        async def save(self, entry: Any) -> None:
            raise StaleEpoch("another has")

    async def load(*_: Any) -> Late:
        return Late()

    monkeypatch.setattr(Checkpoint, "load", load)
    call = type("Call", (), {"connection": None})()
    functions.run(following.tell(call, functions.world.directions()))
    assert functions.published == []


def test_a_runner_goes_on_if_it_cannot_tell(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise Retryable("busy")

    monkeypatch.setattr(following, "tell", fails)
    assert functions.data_sync({"step": "follow"})["followed"] is True


# Events


def test_without_a_bus_nothing_is_published(functions: Functions, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(BUS, "")
    functions.data_sync({"Records": [message(1, "?")]})
    assert functions.published == []


@pytest.mark.parametrize("how", ["refused", "entry refused"])
def test_an_event_that_cannot_be_published_holds_up_nothing(functions: Functions, how: str) -> None:
    if how == "refused":
        functions.target.fails = ServiceError("no such bus")
    functions.target.answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "no"}]}
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    assert failures(functions.data_sync({"Records": [message(1, created("k01"))]})) == []


def test_a_runner_that_was_outrun_by_another_waits_again(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, outrun = following._sync, [True]

    async def sync(directions: Any, until: float) -> None:
        if outrun:
            outrun.clear()
            raise LeaseTaken("another was quicker")
        await real(directions, until)

    monkeypatch.setattr(following, "_sync", sync)
    assert functions.data_sync({"step": "follow"})["followed"] is True


def test_a_runner_that_is_not_to_wait_leaves_it_to_the_one_at_work(functions: Functions) -> None:
    functions.run(functions.world.directions("sync", "another").forward.lease.acquire())
    answer = functions.data_sync({"step": "follow", "wait": False})
    assert answer == {"followed": False, "completed": False}


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
