from typing import Any

import pytest

from docferry.domain.change import DocumentChange, document_changes
from docferry.domain.errors import InvalidInput


def s3_event(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {"Records": [{"eventName": name, "s3": {"object": {"key": key, "versionId": "v1"}}}]}


def test_the_key_is_quoted_straight_from_s3_and_raw_through_eventbridge() -> None:
    through = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": "a+b%41"}}}
    assert document_changes(s3_event("a%2Bb+c")) == (DocumentChange("a+b c", "v1"),)
    assert document_changes(through) == (DocumentChange("a+b%41"),)


@pytest.mark.parametrize(
    ("name", "through"),
    [
        ("ObjectTagging:Put", "Object Tags Added"),
        ("ObjectTagging:Delete", "Object Tags Deleted"),
        ("ObjectRemoved:Delete", "Object Deleted"),
        ("LifecycleExpiration:DeleteMarkerCreated", "Object Deleted"),
    ],
)
def test_only_a_creation_tells_a_version_that_is_new(name: str, through: str) -> None:
    held = {"source": "aws.s3", "detail": {"object": {"key": "k", "version-id": "v1"}}}
    assert document_changes(s3_event("k", name)) == (DocumentChange("k"),)
    assert document_changes({**held, "detail-type": through}) == (DocumentChange("k"),)
    assert document_changes({**held, "detail-type": "Object Created"}) == (DocumentChange("k", "v1"),)


def test_the_test_event_of_a_new_notification_carries_no_change() -> None:
    assert document_changes({"Service": "Amazon S3", "Event": "s3:TestEvent"}) == ()


def test_a_bucket_without_versions_tells_of_a_creation_without_one() -> None:
    event = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "k"}}}
    assert document_changes({"Records": [event]}) == (DocumentChange("k", ""),)


@pytest.mark.parametrize(("key", "version"), [("", "v1"), (None, "v1"), (7, "v1"), ("k", None), ("k", 3)])
def test_a_change_without_a_key_or_with_a_version_that_is_none_is_never_looked_up(key: Any, version: Any) -> None:
    held = {"key": key, "version-id": version}
    message = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": held}}
    with pytest.raises(InvalidInput, match=r"names no key.*stays on the queue"):
        document_changes(message)


@pytest.mark.parametrize("message", [{}, {"Records": [{}]}, {"Records": 3}, {"source": "aws.s3"}])
def test_a_message_nobody_understands_is_never_taken_for_no_change(message: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="stays on the queue"):
        document_changes(message)
