import base64
from typing import Any

import pytest

from docferry.domain.errors import InvalidInput, Retryable, ServiceError
from docferry.domain.gate import Writer
from docferry.settings import Runner
from tests.unit.handlers.conftest import Functions, complete
from tests.unit.handlers.messages import created, failures, message, streamed
from tests.unit.world import key_of, record

TARGET_QUEUE = "arn:aws:sqs:eu-west-1:000000000000:target-queue"


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
    (entry,) = asked["Entries"]
    assert (name, entry["ReceiptHandle"]) == ("ChangeMessageVisibilityBatch", "h1")
    # Shown at once, it would have been tried too often in moments.
    assert entry["VisibilityTimeout"] == Runner().visibility_s
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
    functions.run(complete(functions.world))
    answer = functions.data_sync({"Records": [streamed(7, key_of("r1")), streamed(8, key_of("r2"))]})
    assert failures(answer) == ["7", "8"]
