"""The change feed of a table: its DynamoDB stream, with a position of our own for each shard.

Changes are applied by state, so shards are read side by side and a child need not wait for its parent. Positions
are kept in the ledger: a stream has no memory of who read what.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from docferry.aws.http import AwsClient
from docferry.checkpoint import Checkpoint
from docferry.domain.errors import InvalidInput, NeedsOperator, ServiceError
from docferry.ports import Clock, Delivery, Pending

API = "DynamoDBStreams_20120810."
HOST = "streams.dynamodb"
RETENTION_S = 24 * 3600.0
SHARDS_AT_ONCE = 16
LIST_SHARDS_EVERY_S = 10.0
POLL_S = 0.25
_CLOSED = "closed"


class StreamFeed:
    """The `ChangeFeed` port over one table's stream.

    A shard without a position is read from its oldest change on: what happened since the stream was armed is in
    there, and looking at a key once more does no harm.
    """

    def __init__(self, client: AwsClient, table: str, checkpoint: Checkpoint, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._checkpoint = checkpoint
        self._clock = clock
        self._arn = ""
        self._shards: tuple[str, ...] = ()
        self._listed_at = float("-inf")
        self._iterators: dict[str, str] = {}
        self._given: dict[str, str] = {}

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return one page of each shard that has any, asking again until `wait_s` is over."""
        deadline = self._clock.monotonic() + wait_s
        while True:
            found = await self._poll()
            left = deadline - self._clock.monotonic()
            if found or left <= 0:
                return found
            await self._clock.sleep(min(POLL_S, left))

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Move the positions of the shards and save them."""
        if not deliveries:
            return
        moved = dict(one.receipt.split("\n", 1) for one in deliveries)
        for shard in moved:
            self._given.pop(shard, None)
        known = {shard: at for shard, at in {**self._positions, **moved}.items() if shard in self._shards}
        await self._checkpoint.save({"arn": self._arn, "positions": known})

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Do nothing: a position that was not moved is read from again."""

    async def pending(self) -> Pending:
        """Return what was given out and not taken off: a stream does not tell what it still holds."""
        return Pending(0, len(self._given), 0)

    async def retention_s(self) -> float:
        """Return the 24 hours that every stream keeps."""
        return RETENTION_S

    @property
    def _positions(self) -> Mapping[str, str]:
        held: Mapping[str, str] = self._checkpoint.entry.get("positions", {})
        return held

    async def _poll(self) -> tuple[Delivery, ...]:
        await self._list_shards()
        # Given out and not taken off: forget where we were, so that it is read again from the position.
        for shard in self._given:
            self._iterators.pop(shard, None)
        self._given.clear()
        slots = asyncio.Semaphore(SHARDS_AT_ONCE)

        async def read(shard: str) -> Delivery | None:
            async with slots:
                return await self._read(shard)

        living = [shard for shard in self._shards if self._positions.get(shard) != _CLOSED]
        return tuple(one for one in await asyncio.gather(*map(read, living)) if one)

    async def _read(self, shard: str) -> Delivery | None:
        try:
            iterator = self._iterators.get(shard) or await self._iterator(shard)
            answer = await self._call("GetRecords", {"ShardIterator": iterator, "Limit": 1000})
        except ServiceError as error:
            if error.code == "ExpiredIteratorException":
                self._iterators.pop(shard, None)
                return None
            if error.code == "TrimmedDataAccessException":
                raise lost(self._table) from error
            raise
        records = answer.get("Records") or []
        following = answer.get("NextShardIterator")
        if following:
            self._iterators[shard] = following
        if not records and following:
            return None
        reached = records[-1]["dynamodb"]["SequenceNumber"] if following else _CLOSED
        self._given[shard] = reached
        keys = {_label(one): one["dynamodb"]["Keys"] for one in records}
        at = max((float(one["dynamodb"]["ApproximateCreationDateTime"]) for one in records), default=0.0)
        return Delivery(f"{shard}\n{reached}", records=tuple(keys.values()), at=at)

    async def _iterator(self, shard: str) -> str:
        position = self._positions.get(shard)
        after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": position}
        asked = after if position else {"ShardIteratorType": "TRIM_HORIZON"}
        answer = await self._call("GetShardIterator", {"StreamArn": self._arn, "ShardId": shard, **asked})
        iterator: str = answer["ShardIterator"]
        return iterator

    async def _list_shards(self) -> None:
        if self._clock.monotonic() - self._listed_at < LIST_SHARDS_EVERY_S:
            return
        self._arn = self._arn or await self._stream()
        shards: list[str] = []
        asked: dict[str, Any] = {"StreamArn": self._arn}
        while True:
            described = (await self._call("DescribeStream", asked))["StreamDescription"]
            if described.get("StreamStatus") in ("DISABLING", "DISABLED"):
                raise lost(self._table)
            shards += [one["ShardId"] for one in described["Shards"]]
            if not described.get("LastEvaluatedShardId"):
                break
            asked["ExclusiveStartShardId"] = described["LastEvaluatedShardId"]
        if any(at != _CLOSED and shard not in shards for shard, at in self._positions.items()):
            raise lost(self._table)
        self._shards = tuple(shards)
        self._listed_at = self._clock.monotonic()

    async def _stream(self) -> str:
        answer = await self._client.json("dynamodb", "DynamoDB_20120810.DescribeTable", {"TableName": self._table})
        arn: str = answer["Table"].get("LatestStreamArn", "")
        if not answer["Table"].get("StreamSpecification", {}).get("StreamEnabled"):
            raise InvalidInput(
                f"table {self._table} has no stream, so changes could not be followed; nothing was changed",
                hint="enable its stream (KEYS_ONLY is enough), then try again",
            )
        held = self._checkpoint.entry
        if held.get("arn", arn) != arn:
            raise lost(self._table)
        # Noted before anything is read: a stream that is made anew later holds nothing of what came before.
        await self._checkpoint.save({"arn": arn, "positions": held.get("positions", {})})
        return arn

    async def _call(self, operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._client.json(HOST, API + operation, fields)


def lost(table: str) -> NeedsOperator:
    """Return the error that says changes were trimmed from a stream before they were read."""
    return NeedsOperator(
        f"the stream of {table} no longer holds all changes since the last read; what was carried is in place",
        hint="docferry sync --reseed compares everything again",
    )


def _label(record: Mapping[str, Any]) -> str:
    return repr(sorted(record["dynamodb"]["Keys"].items()))
