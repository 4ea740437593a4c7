"""A region's journal, in a table with a string hash key and a string range key.

    hash           range                   the rest
    "<epoch>/<NN>" digest of the key       the whole key: documents up to a range key's limit, records beyond it
    "clients"      the client's id         what the client says of itself

The shard NN comes from the digest, so that clients of one epoch do not all write to one partition. An item that is
noted twice is written over by its like, so notes need no condition.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence

import orjson

from docferry.aws.dynamodb import DynamoRecords
from docferry.domain.change import Kind
from docferry.domain.errors import NeedsOperator
from docferry.domain.journal import Presence, Touched
from docferry.domain.record import Item
from docferry.ports import Clock, RecordPage

SHARDS = 16
KEPT_S = 14 * 86_400
"""How long an item is kept, in seconds: longer than any switch, as long as a queue keeps its events."""
CLIENTS = "clients"


class DynamoJournal:
    """The `Journal` port over one table, whatever its key attributes are called."""

    def __init__(self, table: DynamoRecords, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def note(self, epoch: int, touched: Sequence[Touched]) -> None:
        """Note keys, 25 a request."""
        items = [await self._item(epoch, one) for one in {one.name: one for one in touched}.values()]
        await self._table.put_many(items)

    async def touched(self, epoch: int) -> AsyncIterator[Touched]:
        """Query all shards side by side, page by page."""
        at: dict[str, Item | None] = {f"{epoch}/{shard:02}": None for shard in range(SHARDS)}
        while at:
            pages = await self._pages(at)
            for page in pages.values():
                for item in page.items:
                    yield _touched(item)
            at = {shard: page.position for shard, page in pages.items() if page.position}

    async def present(self, presence: Presence) -> None:
        """Write the client's item over."""
        await self._table.put_many(
            [
                {
                    **await self._key(CLIENTS, presence.client),
                    "region": {"S": presence.region},
                    "epoch": {"N": str(presence.epoch)},
                    "journal": {"BOOL": presence.journal},
                    "lease_s": {"N": str(presence.lease_s)},
                    "deadline_s": {"N": str(presence.deadline_s)},
                    "seen_at": {"N": str(presence.seen_at)},
                    **self._expiry(),
                }
            ]
        )

    async def clients(self) -> tuple[Presence, ...]:
        """Query them all."""
        name = (await self._table.schema()).range
        found: list[Presence] = []
        at: dict[str, Item | None] = {CLIENTS: None}
        while at:
            page = (await self._pages(at))[CLIENTS]
            found += [_presence(name, item) for item in page.items]
            at = {CLIENTS: page.position} if page.position else {}
        return tuple(found)

    async def _pages(self, at: dict[str, Item | None]) -> dict[str, RecordPage]:
        pages = await asyncio.gather(*(self._table.query(name, position) for name, position in at.items()))
        return dict(zip(at, pages, strict=True))

    async def _item(self, epoch: int, touched: Touched) -> Item:
        digest = hashlib.sha256(touched.name.encode()).hexdigest()
        key = touched.key if isinstance(touched.key, str) else orjson.dumps(touched.key).decode()
        return {
            **await self._key(f"{epoch}/{int(digest[:8], 16) % SHARDS:02}", digest),
            touched.kind.value: {"S": key},
            **self._expiry(),
        }

    async def _key(self, hash_value: str, range_value: str) -> dict[str, dict[str, object]]:
        schema = await self._table.schema()
        return {schema.hash: {"S": hash_value}, schema.range: {"S": range_value}}

    def _expiry(self) -> Item:
        return {"expires_at": {"N": str(int(self._clock.now()) + KEPT_S)}}


def _touched(item: Item) -> Touched:
    if Kind.DOCUMENT.value in item:
        return Touched(Kind.DOCUMENT, item[Kind.DOCUMENT.value]["S"])
    if Kind.RECORD.value in item:
        return Touched(Kind.RECORD, orjson.loads(item[Kind.RECORD.value]["S"]))
    raise NeedsOperator(
        "an item of the journal table cannot be read: it names neither document nor record; nothing was changed",
        hint="look at the table: only docferry and its clients are to write there",
    )


def _presence(name: str, item: Item) -> Presence:
    return Presence(
        client=item[name]["S"],
        region=item["region"]["S"],
        epoch=int(item["epoch"]["N"]),
        journal=item["journal"]["BOOL"],
        lease_s=float(item["lease_s"]["N"]),
        deadline_s=float(item["deadline_s"]["N"]),
        seen_at=float(item["seen_at"]["N"]),
    )
