"""What spin searches models/native.pml for: the protocol of native replication, and what each omission costs.

    python -m tests.model.replication

makes all searches, those that are too long for `make test` as well, and says what each came to.
"""

import sys

from tests.model.spin import MODELS, Weakening, World, all_as_they_should

MODEL = MODELS / "native.pml"
TWO_OPEN, LOST = "two_regions_open", "acknowledged_write_lost"
STALE, STUCK = "passive_side_stale", "nobody_can_go_on"
WATCHED = {TWO_OPEN: 1, LOST: 2, STALE: 4, STUCK: 8}


def _world(name: str, **bounds: int) -> World:
    return World(MODEL, name, tuple(bounds.items()))


def _large(name: str, **bounds: int) -> World:
    return World(MODEL, name, tuple(bounds.items()), large=True)


def _seen(name: str, broken: str, **bounds: int) -> World:
    """A world of a weakening that breaks other invariants as well: only that one ends the search."""
    return _world(name, **bounds, WATCHED=WATCHED[broken])


STRAY = {"WRITES": 1, "STRAYS": 1}
WORLDS = (
    _world("documents: a replication fails, a stranger has written", FAILURES=1, STRANGER=1),
    _world("documents: a writer without the client", **STRAY),
    _world("documents: abort, and another cutover", ABORTS=1),
    _world("documents: a controller dies anywhere", WRITES=1, CRASHES=1),
    _world("documents: rollback", SWITCHES=2),
    _world("documents: what arrives last is the latest; rollback, abort", BY_ARRIVAL=1, SWITCHES=2, ABORTS=1),
    _world("documents: requests outlive the wait; the applications' side", OUTLIVES=1, WATCHED=11),
    _world("records: a writer without the client, A's clock ahead", RECORDS=1, **STRAY, AHEAD=0),
    _world("records: a writer without the client, B's clock ahead", RECORDS=1, **STRAY, AHEAD=1),
    _world("records: a controller dies anywhere", RECORDS=1, WRITES=1, CRASHES=1),
    _world("records: rollback", RECORDS=1, SWITCHES=2),
)
"""In these it holds."""

LIMITS = (
    Weakening((), _world("documents, requests outlive the wait", OUTLIVES=1), STALE),
    Weakening((), _world("records, requests outlive the wait", RECORDS=1, OUTLIVES=1), LOST),
)
"""The full protocol where its first assumption does not hold, and why `cutover` refuses it."""

_STRAY = _seen("a writer without the client", LOST, **STRAY)
_STRAY_RECORDS = _seen("records, a writer without the client", LOST, **STRAY, RECORDS=1)
_OUTLIVES = _seen("a request outlives the wait", LOST, OUTLIVES=1)
_DIES = _seen("a controller dies", TWO_OPEN, WRITES=0, CRASHES=1)
_CLIENT = _seen("only clients", LOST)
WEAKENINGS = (
    Weakening(("NO_HARD_FENCE",), _STRAY, LOST),
    Weakening(("MOMENT_BEFORE_SPREAD",), _STRAY_RECORDS, LOST),
    Weakening(("FENCE_DENIES_REPLICATION",), _seen("only clients", STALE), STALE),
    Weakening(("FENCE_ENDS_BY_ITSELF",), _STRAY_RECORDS, LOST),
    Weakening(("TARGET_NOT_FENCED",), _STRAY, LOST),
    Weakening(("NOT_VALIDATED",), _seen("a stranger has written", LOST, STRANGER=1), LOST),
    Weakening(("REVERSE_FROM_THE_BEGINNING",), _seen("a stranger has written", LOST, STRANGER=1), LOST),
    Weakening(("REVERSE_AFTER_OPENING",), _seen("only clients", STALE), STALE),
    Weakening(("REQUESTS_NOT_OUTWAITED",), _STRAY_RECORDS, LOST),
    Weakening(("LEASES_NOT_WAITED_FOR",), _seen("rollback", LOST, SWITCHES=2), LOST),
    Weakening(("NOT_SETTLED",), _STRAY, LOST),
    Weakening(("NO_JOURNAL", "NOT_SETTLED"), _CLIENT, LOST),
    Weakening(("NOT_LOOKED_AT", "NOT_VERIFIED"), _CLIENT, LOST),
    Weakening(("STATUS_NOT_ASKED",), _seen("a writer without the client", STALE, **STRAY), STALE),
    Weakening(("FORWARD_RULE_STAYS",), _OUTLIVES, LOST),
    Weakening(("ACKNOWLEDGED_WHENEVER",), _OUTLIVES, LOST),
    Weakening(("CLOCKS_NOT_WAITED_FOR",), _seen("records, A's clock ahead", LOST, RECORDS=1, AHEAD=0), LOST),
    Weakening(("NO_DWELL",), _seen("records, rollback", LOST, RECORDS=1, SWITCHES=2), LOST),
    Weakening(("GATES_TURNED_WITHOUT_CONDITION",), _DIES, TWO_OPEN),
    Weakening(("ABORT_OPENS_THE_SOURCE_FIRST",), _DIES, TWO_OPEN),
    Weakening(("ABORT_OPENS_BEFORE_THE_RULE",), _seen("abort", STALE, WRITES=1, ABORTS=1), STALE),
    Weakening(("TAKEN_OVER_AT_ONCE",), _seen("a controller dies", STALE, WRITES=1, CRASHES=1), STALE),
)

LONG = (
    Weakening(("JOURNAL_WITHOUT_EPOCH", "NOT_SETTLED"), _CLIENT, LOST),
    Weakening(("REVERSE_NOT_SPREAD",), _seen("only clients", STALE), STALE),
    Weakening(("FORWARD_NOT_SPREAD",), _OUTLIVES, LOST),
    Weakening(
        ("FAILED_TAKEN_FOR_DONE", "NOT_LOOKED_AT", "NOT_VERIFIED"),
        _seen("a replication fails", LOST, WRITES=1, FAILURES=1),
        LOST,
    ),
    Weakening((), _large("documents: a controller dies, rollback", CRASHES=1, SWITCHES=2), ""),
    Weakening((), _large("documents: rollback, abort", SWITCHES=2, ABORTS=1), ""),
    Weakening((), _large("documents: two writers, abort", STRAYS=1, ABORTS=1), ""),
    Weakening((), _large("records: a controller dies, rollback", RECORDS=1, CRASHES=1, SWITCHES=2), ""),
    Weakening(
        (),
        _large("records: a controller dies, abort, another cutover", RECORDS=1, CRASHES=1, ABORTS=1),
        "",
    ),
)


def main() -> int:
    """Make all searches. Returns 1 if one came to something else than it should."""
    full = (Weakening((), world, "") for world in WORLDS)
    return not all_as_they_should((*full, *LIMITS, *WEAKENINGS, *LONG))


if __name__ == "__main__":
    sys.exit(main())
