"""Says from an application's log what each of its keys must hold, and compares that with what is there."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.switch.outside import Outside, until

State = dict[str, Any] | None
Key = tuple[str, str]
DRAINED_WITHIN_S = 20.0


@dataclass
class Learned:
    """What a log says: each key's right states, what failed, and how long the longest operation took."""

    right: dict[Key, list[State]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    acknowledged: int = 0
    pauses: int = 0
    longest_s: float = 0.0


def learn(log: Path) -> Learned:
    """Read a log. The last acknowledged state is right, or one of those without an answer after it."""
    learned, open_ones = Learned(), dict[int, dict[str, Any]]()
    for text in log.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "paused" in line:
            learned.pauses += 1
            continue
        begun = open_ones.pop(line["n"], None)
        if begun is None:
            open_ones[line["n"]] = line
            # Before its first operation a key is absent.
            learned.right.setdefault((line["kind"], line["key"]), [None]).append(line["state"])
        elif line["error"]:
            learned.failed.append(f"{begun['kind']} {begun['key']}: {line['error']}")
        else:
            learned.acknowledged += 1
            learned.longest_s = max(learned.longest_s, line["at"] - begun["at"])
            learned.right[begun["kind"], begun["key"]] = [begun["state"]]
    return learned


@dataclass(frozen=True)
class Judge:
    """Judges one application, `name`, by its log."""

    outside: Outside
    log: Path
    name: str

    def learned(self) -> Learned:
        return learn(self.log)

    def wrong(self, side: str) -> list[str]:
        """Return what is wrong at a side now."""
        right = self.learned().right
        found = {**self._documents(side), **self._records(side)}
        return [
            f"{side} {key}: {found.get(key)}, not {right.get(key, [None])}"
            for key in sorted(right.keys() | found.keys())
            if found.get(key) not in right.get(key, [None])
        ]

    def judge(self, active: str) -> Learned:
        """Fail unless `active` has everything now, and the other side once the feeds are drained."""
        learned = self.learned()
        assert not learned.failed, learned.failed[:5]
        assert not self.wrong(active), self.wrong(active)[:5]
        passive = "target" if active == "source" else "source"
        try:
            until(lambda: not self.wrong(passive), DRAINED_WITHIN_S, 0.2)
        except AssertionError:
            raise AssertionError(self.wrong(passive)[:5]) from None
        return learned

    def _documents(self, side: str) -> dict[Key, State]:
        s3, bucket = self.outside.client("s3", side), self.outside.side(side).bucket
        found: dict[Key, State] = {}
        for one in s3.list_objects_v2(Bucket=bucket, Prefix=f"{self.name}/").get("Contents", []):
            try:
                held = s3.get_object(Bucket=bucket, Key=one["Key"])
            except s3.exceptions.NoSuchKey:
                continue
            tags = s3.get_object_tagging(Bucket=bucket, Key=one["Key"])["TagSet"]
            found["document", one["Key"]] = {
                "body": held["Body"].read().decode(),
                "meta": held["Metadata"].get("n"),
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
            }
        return found

    def _records(self, side: str) -> dict[Key, State]:
        table = self.outside.side(side).table
        answer = self.outside.client("dynamodb", side).query(
            TableName=table,
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": self.name}},
            ConsistentRead=True,
        )
        return {("record", item["record_id"]["S"]): item for item in answer["Items"]}
