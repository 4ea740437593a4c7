"""Documents written in one region are in the other, whole."""

import time
from typing import Any

import pytest

from tests.live.deployed import Deployed, absent, eventually, unique

METADATA = {"kind": "invoice", "number": "4711"}
TAGS = {"class": "restricted", "kept": "ten years"}
CONTENT = {"ContentType": "application/pdf", "CacheControl": "no-store", "ContentLanguage": "de"}


@pytest.fixture
def key(deployed: Deployed) -> str:
    """A document that was written at the source just now."""
    name = unique("document")
    deployed.client("source", "s3").put_object(
        Bucket=deployed.of("source", "bucket"),
        Key=name,
        Body=b"first",
        Metadata=METADATA,
        Tagging="&".join(f"{tag}={value.replace(' ', '%20')}" for tag, value in TAGS.items()),
        **CONTENT,
    )
    return name


def at_target(deployed: Deployed, key: str) -> dict[str, Any]:
    """What the target has under a key; nothing if it has nothing."""
    s3, place = deployed.client("target", "s3"), {"Bucket": deployed.of("target", "bucket"), "Key": key}
    if absent(s3.head_object, **place):
        return {}
    found = s3.get_object(**place)
    return {**found, "Body": found["Body"].read()}


def test_a_document_comes_with_its_metadata_and_tags(
    deployed: Deployed, key: str, record_property: pytest.FixtureRequest
) -> None:
    began = time.monotonic()
    found = eventually(lambda: at_target(deployed, key))
    record_property("seconds", round(time.monotonic() - began, 2))  # type: ignore[operator]
    assert found["Body"] == b"first"
    assert found["Metadata"] == METADATA
    assert {name: found[name] for name in CONTENT} == CONTENT
    tags = deployed.client("target", "s3").get_object_tagging(Bucket=deployed.of("target", "bucket"), Key=key)
    assert {one["Key"]: one["Value"] for one in tags["TagSet"]} == TAGS


def test_what_is_overwritten_and_deleted_is_so_at_the_other_side(deployed: Deployed, key: str) -> None:
    s3, place = deployed.client("source", "s3"), {"Bucket": deployed.of("source", "bucket"), "Key": key}
    eventually(lambda: at_target(deployed, key))
    s3.put_object(**place, Body=b"second")
    eventually(lambda: at_target(deployed, key).get("Body") == b"second")
    s3.delete_object(**place)
    eventually(lambda: not at_target(deployed, key))
