"""Whether the stores are what a sync needs, asked before anything is written."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from docferry.aws import s3_xml
from docferry.aws.dynamodb import API, DynamoRecords
from docferry.aws.http import AwsClient
from docferry.aws.s3 import S3Documents, path_of
from docferry.domain.errors import InvalidInput, Refused
from docferry.domain.reserved import RESERVED

T = TypeVar("T")
_NEEDED = ("ObjectCreated", "ObjectRemoved", "ObjectTagging", "LifecycleExpiration")


@dataclass(frozen=True, slots=True)
class Resources:
    """What one region is asked for. `side` is `source` or `target`, for the messages."""

    side: str
    client: AwsClient
    bucket: str
    table: str
    queue: str
    control_table: str
    conflicts_table: str
    journal_table: str


async def check_stores(source: Resources, target: Resources) -> None:
    """Raise InvalidInput, naming the setting, if a bucket or a table of records is not there."""
    for one in (source, target):
        await _named(one, "table", one.client.json("dynamodb", API + "DescribeTable", {"TableName": one.table}))
        path = path_of(one.bucket)
        await _named(one, "bucket", one.client.send("s3", "GET", path, query={"versioning": ""}))


async def check_control(one: Resources) -> None:
    """Raise InvalidInput, naming the setting, if there is no control table."""
    asked = {"TableName": one.control_table}
    await _named(one, "control_table", one.client.json("dynamodb", API + "DescribeTable", asked))


async def check(source: Resources, target: Resources) -> None:
    """Raise InvalidInput for what is not there, Refused for what is there and not fit for a sync."""
    for one in (source, target):
        await _check_tables(one)
        await _check_bucket(one)
    schemas = [await DynamoRecords(one.client, one.table).schema() for one in (source, target)]
    if schemas[0] != schemas[1]:
        raise Refused(
            f"the key of table {source.table} is {schemas[0].names}, that of {target.table} {schemas[1].names}; "
            "nothing was written",
            hint="create the target table with the source's key schema",
        )


async def _check_tables(one: Resources) -> None:
    for setting in ("table", "control_table", "conflicts_table", "journal_table"):
        name = getattr(one, setting)
        described = await _named(
            one, setting, one.client.json("dynamodb", API + "DescribeTable", {"TableName": name})
        )
        streams = described["Table"].get("StreamSpecification", {}).get("StreamEnabled")
        if setting == "table" and not streams:
            raise Refused(
                f"{one.side}.table {name} has no stream, so changes cannot be followed; nothing was written",
                hint="enable its stream (KEYS_ONLY is enough), then try again",
            )


async def _check_bucket(one: Resources) -> None:
    path = path_of(one.bucket)
    answer = await _named(one, "bucket", one.client.send("s3", "GET", path, query={"versioning": ""}))
    if "Enabled" not in "".join(s3_xml.parse(answer.body).itertext()):
        raise Refused(
            f"{one.side}.bucket {one.bucket} has no versioning, so nothing could be kept there; nothing was done",
            hint="enable it: aws s3api put-bucket-versioning --versioning-configuration Status=Enabled --bucket …",
        )
    await _named(one, "queue", one.client.json("sqs", "AmazonSQS.GetQueueUrl", {"QueueName": one.queue}))
    answer = await one.client.send("s3", "GET", path, query={"notification": ""})
    if not _reaches(answer.body, one.queue):
        raise Refused(
            f"changes to {one.side}.bucket {one.bucket} do not all reach the queue {one.queue}, so some would be "
            "missed; nothing was written",
            hint=f"notify the queue, unfiltered, of {', '.join(f's3:{one}:*' for one in _NEEDED)}",
        )
    await _refuse_strangers(one)


async def _refuse_strangers(one: Resources) -> None:
    # No listing shows what is under the prefix, so that it would be left behind without a word.
    stranger = await S3Documents(one.client, one.bucket).stranger()
    if stranger:
        raise Refused(
            f"{one.side}.bucket {one.bucket} holds {stranger!r}, but {RESERVED} is docferry's own and what others "
            "keep there would not be carried; nothing was written",
            hint=f"move what is under {RESERVED} to other keys or delete it, then try again",
        )


def _reaches(body: bytes, queue: str) -> bool:
    # Through EventBridge the rule that leads to the queue is out of sight of the bucket.
    root = s3_xml.parse(body)
    seen: set[str] = set()
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "EventBridgeConfiguration":
            return True
        texts = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
        filtered = any(one.tag.rpartition("}")[2] == "Filter" and len(one) for one in element)
        if name == "QueueConfiguration" and texts.get("Queue", "").endswith(f":{queue}") and not filtered:
            events = [one.text or "" for one in element if one.tag.rpartition("}")[2] == "Event"]
            seen |= {kind for kind in _NEEDED if f"s3:{kind}:*" in events}
    return seen == set(_NEEDED)


async def _named(one: Resources, setting: str, asked: Awaitable[T]) -> T:
    try:
        return await asked
    except InvalidInput as error:
        raise InvalidInput(
            f"{one.side}.{setting}: there is no {getattr(one, setting)!r} in that region and account",
            hint="correct the name, the region or the profile in docferry.toml",
        ) from error
