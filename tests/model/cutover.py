"""What spin searches models/cutover.pml for: the protocol in several worlds, and with something left out.

    python -m tests.model.cutover

makes all searches, those that are too long for `make test` as well, and says what each came to.
"""

import sys

from tests.model.spin import MODELS, Weakening, World, all_as_they_should

MODEL = MODELS / "cutover.pml"
TWO_OPEN, LOST = "two_regions_open", "acknowledged_write_lost"
STALE, LEFT = "stale_write_wins", "left_stale_or_stuck"


def _world(name: str, **bounds: int) -> World:
    return World(MODEL, name, tuple(bounds.items()))


def _large(name: str, **bounds: int) -> World:
    return World(MODEL, name, tuple(bounds.items()), large=True)


ONE = _world("one operation", OPS=1)
TWO = _large("put and deleted, so that what is absent comes back", OPS=2)
ABORT = _large("a switch is aborted and made again", OPS=1, ABORTS=1, ATTEMPTS=2)
WORKERS = _large("two workers on the key, one dies", OPS=1, WORKERS=2, DEATHS=1)
LATE = _large("a dead worker's write lands late, on what is absent again", OPS=2, WORKERS=2, DEATHS=1, GIVEN_UP=0)
GATES = _world(
    "two controllers, one paused anywhere; rollback", OPS=0, TAKEOVERS=1, CONTROLLERS=2, ATTEMPTS=2, SWITCHES=2
)
ROLLBACK = _large("a cutover and a rollback, one request given up", OPS=2, GIVEN_UP=1, ATTEMPTS=2, SWITCHES=2)
LOST_ANSWER = _world("a living worker's write fails for it, and lands late", OPS=2, GIVEN_UP=0, ANSWERS_LOST=1)
WORLDS = (ONE, TWO, ABORT, WORKERS, LATE, GATES, ROLLBACK, LOST_ANSWER)

WEAKENINGS = (
    Weakening(("GATES_TURNED_WITHOUT_CONDITION",), GATES, LEFT),
    Weakening(("ABORT_OPENS_THE_SOURCE_FIRST",), GATES, TWO_OPEN),
    Weakening(("FENCE_WITHOUT_LEASES",), ONE, LOST),
    Weakening(("ACKNOWLEDGED_WHENEVER",), ONE, LOST),
    Weakening(("NO_JOURNAL",), ONE, LOST),
    Weakening(("NO_WAIT_FOR_THE_JOURNAL",), ONE, LOST),
    Weakening(("PAGE_FORGOTTEN",), ONE, LOST),
    Weakening(("REVERSE_NOT_ARMED",), ONE, LEFT),
    Weakening(("NO_CONFIRM",), TWO, LOST),
    Weakening(("TAKEN_OFF_BEFORE_APPLIED",), WORKERS, LEFT),
    Weakening(("CLOSE_WITHOUT_LEASES",), WORKERS, STALE),
    Weakening(("GATE_READ_BEFORE_THE_LEASE",), WORKERS, STALE),
    Weakening(("NO_DRAIN", "NO_VERIFY"), TWO, LOST),
    Weakening(("DRAIN_FORGETS_WHAT_IS_IN_FLIGHT", "NO_VERIFY"), TWO, LOST),
    Weakening(("DEATHS_NOT_LOOKED_AT",), LATE, LOST),
    Weakening(("DEATHS_NOT_COUNTED",), LATE, LOST),
    Weakening(("TOKEN_OUTLASTS_THE_WAIT",), LATE, STALE),
    Weakening(("LOST_ANSWERS_FORGOTTEN",), LOST_ANSWER, STALE),
    Weakening(("NO_DWELL",), ROLLBACK, STALE),
)


# All of these searches together take minutes, so that `make test` makes none of them.
TAKEN_OVER = _large(
    "a put, and two controllers, one paused anywhere",
    OPS=1,
    TAKEOVERS=1,
    CONTROLLERS=2,
    ATTEMPTS=1,
    GIVEN_UP=0,
)
LATE_UNDONE = _large(
    "a dead worker's write lands late, and the switch may be aborted",
    **{**dict(LATE.bounds), "ABORTS": 1},
)
ROLLBACK_AT_LARGE = _large("a cutover and a rollback, any request given up", OPS=2, ATTEMPTS=2, SWITCHES=2)
LONG = (
    Weakening(("SENT_BEFORE_NOT_WAITED_FOR",), LATE, LOST),
    Weakening((), TAKEN_OVER, ""),
    Weakening(("GO_ON_WITHOUT_NEW_EPOCHS",), TAKEN_OVER, LEFT),
    Weakening((), LATE_UNDONE, ""),
    Weakening((), ROLLBACK_AT_LARGE, ""),
)


def main() -> int:
    """Make all searches. Returns 1 if one came to something else than it should."""
    return not all_as_they_should((*(Weakening((), world, "") for world in WORLDS), *WEAKENINGS, *LONG))


if __name__ == "__main__":
    sys.exit(main())
