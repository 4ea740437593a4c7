"""Provenance in a control table, and what is kept of others' states in the conflict table.

A mark is an item of its own that is never changed: notes need no condition, may come twice, and cannot undo each
other, however many workers write them.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence

import orjson

from docferry.aws.dynamodb import DynamoRecords
from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.ports import Clock, Kept, Mark

GET_LIMIT = 100
PIECE_CHARACTERS = 90_000
"""Of JSON in one attribute: at four bytes each, they stay below DynamoDB's limit of 400 KB for an item."""


class DynamoProvenance:
    """The `Provenance` port over two tables, whatever their key attributes are called.

    `region` is the one that is written to, and in which documents are kept.
    """

    def __init__(self, control: DynamoRecords, conflicts: DynamoRecords, clock: Clock, region: str) -> None:
        self._control = control
        self._conflicts = conflicts
        self._clock = clock
        self._region = region

    async def wrote(self, kind: Kind, marks: Sequence[Mark]) -> frozenset[Mark]:
        """Return ours, asking for 100 at a time."""
        schema = await self._control.schema()
        found: set[Mark] = set()
        asked = list(dict.fromkeys(marks))
        for start in range(0, len(asked), GET_LIMIT):
            by_id = {_mark_id(kind, mark): mark for mark in asked[start : start + GET_LIMIT]}
            items = await self._control.get_many([_key(schema.names, one) for one in by_id])
            found.update(by_id[item[schema.hash]["S"]] for item in items)
        return frozenset(found)

    async def note(self, kind: Kind, marks: Sequence[Mark]) -> None:
        """Note marks, 25 a request."""
        names = (await self._control.schema()).names
        await self._control.put_many([_key(names, _mark_id(kind, mark)) for mark in dict.fromkeys(marks)])

    async def keep(self, kind: Kind, mark: Mark, item: Item | None) -> None:
        """Keep under an id of the state's own, so that keeping it twice keeps it once.

        A record is kept as JSON in the attribute `record`: its own attributes might nest too deep or be too large
        to stand beside the rest. What does not fit goes on in items with `#2` and so on behind the id, written
        first; `pieces` counts them all.
        """
        names = (await self._conflicts.schema()).names
        name = f"conflict#{_digest(kind, mark)}"
        kept: dict[str, dict[str, object]] = {
            **_key(names, name),
            "kind": {"S": kind.value},
            "document_key" if kind is Kind.DOCUMENT else "record_digest": {"S": mark.key},
            "state": {"S": mark.state},
            "kept_at": {"N": str(self._clock.now())},
            "region": {"S": self._region},
        }
        if item is not None:
            text = orjson.dumps(item).decode()
            pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
            for number, piece in enumerate(pieces[1:], 2):
                await self._conflicts.put_many([{**_key(names, f"{name}#{number}"), "record": {"S": piece}}])
            kept |= {"record": {"S": pieces[0]}, "pieces": {"N": str(len(pieces))}}
        await self._conflicts.put_many([kept])

    async def kept(self) -> AsyncIterator[Kept]:
        """Scan the conflict table, page by page, putting records together again."""
        position: Item | None = None
        while True:
            page = await self._conflicts.scan(0, 1, position)
            for item in page.items:
                if "kind" in item:
                    yield await self._put_together(item)
            position = page.position
            if position is None:
                return

    async def _put_together(self, item: Item) -> Kept:
        names = (await self._conflicts.schema()).names
        key = item["document_key"] if "document_key" in item else item["record_digest"]
        text = item["record"]["S"] if "record" in item else ""
        for number in range(2, int(item["pieces"]["N"]) + 1 if text else 0):
            piece = await self._conflicts.get(_key(names, f"{item[names[0]]['S']}#{number}"))
            text += piece["record"]["S"] if piece else ""
        mark = Mark(key["S"], item["state"]["S"])
        record = orjson.loads(text) if text else None
        return Kept(Kind(item["kind"]["S"]), mark, record, float(item["kept_at"]["N"]), item["region"]["S"])


def _mark_id(kind: Kind, mark: Mark) -> str:
    return f"mark#{_digest(kind, mark)}"


def _digest(kind: Kind, mark: Mark) -> str:
    text = "\0".join((kind.value, mark.key, mark.state))
    return hashlib.sha256(text.encode()).hexdigest()


def _key(names: tuple[str, ...], value: str) -> dict[str, dict[str, object]]:
    return {name: {"S": value} for name in names}
