"""Whatever comes on a feed or in an invocation: changes, a message that stays, or one error of docferry's own."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from docferry.aws.queue_feed import delivery
from docferry.domain.errors import DocferryError
from tests.unit.handlers.conftest import Functions
from tests.unit.handlers.messages import SOURCE_QUEUE, STREAM, created, failures, message, streamed
from tests.unit.world import key_of

FEW = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NAMES = st.sampled_from(
    ("Records", "s3", "object", "key", "versionId", "eventName", "source", "detail", "detail-type", "Event", "x")
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("aws.s3")
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=15
)


@FEW
@given(st.text(max_size=60) | JSON.map(json.dumps))
@example("")
@example("[" * 5_000)
@example(json.dumps({"source": "aws.s3", "detail": {"object": {"key": 5}}, "detail-type": "Object Created"}))
@example(
    json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "k", "versionId": 7}}}]})
)
@example(json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": ""}}}]}))
def test_a_message_of_any_text_is_read_or_stays_on_the_queue(text: str) -> None:
    given_ = delivery("receipt", text, "1000")
    for one in given_.documents:
        assert isinstance(one.key, str)
        assert one.key
        assert isinstance(one.version, str)
    assert not (given_.documents and given_.unreadable)


@pytest.mark.parametrize(
    "broken",
    [
        {"eventSource": "aws:sqs", "eventSourceARN": SOURCE_QUEUE},
        {"eventSource": "aws:dynamodb", "eventSourceARN": STREAM},
        {"eventSource": "aws:dynamodb", "eventSourceARN": STREAM, "dynamodb": {"Keys": 5}},
        {"eventSource": "aws:sqs", "eventSourceARN": 5},
        "text",
        None,
    ],
)
def test_a_batch_that_is_none_fails_with_an_error_of_docferry_s_own(functions: Functions, broken: Any) -> None:
    with pytest.raises(DocferryError):
        functions.data_sync({"Records": [broken]})


@pytest.mark.parametrize("event", [{"step": 5}, {"step": None}, {"step": []}, {"step": {}}, {"Records": 5}, {}])
def test_an_invocation_that_asks_for_nothing_known_is_refused(functions: Functions, event: Any) -> None:
    for function in (functions.data_sync, functions.validation):
        with pytest.raises(DocferryError):
            function(event)


def test_one_message_that_is_broken_does_not_keep_the_others_from_being_carried(functions: Functions) -> None:
    odd = json.dumps({"source": "aws.s3", "detail": {"object": {"key": 5}}, "detail-type": "Object Created"})
    answer = functions.data_sync({"Records": [message(1, odd), message(2, created("k01"))]})
    assert failures(answer) == ["m1"]
    assert failures(functions.data_sync({"Records": [streamed(7, key_of("r1"))]})) == []
