"""What comes late: events, an upload under way, and a writer who does not know of the gates."""

import hashlib
import io
import json
import threading
from typing import Any

from docferry.client import Stored, connect_sync
from tests.integration.switch.driving import YES, World
from tests.integration.switch.outside import Outside, until

OTHER = {"source": "target", "target": "source"}
LARGE = hashlib.sha256(b"large").digest() * (40 * 1024**2 // 32)


def event(outside: Outside, side: str, key: str, version: str) -> str:
    """An S3 event as the bucket would have sent it."""
    named = {"bucket": {"name": outside.side(side).bucket}, "object": {"key": key, "versionId": version}}
    return json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": named}]})


def send(outside: Outside, side: str, body: str) -> None:
    outside.client("sqs", side).send_message(QueueUrl=outside.queue(side), MessageBody=body)


def held_back(outside: Outside, side: str) -> Any:
    """Let a bucket send no events any more, and return its notifications."""
    s3, bucket = outside.client("s3", side), outside.side(side).bucket
    held = s3.get_bucket_notification_configuration(Bucket=bucket)
    held.pop("ResponseMetadata", None)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    return held


def test_what_is_written_without_an_event_before_the_fence_is_carried_by_the_journal(
    world: World, turn: str
) -> None:
    outside, before = world.outside, world.active
    world.write()
    switch = world.command(turn, *YES, "--json")
    until(lambda: any("in the listings" in line for line in switch.lines), every_s=0.002)
    notifications = held_back(outside, before)
    said = switch.ended()
    outside.client("s3", before).put_bucket_notification_configuration(
        Bucket=outside.side(before).bucket, NotificationConfiguration=notifications
    )
    assert said.code == 0, said.err
    assert world.active == OTHER[before]
    # The events come after all, and find nothing to do.
    held = outside.client("s3", before).list_object_versions(
        Bucket=outside.side(before).bucket, Prefix=world.judges[-1].name
    )
    for one in held["Versions"]:
        send(outside, before, event(outside, before, one["Key"], one["VersionId"]))
    world.stop_writing()


def test_an_event_that_comes_after_the_switch_takes_nothing_back_in_time(world: World, turn: str) -> None:
    outside, before = world.outside, world.active
    after = OTHER[before]
    world.write()
    key = f"documents/late after {turn}.txt"
    with connect_sync(world.site.config, client="late") as store:
        old = store.put(key, b"old")
        until(lambda: outside.body(after, key) == b"old")
        assert world.run(turn, *YES).code == 0
        send(outside, before, event(outside, before, key, old.version))
        new = store.put(key, b"new")
        send(outside, before, event(outside, before, key, old.version))
        assert (old.region, new.region) == (before, after)
    until(lambda: outside.body(before, key) == b"new")
    send(outside, before, event(outside, before, key, old.version))
    world.drained()
    assert (outside.body(before, key), outside.body(after, key)) == (b"new", b"new")
    assert len(versions(outside, after, key)) == 2
    world.stop_writing()


def versions(outside: Outside, side: str, key: str) -> list[str]:
    held = outside.client("s3", side).list_object_versions(Bucket=outside.side(side).bucket, Prefix=key)
    return [one["VersionId"] for one in held.get("Versions", []) if one["Key"] == key]


class Slow(io.BytesIO):
    """A large body whose last part is not read before it may be."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.go_on = threading.Event()
        self.waits = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 32 * 1024**2:
            self.waits.set()
            assert self.go_on.wait(60)
        return super().read(size)

    @property
    def raw(self) -> "Slow":
        return self


class Blocking:
    """A file that is not in memory as far as the client can tell, so that it is read in a thread."""

    def __init__(self, slow: Slow) -> None:
        self.read, self.seek, self.tell, self.seekable = slow.read, slow.seek, slow.tell, slow.seekable


def test_a_large_upload_under_way_at_the_fence_is_whole_at_the_other_side(world: World, turn: str) -> None:
    outside, before = world.outside, world.active
    key, slow, answers = f"large/{turn}.bin", Slow(LARGE), list[Stored]()
    world.write()

    def upload() -> None:
        with connect_sync(world.site.config, client="uploader") as store:
            answers.append(store.put(key, Blocking(slow)))  # type: ignore[arg-type]

    uploading = threading.Thread(target=upload)
    uploading.start()
    assert slow.waits.wait(20)
    assert world.run(turn, *YES).code == 0
    assert not answers
    slow.go_on.set()
    uploading.join(30)
    assert [one.region for one in answers] == [OTHER[before]]
    until(lambda: outside.body(before, key) is not None)
    for side in ("source", "target"):
        assert outside.body(side, key) == LARGE
        assert len(versions(outside, side, key)) == 1
        assert "Uploads" not in outside.client("s3", side).list_multipart_uploads(Bucket=outside.side(side).bucket)
    world.stop_writing()


def test_what_is_written_past_the_gate_is_kept_and_told_and_replaced(world: World) -> None:
    outside, after = world.outside, world.active
    passive = OTHER[after]
    known, unknown = "documents/0007.txt", "documents/nobody knows this.txt"
    right = outside.body(after, known)
    wrote = {key: outside.put(passive, key, b"past the gate") for key in (known, unknown)}
    until(lambda: outside.body(passive, known) == right and outside.body(passive, unknown) is None)
    said = world.site.run("conflicts", "--json")
    assert said.code == 1
    kept = {(one["key"], one["version"], one["region"]) for one in said.json["listed"] if "key" in one}
    assert {(key, version, outside.side(passive).region) for key, version in wrote.items()} <= kept
    for key, version in wrote.items():
        assert outside.body(passive, key, version) == b"past the gate"
    assert (outside.body(after, known), outside.body(after, unknown)) == (right, None)
