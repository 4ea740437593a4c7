"""Looks at a migration from outside, with boto3 and nothing of docferry's own."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
import orjson
from botocore.config import Config

from docferry.settings import Settings, Side

_CONFIG = Config(
    proxies={}, connect_timeout=3, read_timeout=20, s3={"addressing_style": "path"}, max_pool_connections=4
)
EVERY_S = 0.015
SIDES = ("source", "target")


@dataclass(frozen=True)
class Gate:
    """A gate's item as boto3 reads it."""

    writer: str
    epoch: int
    journal: bool


class Outside:
    """What somebody with the AWS console would see of both sides."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._clients: dict[tuple[str, str], Any] = {}

    def side(self, name: str) -> Side:
        side: Side = getattr(self.settings, name)
        return side

    def client(self, service: str, side: str) -> Any:
        """Return boto3's client of a service at a side."""
        if (service, side) not in self._clients:
            session = boto3.Session("test", "test", region_name=self.side(side).region)
            endpoint = self.settings.aws.endpoint_url
            self._clients[service, side] = session.client(service, endpoint_url=endpoint, config=_CONFIG)
        return self._clients[service, side]

    def _control(self, side: str, name: str) -> dict[str, Any]:
        table = self.side(side).control_table
        key = {self._control_key: {"S": name}}
        answer = self.client("dynamodb", side).get_item(TableName=table, Key=key, ConsistentRead=True)
        item: dict[str, Any] = answer.get("Item") or {}
        return item

    @cached_property
    def _control_key(self) -> str:
        described = self.client("dynamodb", "target").describe_table(TableName=self.settings.target.control_table)
        name: str = described["Table"]["KeySchema"][0]["AttributeName"]
        return name

    def gate(self, side: str) -> Gate | None:
        """Read a gate consistently."""
        item = self._control(side, "gate")
        return Gate(item["writer"]["S"], int(item["epoch"]["N"]), item["journal"]["BOOL"]) if item else None

    def gates(self) -> dict[str, Gate | None]:
        return {side: self.gate(side) for side in SIDES}

    def writers(self) -> tuple[str, str]:
        """Return who may write at the source, and who at the target, nothing where there is no gate."""
        source, target = self.gate("source"), self.gate("target")
        return source.writer if source else "", target.writer if target else ""

    def ledger(self, name: str) -> dict[str, Any]:
        """Read an entry of the ledger, an empty one if it is not there."""
        item = self._control("target", f"ledger#{name}")
        entry: dict[str, Any] = json.loads(item["body"]["S"]) if item else {}
        return entry

    def step(self) -> str:
        """Return the step of the switch that is under way, nothing if none is."""
        switch = self.ledger("switch")
        return str(switch["step"]) if switch.get("state") == "running" else ""

    def rewrite(self, name: str, entry: dict[str, Any]) -> None:
        """Put an entry of the ledger, written as docferry writes it."""
        body = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()
        item = {self._control_key: {"S": f"ledger#{name}"}, "body": {"S": body}}
        self.client("dynamodb", "target").put_item(TableName=self.settings.target.control_table, Item=item)

    def everything(self) -> dict[tuple[str, str], Any]:
        """Return all that the ledger and both gates say."""
        found: dict[tuple[str, str], Any] = {}
        for side in SIDES:
            pages = self.client("dynamodb", side).get_paginator("scan")
            for page in pages.paginate(TableName=self.side(side).control_table, ConsistentRead=True):
                found |= {(side, item[self._control_key]["S"]): item for item in page["Items"]}
        return found

    def forget_clients(self) -> None:
        """Remove what applications have said of themselves, as if they had not been there for long."""
        for side in SIDES:
            dynamodb, table = self.client("dynamodb", side), self.side(side).journal_table
            names = [
                one["AttributeName"] for one in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
            ]
            for item in dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]:
                if "seen_at" in item:
                    dynamodb.delete_item(TableName=table, Key={name: item[name] for name in names})

    def pending(self) -> int:
        """Return how many events wait or are being carried."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = 0
        for side in SIDES:
            answer = self.client("sqs", side).get_queue_attributes(QueueUrl=self.queue(side), AttributeNames=names)
            found += sum(int(answer["Attributes"][name]) for name in names)
        return found

    def put(self, side: str, key: str, body: bytes) -> str:
        """Put a document, whatever the gates say, and return its version."""
        answer = self.client("s3", side).put_object(Bucket=self.side(side).bucket, Key=key, Body=body)
        version: str = answer["VersionId"]
        return version

    def body(self, side: str, key: str, version: str = "") -> bytes | None:
        """Return the bytes of a document, or of one version of it."""
        s3 = self.client("s3", side)
        more = {"VersionId": version} if version else {}
        try:
            found: bytes = s3.get_object(Bucket=self.side(side).bucket, Key=key, **more)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return found

    def queue(self, side: str, *, dead: bool = False) -> str:
        """Return the URL of a side's change queue, or of its dead-letter queue."""
        name = self.side(side).queue + ("-dead" if dead else "")
        url: str = self.client("sqs", side).get_queue_url(QueueName=name)["QueueUrl"]
        return url


def until(true: Callable[[], object], within_s: float = 60.0, every_s: float = 0.05) -> None:
    """Wait until something is true."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, f"not within {within_s} s"
        time.sleep(every_s)


@dataclass
class Watcher:
    """Reads both gates all the time, in a thread of its own, and remembers what was wrong with them.

    Two reads are not one: what the source's gate said counts only if it says the same after the target's was read.
    An epoch never returns, so that then it said so at the time of that read.
    """

    outside: Outside
    wrong: list[str] = field(default_factory=list)
    seen: list[tuple[Gate, Gate]] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._epochs = dict.fromkeys(SIDES, 0)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        try:
            while not self._stop.wait(EVERY_S):
                self._look()
        except Exception as error:
            self.wrong.append(f"the watcher itself failed: {error!r}")

    def _look(self) -> None:
        source, target, again = self._read("source"), self._read("target"), self._read("source")
        if not source or not target or source != again:
            return
        self.looks += 1
        if source.writer == target.writer == "application":
            self.wrong.append(f"both gates say application: {source} {target}")
        if not self.seen or self.seen[-1] != (source, target):
            self.seen.append((source, target))

    def _read(self, side: str) -> Gate | None:
        gate = self.outside.gate(side)
        if gate and gate.epoch < self._epochs[side]:
            self.wrong.append(f"the epoch of the {side}'s gate fell: {self._epochs[side]} to {gate}")
        self._epochs[side] = gate.epoch if gate else 0
        return gate

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Fail if anything was wrong."""
        assert not self.wrong, self.wrong[:5]
