"""What is checked: the full protocol in several worlds, and the protocol with one thing left out."""

from dataclasses import dataclass, replace

from tests.model.state import A, B, Protocol

TWO_OPEN, LOST, STALE, STUCK = "two regions open", "lost", "passive side stale", "stuck"
ALL = frozenset({TWO_OPEN, LOST, STALE, STUCK})
ACTIVE = ALL - {STALE}


@dataclass(frozen=True)
class Scenario:
    """`watched`: the invariants that are to hold, or, of a weakening, the one that is to be seen broken."""

    name: str
    protocol: Protocol
    watched: frozenset[str] = ALL


def _without(name: str, world: Protocol, kind: str, **left_out: bool) -> Scenario:
    return Scenario(name, replace(world, **left_out), frozenset({kind}))


DOCUMENTS = Protocol(writes=2, aborts=0)
RECORDS = replace(DOCUMENTS, records=True)
RAW = replace(DOCUMENTS, writes=1, raw_writes=1)
RAW_RECORDS = replace(RAW, records=True)
CLIENTS = replace(DOCUMENTS, settle=False)
OUTLIVES = replace(DOCUMENTS, outlives=True)
ONE = replace(DOCUMENTS, writes=1)
LONE = replace(RAW, writes=0)
ONE_RECORD = replace(ONE, records=True)

FULL = (
    Scenario(
        "documents: a replication fails, a stranger has written", replace(DOCUMENTS, failures=1, foreign=True)
    ),
    Scenario("documents: a writer without the client", RAW),
    Scenario("documents: only clients, so no settling; abort", replace(CLIENTS, aborts=1)),
    Scenario("documents: a controller dies anywhere", replace(ONE, crashes=1)),
    Scenario("documents: rollback", replace(DOCUMENTS, rollback=True)),
    Scenario("documents: rollback, abort of either switch", replace(ONE, rollback=True, aborts=1)),
    Scenario("documents: rollback, a controller dies anywhere", replace(LONE, rollback=True, crashes=1)),
    Scenario(
        "documents: what arrives last is the latest; rollback", replace(DOCUMENTS, by_arrival=True, rollback=True)
    ),
    Scenario("documents: requests outlive the wait; applications' side", OUTLIVES, ACTIVE),
    Scenario("records: a writer without the client, A's clock ahead", replace(RAW_RECORDS, ahead=A)),
    Scenario("records: a writer without the client, B's clock ahead", replace(RAW_RECORDS, ahead=B)),
    Scenario("records: a controller dies anywhere", replace(ONE_RECORD, crashes=1)),
    Scenario("records: abort", replace(RECORDS, aborts=1)),
    Scenario("records: rollback", replace(RECORDS, rollback=True)),
)

DEEP = (
    Scenario("documents: a writer without the client, abort", replace(RAW, writes=2, aborts=1)),
    Scenario(
        "documents: all that and a failure and a stranger",
        replace(RAW, aborts=1, failures=1, foreign=True),
    ),
    Scenario("documents: a controller dies, abort", replace(DOCUMENTS, crashes=1, aborts=1)),
    Scenario("documents: two controllers die", replace(ONE, crashes=2)),
    Scenario("documents: rollback, a controller dies, abort", replace(ONE, rollback=True, crashes=1, aborts=1)),
    Scenario("documents: rollback, a writer without the client, abort", replace(RAW, rollback=True, aborts=1)),
    Scenario("records: a writer without the client, a controller dies", replace(RAW_RECORDS, crashes=1)),
    Scenario("records: rollback, abort, A's clock ahead", replace(RECORDS, rollback=True, aborts=1, ahead=A)),
    Scenario(
        "records: rollback, a controller dies, abort", replace(ONE_RECORD, rollback=True, crashes=1, aborts=1)
    ),
)
"""Larger worlds, for minutes of patience."""

WEAKENINGS = (
    _without("no hard fence", RAW, LOST, hard_fence=False),
    _without("no hard fence (records)", RAW_RECORDS, LOST, hard_fence=False),
    _without("the fence's moment comes before it has spread", RAW, LOST, fence_spread=False),
    _without("the fence's moment comes before it has spread (records)", RAW_RECORDS, LOST, fence_spread=False),
    _without("the fence denies replication as well", DOCUMENTS, STALE, fence_spares_replication=False),
    _without("the fence denies replication as well (records)", RECORDS, STALE, fence_spares_replication=False),
    _without("the fence ends by itself", RAW, LOST, fence_stays=False),
    _without("the fence ends by itself (records)", RAW_RECORDS, LOST, fence_stays=False),
    _without("the target is not fenced", RAW, LOST, target_fenced=False),
    _without(
        "the replica is not fenced from the beginning (records)",
        replace(RECORDS, foreign=True),
        LOST,
        target_fenced=False,
    ),
    _without("no validation before arming", replace(DOCUMENTS, foreign=True), LOST, validated=False),
    _without(
        "reverse rule on from the beginning", replace(DOCUMENTS, foreign=True), LOST, reverse_when_armed=False
    ),
    _without("reverse rule enabled after the opening", DOCUMENTS, STALE, reverse_before_open=False),
    _without("reverse rule not waited for to spread", DOCUMENTS, STALE, reverse_spread=False),
    _without("existing objects copied by the engine", DOCUMENTS, LOST, batch=False),
    _without("existing items copied by the engine (records)", RECORDS, LOST, batch=False),
    _without("requests let through before the fence not waited for", RAW, LOST, life=False),
    _without("requests let through before the fence not waited for (records)", RAW_RECORDS, LOST, life=False),
    _without("clients' leases not waited for", replace(DOCUMENTS, rollback=True), LOST, leases=False),
    _without("feed not settled, writers without the client", RAW, LOST, settle=False),
    _without("feed not settled, writers without the client (records)", RAW_RECORDS, LOST, settle=False),
    _without("no journal, feed not settled", CLIENTS, LOST, journal=False),
    _without("no journal, feed not settled (records)", replace(CLIENTS, records=True), LOST, journal=False),
    _without("the journal turned on without a new epoch", CLIENTS, LOST, journal_epoch=False),
    _without(
        "drained by a heartbeat",
        DOCUMENTS,
        LOST,
        drain_status=False,
        drain_failed=False,
        drain_look=False,
        verify=False,
    ),
    _without("drained by a heartbeat (records)", RECORDS, LOST, drain_look=False, verify=False),
    _without("drained by status, delete markers not looked at", DOCUMENTS, LOST, drain_look=False, verify=False),
    _without(
        "drained by status, FAILED taken for done",
        replace(ONE, failures=1),
        LOST,
        drain_failed=False,
        drain_look=False,
        verify=False,
    ),
    _without("drained by a look at both sides, status not asked", RAW, STALE, drain_status=False),
    _without("forward rule not disabled, a request outlives the wait", OUTLIVES, LOST, forward_off=False),
    _without(
        "forward rule's disabling not waited for to spread, likewise", OUTLIVES, LOST, forward_off_spread=False
    ),
    _without("acknowledged under any epoch, likewise", OUTLIVES, LOST, ack_epoch=False),
    _without("opened sooner than clocks differ", replace(DOCUMENTS, ahead=A), STALE, clocks=False),
    _without("opened sooner than clocks differ (records)", replace(RECORDS, ahead=A), LOST, clocks=False),
    _without("rollback without dwell", replace(DOCUMENTS, rollback=True), LOST, dwell=False),
    _without("rollback without dwell (records)", replace(RECORDS, rollback=True), LOST, dwell=False),
    _without(
        "gates turned without a condition", replace(ONE, writes=0, crashes=1), TWO_OPEN, conditional_gates=False
    ),
    _without(
        "abort opens the source before it wins the target's gate",
        replace(ONE, writes=0, crashes=1),
        TWO_OPEN,
        abort_target_first=False,
    ),
    _without(
        "abort opens the source before the forward rule is back",
        replace(ONE, aborts=1),
        STALE,
        abort_forward_first=False,
    ),
    _without(
        "takeover does not wait for the dead controller's calls",
        replace(ONE, crashes=1),
        STALE,
        takeover_waits=False,
    ),
    _without(
        "the same, and a rollback",
        replace(ONE, writes=0, crashes=1, rollback=True),
        TWO_OPEN,
        takeover_waits=False,
    ),
    _without(
        "the same, and a rollback (records)",
        replace(ONE_RECORD, writes=0, crashes=1, rollback=True),
        TWO_OPEN,
        takeover_waits=False,
    ),
)

LIMITS = (
    Scenario("a request outlives the wait: documents", OUTLIVES, frozenset({STALE})),
    Scenario(
        "a request outlives the wait: records, last writer wins",
        replace(OUTLIVES, records=True),
        frozenset({LOST}),
    ),
)
"""The full protocol where its first assumption does not hold."""

SPARE = (
    Scenario("the second look, after the forward rule is off", replace(RAW, verify=False)),
    Scenario("the first look, while there is the second", replace(RAW, drain_look=False)),
    Scenario("disabling the forward rule, while no request outlives the wait", replace(RAW, forward_off=False)),
    Scenario("acknowledging under the epoch, likewise", replace(RAW, ack_epoch=False)),
)
