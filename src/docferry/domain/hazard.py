"""What in a store needs care when it is moved: the rules, and how often each of them was met."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from docferry.domain.document import COPY_LIMIT_BYTES, Listed

SAMPLES = 5
LONG_KEY_BYTES = 900
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""The storage classes whose documents cannot be read before they are restored."""
LISTED = "every document listed"


class Severity(Enum):
    """How much a hazard matters, worst first."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for. `meaning` is what it means for the move, `advice` what to do."""

    id: str
    severity: Severity
    meaning: str
    advice: str


_RULES = (
    Rule("archived", Severity.BLOCKER,
         "S3 refuses to copy an archived document (InvalidObjectState), so each is left behind as stuck.",
         "Restore them for longer than the move takes; the listing keeps naming restored ones, so this stays."),
    Rule("archived-tier", Severity.BLOCKER,
         "Intelligent-Tiering has archived these, and S3 refuses to copy them; no listing shows them all.",
         "Restore them, and switch the archive tiers off until the move is completed."),
    Rule("sse-c", Severity.BLOCKER,
         "Encrypted with a key that only the application has: docferry can neither read nor copy these. "
         "S3 answers 400 to a look without the key, which is how they are told.",
         "Encrypt them anew with SSE-S3 or SSE-KMS before the move."),
    Rule("source-not-versioned", Severity.BLOCKER,
         "docferry sync refuses to start: on the way back the source is what docferry writes to, and it tells its "
         "own writes from others' by version id.",
         "Turn versioning on for the source bucket."),
    Rule("target-not-versioned", Severity.BLOCKER,
         "docferry sync refuses to start: it tells its own writes from others' by version id, and what it "
         "overwrites it keeps as a version.",
         "Turn versioning on for the target bucket."),
    Rule("no-stream", Severity.BLOCKER,
         "docferry sync refuses to start: without a stream, changes to records cannot be followed.",
         "Turn the stream on for the tables named; keys are all that docferry takes from it."),
    Rule("sse-kms", Severity.WARNING,
         "Copying needs leave to decrypt with the source's key, and the copies are encrypted as the target bucket "
         "does by default. The ETag is no digest then: only checksums, or reading both, can compare the bytes.",
         "Grant docferry's role the keys on both sides, and set the target bucket's default encryption."),
    Rule("kms-by-default", Severity.WARNING,
         "The bucket encrypts with KMS whatever comes in without another wish: see sse-kms.",
         "Grant docferry's role the key; bucket keys keep the number of KMS requests down."),
    Rule("object-lock", Severity.WARNING,
         "A copy takes neither retention nor legal hold along, and where the target has a default retention, "
         "docferry's own copies cannot be removed for good before it ends.",
         "Set the target's default retention as late as possible, and holds again after the cutover."),
    Rule("locked-document", Severity.WARNING,
         "The retention or legal hold of these documents is not carried over.",
         "Set them again at the target, from an inventory, after the cutover."),
    Rule("requester-pays", Severity.WARNING,
         "docferry sends no consent to pay, so it can use such a bucket only with its owner's credentials.",
         "Run as the owner, or switch requester pays off for the move."),
    Rule("odd-key", Severity.WARNING,
         "Copied byte for byte as they are, but consoles, file systems and some tools cannot show or reach them.",
         "Nothing for the move; check that whatever else reads the target can."),
    Rule("dangling-record", Severity.WARNING,
         "The record is copied as it is and will point at nothing in the target, too.",
         "Look at them in the source; beyond the first 100, writes made during the plan may be among them."),
    Rule("above-5-gb", Severity.NOTE,
         "More than one copy request can carry: copied in parts with the source's own part boundaries.",
         "Nothing; each takes one request a part, and the parts of one document go one after another."),
    Rule("multipart-etag", Severity.NOTE,
         "Uploaded in parts: copied with the same boundaries, so that ETag and checksum stay comparable.",
         "Nothing; each takes one request a part and a few around them."),
    Rule("non-ascii-key", Severity.NOTE,
         "Copied byte for byte as they are; docferry never normalises a key.",
         "Nothing for the move."),
    Rule("orphan-document", Severity.NOTE,
         "No record names them; they are copied like all others.",
         "Nothing for the move; some may be waste, or new since the plan began counting."),
)  # fmt: skip
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _RULES}

_LISTED_RULES: Mapping[str, Callable[[Listed], bool]] = {
    "archived": lambda row: row.storage_class in ARCHIVED,
    "above-5-gb": lambda row: row.size > COPY_LIMIT_BYTES,
    "multipart-etag": lambda row: row.multipart,
    "non-ascii-key": lambda row: not row.key.isascii(),
}

_PLAIN_KEY = re.compile(r"(?!\.{1,2}(/|$))[\w.!*'()-]+(/(?!\.{1,2}(/|$))[\w.!*'()-]+)*", re.ASCII)
_ODD: Mapping[str, Callable[[str], object]] = {
    "empty-segment": lambda key: "//" in key,
    "leading-slash": lambda key: key.startswith("/"),
    "trailing-slash": lambda key: key.endswith("/"),
    "dot-segment": lambda key: not {".", ".."}.isdisjoint(key.split("/")),
    "control-character": lambda key: re.search(r"[\x00-\x1f\x7f-\x9f]", key),
    "needs-encoding": lambda key: re.search(r"[^\w.!*'()/~\x00-\x1f\x7f-\U0010ffff-]", key, re.ASCII),
    "above-900-bytes": lambda key: len(key.encode("utf-8", "surrogatepass")) > LONG_KEY_BYTES,
    "not-nfc": lambda key: not unicodedata.is_normalized("NFC", key),
}


def odd_ways(key: str) -> tuple[str, ...]:
    """Name the ways in which a key is odd; non-ASCII alone is not one."""
    if len(key) <= LONG_KEY_BYTES and _PLAIN_KEY.fullmatch(key):
        return ()
    return tuple(name for name, test in _ODD.items() if test(key))


@dataclass(frozen=True, slots=True)
class Hazard:
    """A rule that was met. `basis` says what was looked at; `bytes` is None where sizes are not known.

    `kinds` counts by kind where the rule has several: one key may be odd in more than one way.
    """

    rule: Rule
    count: int
    bytes: int | None
    basis: str
    samples: tuple[str, ...]
    kinds: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the hazard with its rule's text."""
        rule = self.rule
        about = {"id": rule.id, "severity": rule.severity.value, "meaning": rule.meaning, "advice": rule.advice}
        found = {"count": self.count, "bytes": self.bytes, "basis": self.basis, "samples": list(self.samples)}
        return {**about, **found, "kinds": dict(self.kinds)}


@dataclass(slots=True)
class _Sighting:
    count: int = 0
    bytes: int | None = None
    basis: str = ""
    samples: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)


class Census:
    """How often each rule was met, with the first few keys of each."""

    def __init__(self) -> None:
        self._seen: dict[str, _Sighting] = {}

    def see_row(self, row: Listed) -> None:
        """Try every rule that a listing alone can answer."""
        for rule_id, met in _LISTED_RULES.items():
            if met(row):
                self.add(rule_id, [row.key], basis=LISTED, size=row.size)
        odd = odd_ways(row.key)
        if odd:
            self.add("odd-key", [row.key], basis=LISTED, size=row.size, kinds=odd)

    def add(
        self,
        rule_id: str,
        samples: Iterable[str],
        *,
        basis: str,
        count: int = 1,
        size: int | None = None,
        kinds: Iterable[str] = (),
    ) -> None:
        """Count `count` more. `size` is in bytes, all of them together. Raises KeyError for an unknown rule."""
        seen = self._seen.setdefault(RULES[rule_id].id, _Sighting(basis=basis))
        seen.count += count
        seen.samples += list(samples)[: SAMPLES - len(seen.samples)]
        if size is not None:
            seen.bytes = (seen.bytes or 0) + size
        for kind in kinds:
            seen.kinds[kind] = seen.kinds.get(kind, 0) + 1

    def hazards(self) -> tuple[Hazard, ...]:
        """Return what was met, the worst first."""
        order = list(Severity)
        found = [
            Hazard(rule, seen.count, seen.bytes, seen.basis, tuple(seen.samples), dict(seen.kinds))
            for rule in RULES.values()
            if (seen := self._seen.get(rule.id)) and seen.count
        ]
        return tuple(sorted(found, key=lambda one: order.index(one.rule.severity)))
