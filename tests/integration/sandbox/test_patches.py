"""What each patch adds to the embedded AWS; restored_parts and stream_state are in test_restart.py."""

import hashlib
import json
import socket
import uuid
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest

from docferry.sandbox.buckets import EVENTS
from tests.integration.sandbox.reached import PART, client, part_sizes, refusal, tags, upload

OTHER = '"00000000000000000000000000000000"'


@pytest.fixture
def s3(endpoint: str) -> Any:
    return client(endpoint, "s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture
def events(endpoint: str, s3: Any, versioned: str) -> Any:
    """Returns the events that are on the queue of the bucket right now."""
    sqs = client(endpoint, "sqs")
    url = sqs.create_queue(QueueName=versioned)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.put_bucket_notification_configuration(
        Bucket=versioned, NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": EVENTS}]}
    )
    sqs.purge_queue(QueueUrl=url)

    def received() -> list[dict[str, Any]]:
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [record for one in messages for record in json.loads(one["Body"]).get("Records", ())]
        return found

    return received


def copy(s3: Any, bucket: str, **condition: str) -> int:
    source = {"Bucket": bucket, "Key": "source"}
    return refusal(s3.copy_object, Bucket=bucket, Key="target", CopySource=source, **condition)


def body_of(s3: Any, bucket: str) -> bytes:
    body: bytes = s3.get_object(Bucket=bucket, Key="target")["Body"].read()
    return body


def test_a_copy_on_condition_leaves_a_target_that_is_another_one(s3: Any, versioned: str) -> None:
    """Patch copy_conditions."""
    s3.put_object(Bucket=versioned, Key="source", Body=b"source")
    etag = s3.put_object(Bucket=versioned, Key="target", Body=b"target")["ETag"]
    assert copy(s3, versioned, IfMatch=OTHER) == 412
    assert copy(s3, versioned, IfNoneMatch="*") == 412
    assert body_of(s3, versioned) == b"target"
    assert copy(s3, versioned, IfMatch=etag) == 0
    assert body_of(s3, versioned) == b"source"


def test_a_copy_on_condition_tells_an_absent_target_apart(s3: Any, versioned: str) -> None:
    """Patch copy_conditions."""
    s3.put_object(Bucket=versioned, Key="source", Body=b"source")
    assert copy(s3, versioned, IfMatch=OTHER) == 404
    assert copy(s3, versioned, IfNoneMatch="*") == 0
    s3.delete_object(Bucket=versioned, Key="target")
    assert copy(s3, versioned, IfNoneMatch="*") == 0
    assert copy(s3, "no-such-bucket", IfNoneMatch="*") == 404


def test_a_copy_of_an_object_in_parts_is_one_part(s3: Any, versioned: str) -> None:
    """Patch copied_whole."""
    upload(s3, versioned, "source", [b"x" * 5 * 1024**2, b"y"])
    assert s3.head_object(Bucket=versioned, Key="source")["ETag"].endswith('-2"')
    answer = s3.copy_object(Bucket=versioned, Key="target", CopySource=f"{versioned}/source")
    etag = f'"{hashlib.md5(b"x" * 5 * 1024**2 + b"y", usedforsecurity=False).hexdigest()}"'
    assert answer["CopyObjectResult"]["ETag"] == etag
    assert s3.head_object(Bucket=versioned, Key="target")["ETag"] == etag
    assert s3.list_objects_v2(Bucket=versioned, Prefix="target")["Contents"][0]["ETag"] == etag


@pytest.mark.parametrize("tagging", ["a=1&b=x%20y+z&c=", ""])
def test_an_upload_in_parts_gives_the_object_the_tags_it_began_with(s3: Any, versioned: str, tagging: str) -> None:
    """Patch multipart_tags."""
    s3.put_object(Bucket=versioned, Key="k", Tagging="earlier=1")
    upload(s3, versioned, "k", [b"x"], Tagging=tagging)
    assert tags(s3, versioned, "k") == ({"a": "1", "b": "x y z", "c": ""} if tagging else {})


def test_an_upload_in_parts_with_too_many_tags_is_refused(s3: Any, versioned: str) -> None:
    """Patch multipart_tags."""
    tagging = "&".join(f"{n}=x" for n in range(11))
    assert refusal(s3.create_multipart_upload, Bucket=versioned, Key="k", Tagging=tagging) == 400


@pytest.mark.parametrize("versioning", ["", "Suspended"])
def test_an_overwrite_without_versions_drops_the_tags_of_what_it_replaces(
    s3: Any, bucket: str, versioning: str
) -> None:
    """Patch overwritten_tags."""
    if versioning:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    s3.put_object(Bucket=bucket, Key="k", Tagging="a=1&b=1")
    s3.put_object(Bucket=bucket, Key="k")
    assert tags(s3, bucket, "k") == {}
    s3.put_object(Bucket=bucket, Key="k", Tagging="c=1")
    assert tags(s3, bucket, "k") == {"c": "1"}
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "d", "Value": "1"}]})
    upload(s3, bucket, "k", [b"x"])
    assert tags(s3, bucket, "k") == {}


def test_heads_tell_the_parts_of_an_object(s3: Any, versioned: str) -> None:
    """Patch part_heads."""
    upload(s3, versioned, "k", [b"a" * PART, b"b" * 3])
    head = s3.head_object(Bucket=versioned, Key="k", PartNumber=2)
    assert (head["ResponseMetadata"]["HTTPStatusCode"], head["PartsCount"], head["ContentLength"]) == (206, 2, 3)
    assert part_sizes(s3, versioned, "k") == [PART, 3]
    whole = s3.head_object(Bucket=versioned, Key="k")
    assert (whole["ResponseMetadata"]["HTTPStatusCode"], whole["ContentLength"]) == (200, PART + 3)


def test_every_event_is_on_the_queue_before_its_write_is_acknowledged(
    s3: Any, versioned: str, events: Any
) -> None:
    """Patch prompt_events."""
    (wanted,) = s3.get_bucket_notification_configuration(Bucket=versioned)["QueueConfigurations"]
    # So many that to judge them takes long enough for an answer to overtake its event.
    many = [
        {"QueueArn": wanted["QueueArn"], "Events": EVENTS, "Filter": prefixed(f"{number:03}/")}
        for number in range(1000)
    ]
    s3.put_bucket_notification_configuration(
        Bucket=versioned, NotificationConfiguration={"QueueConfigurations": many}
    )
    events()
    keys = [f"999/{number} +ü" for number in range(5)]
    for key in keys:
        s3.put_object(Bucket=versioned, Key=key)
        told = [(event["eventName"], unquote_plus(event["s3"]["object"]["key"])) for event in events()]
        assert told == [("ObjectCreated:Put", key)]
    s3.delete_object(Bucket=versioned, Key=keys[0])
    assert [event["eventName"] for event in events()] == ["ObjectRemoved:DeleteMarkerCreated"]


def prefixed(prefix: str) -> dict[str, Any]:
    return {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}


def test_the_sequencers_of_a_key_grow_with_its_writes(s3: Any, versioned: str, events: Any) -> None:
    """Patch prompt_events."""
    versions = [s3.put_object(Bucket=versioned, Key="k")["VersionId"] for _ in range(5)]
    told = sorted((event["s3"]["object"] for event in events()), key=lambda told: str(told["sequencer"]))
    assert [one["versionId"] for one in told] == versions


def test_a_change_of_tags_is_an_event_that_names_the_version(s3: Any, versioned: str, events: Any) -> None:
    """Patch tag_events."""
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    events()
    tagging = {"TagSet": [{"Key": "a", "Value": "1"}]}
    s3.put_object_tagging(Bucket=versioned, Key="k", Tagging=tagging)
    s3.put_object_tagging(Bucket=versioned, Key="k", VersionId=first, Tagging=tagging)
    s3.delete_object_tagging(Bucket=versioned, Key="k")
    told = [(event["eventName"], event["s3"]["object"]["versionId"]) for event in events()]
    assert sorted(told) == sorted(
        [("ObjectTagging:Put", second), ("ObjectTagging:Put", first), ("ObjectTagging:Delete", second)]
    )


def test_a_change_of_tags_has_no_sequencer_and_a_refused_one_no_event(
    s3: Any, versioned: str, events: Any
) -> None:
    """Patch tag_events."""
    s3.put_object(Bucket=versioned, Key="k")
    events()
    tagging = {"TagSet": [{"Key": "a", "Value": "1"}]}
    assert refusal(s3.put_object_tagging, Bucket=versioned, Key="absent", Tagging=tagging) == 404
    assert events() == []
    s3.put_object_tagging(Bucket=versioned, Key="k", Tagging=tagging)
    (event,) = events()
    assert "sequencer" not in event["s3"]["object"]


def test_an_answer_s_head_and_body_come_together(endpoint: str) -> None:
    place = urlsplit(endpoint)
    for _ in range(20):
        with socket.create_connection((str(place.hostname), int(place.port or 0)), 5) as connection:
            connection.sendall(b"GET /_ministack/health HTTP/1.1\r\nhost: x\r\n\r\n")
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert json.loads(body)
