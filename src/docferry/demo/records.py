"""The records of the demo: which belong to a document, and what is in them."""

import base64
import hashlib
import zlib
from typing import NamedTuple

from docferry.domain.record import Item

OWNERS = 40
TWICE_IN = 5
"""One document in so many is named by two records."""
_BIG = 10**38


class RecordKey(NamedTuple):
    """The key of one record: the table's HASH and RANGE attributes."""

    owner: str
    record_id: str

    @property
    def name(self) -> str:
        """The key as one string."""
        return f"{self.owner}/{self.record_id}"

    @property
    def item(self) -> Item:
        """The key as DynamoDB takes it."""
        return {"owner": {"S": self.owner}, "record_id": {"S": self.record_id}}


def keys_of(document: str) -> tuple[RecordKey, ...]:
    """Return the keys of the records that name a document: one, or for some documents two."""
    number = zlib.crc32(document.encode())
    stem = hashlib.sha256(document.encode()).hexdigest()[:20]
    count = 2 if number % TWICE_IN == 0 else 1
    return tuple(RecordKey(f"owner-{number % OWNERS:02d}", f"{stem}-{n}") for n in range(count))


def note_key(number: int) -> RecordKey:
    """Return the key of a record that names no document."""
    return RecordKey(f"owner-{number % OWNERS:02d}", f"note-{number:05d}")


def is_note(name: str) -> bool:
    """Tell whether a record, by its key's name, names no document."""
    return "/note-" in name


def contents(key: RecordKey, generation: int, written_by: str, about: dict[str, str]) -> Item:
    """Return a record with every type of attribute; `about` are further strings, the document's key among them.

    Everything that may vary varies with the generation, so that no part of a record can be old unnoticed.
    """
    digest = hashlib.sha256(f"{key.name} {generation}".encode()).digest()
    exact = int.from_bytes(digest) % _BIG
    coded = [base64.b64encode(digest[start : start + 8]).decode() for start in (0, 8, 16, 24)]
    return {
        **key.item,
        **{name: {"S": value} for name, value in about.items()},
        "title": {"S": f"Record {key.record_id} — generation {generation}"},
        "generation": {"N": str(generation)},
        "written_by": {"S": written_by},
        "exact": {"N": str(exact)},
        "fraction": {"N": f"-{exact % 10**20}.{exact % 10**17 + 1:018d}"},
        "nested": {
            "M": {"depth": {"M": {"list": {"L": [{"N": str(generation)}, {"S": coded[0]}, {"NULL": True}]}}}}
        },
        "history": {"L": [{"S": written_by}, {"N": str(exact % 997)}, {"BOOL": False}]},
        "labels": {"SS": sorted({"all", f"g{generation}", coded[1]})},
        "sizes": {"NS": sorted({"0.5", str(exact), str(generation)})},
        "prints": {"BS": sorted(set(coded[2:]))},
        "digest": {"B": base64.b64encode(digest).decode()},
        "successor": {"NULL": True},
        "current": {"BOOL": generation % 2 == 0},
    }
