"""Learns from the operation log what every key must hold.

The applications never have two operations on one key in flight: all writers live in one process and take a lock
per key, and the ingest is over before they start. So the last acknowledged operation on a key is one and only one,
and what it wrote is what the key must hold. Nothing is lost by that, since the judge is after docferry, not after
S3's own order among concurrent writers: different writers still follow each other on one key within milliseconds,
which is what races with a copy of the key. Two overlapping operations in a log are refused, not guessed about.

An operation without an answer, or with an error, may have happened or not, at once or later: what it would have
written counts as right too, beside the last acknowledged state.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from docferry.demo.oplog import Begin, End, Line, Tail
from docferry.demo.state import State, equal
from docferry.domain.change import Kind
from docferry.domain.errors import InvalidInput

INGEST = "ingest"
"""The name of the application that is not one of the live writers."""


@dataclass(slots=True)
class Expected:
    """What one key must hold: `last`, once anything was acknowledged, or one of `maybes`.

    `touched_at` is when the last operation on it ended, acknowledged or not, infinity if one did not end.
    """

    last: State = None
    acknowledged_at: float = float("-inf")
    touched_at: float = float("-inf")
    maybes: list[State] = field(default_factory=list)

    def allows(self, found: State) -> bool:
        """Tell whether a state is right."""
        return any(equal(found, one) for one in (self.last, *self.maybes))


@dataclass(slots=True)
class Oracle:
    """Everything the log says. `acknowledged` and `max_pause_s` (seconds) are those of the live writers."""

    documents: dict[str, Expected] = field(default_factory=dict)
    records: dict[str, Expected] = field(default_factory=dict)
    acknowledged: int = 0
    ingested: int = 0
    failed: int = 0
    max_pause_s: float = 0.0
    last_op: int = 0

    def of(self, store: Kind) -> dict[str, Expected]:
        """Return what is expected of one store, by key."""
        return self.documents if store is Kind.DOCUMENT else self.records


def read(path: Path) -> Oracle:
    """Learn from a log as it is now. Raises InvalidInput if it is not one of ours."""
    return learn(Tail(path).read())


def learn(lines: Iterable[Line]) -> Oracle:
    """Learn from the lines of a log. Raises InvalidInput if they make no sense, or overlap on one key."""
    oracle, open_ops = Oracle(), dict[int, Begin]()
    for line in lines:
        if isinstance(line, Begin):
            oracle.last_op = max(oracle.last_op, line.op)
            open_ops[line.op] = line
        else:
            begin = open_ops.pop(line.op, None)
            if begin is None:
                raise InvalidInput(f"operation {line.op} ended in the log without having begun")
            _settle(oracle, begin, line)
    for begin in open_ops.values():
        expected = oracle.of(begin.store).setdefault(begin.key, Expected())
        expected.maybes.append(begin.state)
        expected.touched_at = float("inf")
    return oracle


def _settle(oracle: Oracle, begin: Begin, end: End) -> None:
    expected = oracle.of(begin.store).setdefault(begin.key, Expected())
    expected.touched_at = max(expected.touched_at, end.end)
    if not end.acknowledged:
        oracle.failed += 1
        expected.maybes.append(begin.state)
        return
    if begin.start < expected.acknowledged_at:
        raise InvalidInput(f"operation {begin.op} on {begin.key!r} began before the one before it had ended")
    expected.last, expected.acknowledged_at = begin.state, end.end
    if begin.by == INGEST:
        oracle.ingested += 1
    else:
        oracle.acknowledged += 1
        oracle.max_pause_s = max(oracle.max_pause_s, end.end - begin.start)
