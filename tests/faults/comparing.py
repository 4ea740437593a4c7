"""Compares both sides with boto3 alone: every byte, header, metadata entry and tag of documents, every record.

It shares nothing with docferry: neither its requests, nor its idea of what is the same. A storage class is
compared as the listing shows it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docferry.domain.reserved import RESERVED
from tests.integration.switch.outside import Outside

_SHOWN = (
    "ContentType",
    "ContentEncoding",
    "ContentDisposition",
    "ContentLanguage",
    "CacheControl",
    "Expires",
    "WebsiteRedirectLocation",
    "Metadata",
)


def documents(outside: Outside, side: str) -> dict[str, Any]:
    """Read every document of a side whole, but docferry's own."""
    s3, bucket = outside.client("s3", side), outside.side(side).bucket
    found: dict[str, Any] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            key = one["Key"]
            if not key.startswith(RESERVED):
                held = s3.get_object(Bucket=bucket, Key=key)
                tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
                found[key] = {
                    "body": held["Body"].read(),
                    "tags": {tag["Key"]: tag["Value"] for tag in tags},
                    "class": one.get("StorageClass", "STANDARD"),
                    **{name: held.get(name) for name in _SHOWN},
                }
    return found


def records(outside: Outside, side: str) -> dict[str, Any]:
    """Read every record of a side, under its key."""
    dynamodb, table = outside.client("dynamodb", side), outside.side(side).table
    names = [one["AttributeName"] for one in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {repr([item[name] for name in names]): item for page in pages for item in page["Items"]}


def differing(source: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[str]:
    """Say what differs, each in one line."""
    for key in sorted(source.keys() | target.keys()):
        if key not in target or key not in source:
            yield f"{key}: only at the {'source' if key in source else 'target'}"
        elif source[key] != target[key]:
            parts = [name for name in source[key] if source[key][name] != target[key].get(name)]
            yield f"{key}: {', '.join(parts) or 'an attribute more'}"


def differences(outside: Outside) -> list[str]:
    """Return what differs between both sides now."""
    looks: tuple[Callable[[Outside, str], dict[str, Any]], ...] = (documents, records)
    return [said for look in looks for said in differing(look(outside, "source"), look(outside, "target"))]


def same(outside: Outside) -> int:
    """Fail if anything differs; return how many documents and records there are, of which there must be some."""
    found = differences(outside)
    assert not found, found[:10]
    count = len(documents(outside, "source")) + len(records(outside, "source"))
    assert count
    return count
