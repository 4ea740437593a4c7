"""What a sandbox held at a stop is there at the next start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from docferry.sandbox.server import Status
from tests.integration.sandbox.conftest import BUCKET, QUEUE, TABLE, Box, box_in
from tests.integration.sandbox.reached import PART, part_sizes, stream_records, tags, upload


@dataclass(frozen=True)
class Restarted:
    """A sandbox that was filled, looked at, stopped and started."""

    before: dict[str, Any]
    after: dict[str, Any]
    stopped: Status
    started: Status
    box: Box


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    for box in box_in(tmp_path_factory.mktemp("restart")):
        box.start()
        fill(box)
        before = seen(box)
        stopped = box.stop()
        started = box.start()
        yield Restarted(before, seen(box), stopped, started, box)


def fill(box: Box) -> None:
    s3, dynamodb = box.client("s3"), box.client("dynamodb")
    for body, tag in ((b"first", "n=1"), (b"second", "n=2")):
        s3.put_object(Bucket=BUCKET, Key="k", Body=body, Tagging=tag, Metadata={"author": "x"})
    s3.put_object(Bucket=BUCKET, Key="gone", Body=b"gone")
    s3.delete_object(Bucket=BUCKET, Key="gone")
    upload(s3, BUCKET, "large", [b"a" * PART, b"b" * 7])
    for value in ("1", "2"):
        item = {"owner": {"S": "o"}, "record_id": {"S": "r"}, "value": {"N": value}}
        dynamodb.put_item(TableName=TABLE, Item=item)


def seen(box: Box) -> dict[str, Any]:
    """Everything in the sandbox that a test looks at."""
    s3, sqs = box.client("s3"), box.client("sqs")
    versions = s3.list_object_versions(Bucket=BUCKET)
    named = [(one["Key"], one["VersionId"], one["IsLatest"]) for one in versions["Versions"]]
    read = {(key, version): s3.get_object(Bucket=BUCKET, Key=key, VersionId=version) for key, version, _ in named}
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]
    return {
        "versions": named,
        "markers": [(one["Key"], one["VersionId"], one["IsLatest"]) for one in versions["DeleteMarkers"]],
        "bodies": {of: answer["Body"].read() for of, answer in read.items()},
        "metadata": {of: answer["Metadata"] for of, answer in read.items()},
        "etags": {of: answer["ETag"] for of, answer in read.items()},
        # Not of "gone": the embedded AWS denies the tags of versions below a delete marker.
        "tags": {of: tags(s3, BUCKET, of[0], VersionId=of[1]) for of in read if of[0] != "gone"},
        "parts": part_sizes(s3, BUCKET, "large"),
        "items": box.client("dynamodb").scan(TableName=TABLE)["Items"],
        "stream": stream_records(box.client("dynamodbstreams"), TABLE),
        "messages": {one["MessageId"]: one["Body"] for one in messages},
    }


def test_a_stop_saves_and_a_start_finds_everything_again(restarted: Restarted) -> None:
    assert restarted.after == restarted.before
    counts = {name: len(held) for name, held in restarted.before.items()}
    # Five events of documents, and the test event that S3 sends first.
    assert counts == {
        "versions": 4, "markers": 1, "bodies": 4, "metadata": 4, "etags": 4, "tags": 3, "parts": 2, "items": 1,
        "stream": 2, "messages": 6,
    }  # fmt: skip


def test_a_start_that_finds_everything_creates_nothing_and_warns_of_nothing(restarted: Restarted) -> None:
    assert (restarted.stopped.changed, restarted.stopped.warnings) == (True, ())
    assert (restarted.started.changed, restarted.started.created, restarted.started.warnings) == (True, (), ())


def test_every_version_keeps_its_own_tags_across_a_restart(restarted: Restarted) -> None:
    held = {restarted.after["bodies"][of]: shown for of, shown in restarted.after["tags"].items()}
    assert (held[b"first"], held[b"second"]) == ({"n": "1"}, {"n": "2"})


def test_the_parts_of_a_document_are_still_told_after_a_restart(restarted: Restarted) -> None:
    """Patch restored_parts."""
    assert restarted.after["parts"] == [PART, 7]


def test_a_reader_of_the_stream_goes_on_where_it_was_after_a_restart(restarted: Restarted) -> None:
    """Patch stream_state."""
    streams = restarted.box.client("dynamodbstreams")
    first, second = restarted.before["stream"]
    position = first["dynamodb"]["SequenceNumber"]
    later = stream_records(streams, TABLE, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=position)
    assert [one["eventID"] for one in later] == [second["eventID"]]


def test_new_stream_records_come_after_those_from_before_the_restart(restarted: Restarted) -> None:
    key = {"owner": {"S": "o"}, "record_id": {"S": "later"}}
    restarted.box.client("dynamodb").put_item(TableName=TABLE, Item=key)
    last = restarted.before["stream"][-1]["dynamodb"]["SequenceNumber"]
    streams = restarted.box.client("dynamodbstreams")
    later = stream_records(streams, TABLE, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=last)
    assert [one["dynamodb"]["Keys"] for one in later] == [key]
    assert int(later[0]["dynamodb"]["SequenceNumber"]) > int(last)
