"""How the tests reach an embedded AWS: with boto3, as its users do."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader, create_loader

from docferry.sandbox.configuration import SOURCE_REGION

PART = 5 * 1024**2
_PLAIN = Config(proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


@cache
def _loader() -> Loader:
    return create_loader()


@cache
def client(
    url: str, service: str, region: str = SOURCE_REGION, *, keys: tuple[str, str] = ("test", "test")
) -> Any:
    """A client that asks once, so that a refusal is seen."""
    session = botocore.session.Session()
    session.register_component("data_loader", _loader())
    held = {"aws_access_key_id": keys[0], "aws_secret_access_key": keys[1]}
    return boto3.Session(botocore_session=session, region_name=region, **held).client(
        service, endpoint_url=url, config=_PLAIN
    )


def free_port() -> int:
    """A port below those that the system hands out for connections, so that it stays free between two starts."""
    while True:
        port = random.randrange(12000, 30000)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def refusal(call: Any, **fields: Any) -> int:
    """The status of a call that is to be refused; 0 if it succeeds."""
    try:
        call(**fields)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 0


def upload(s3: Any, bucket: str, key: str, parts: list[bytes], **more: str) -> None:
    """Upload an object in parts."""
    where = {"Bucket": bucket, "Key": key}
    upload_id = s3.create_multipart_upload(**where, **more)["UploadId"]
    done = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**where, UploadId=upload_id, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(parts, 1)
    ]
    s3.complete_multipart_upload(**where, UploadId=upload_id, MultipartUpload={"Parts": done})


def tags(s3: Any, bucket: str, key: str, **more: str) -> dict[str, str]:
    """The tags of an object."""
    held = s3.get_object_tagging(Bucket=bucket, Key=key, **more)["TagSet"]
    return {one["Key"]: one["Value"] for one in held}


def part_sizes(s3: Any, bucket: str, key: str) -> list[int]:
    """The sizes of an object's parts, as HEAD tells them one by one."""
    first = s3.head_object(Bucket=bucket, Key=key, PartNumber=1)
    rest = range(2, first.get("PartsCount", 1) + 1)
    heads = [first, *(s3.head_object(Bucket=bucket, Key=key, PartNumber=number) for number in rest)]
    return [head["ContentLength"] for head in heads]


def shards(streams: Any, table: str) -> Iterator[tuple[str, str]]:
    """The stream and the shards of a table."""
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    for shard in streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]:
        yield stream["StreamArn"], shard["ShardId"]


def stream_records(streams: Any, table: str, **position: str) -> list[dict[str, Any]]:
    """The stream records of a table with one shard, from a position on."""
    ((stream, shard),) = shards(streams, table)
    where = {"ShardIteratorType": "TRIM_HORIZON", **position}
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, **where)["ShardIterator"]
    found: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator)["Records"]
    return found
