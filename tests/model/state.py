"""What the model of native replication consists of: one key in two regions, and everything that is under way.

Regions are 0 (A, the first source) and 1 (B). A value is a small number, of its own for each write; 0 is what
A had at the beginning.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

A, B = 0, 1
NAMES = "AB"

EXISTING, FOREIGN, NOTHING = 0, 6, 7
"""Values that no application writes: what A held before, what a stranger wrote into B, and B as it was created."""

Version = tuple[int, int, int, int]
"""(tick, whether the region's clock is ahead, number among those alike, value): a time stamp and a value."""

T = TypeVar("T")
Pair = tuple[T, T]

# What a bucket policy or a replication rule says, as its servers see it: while rising or falling, each request may
# meet a server that knows the change already or one that does not.
OFF, RISING, ON, FALLING = "off", "rising", "on", "falling"
# A fence with a date: first its policy spreads, then every server has it, then the moment comes and it is ON.
SPREADING, ARMED = "spreading", "armed"


@dataclass(frozen=True, eq=False)
class Protocol:
    """The protocol, the store it is for, and what the world may do. The defaults are the full protocol.

    Fields of the first group are the world; every other one is a part of the protocol that can be left out.
    """

    records: bool = False  # a global table: always two-way, no rules, no status
    by_arrival: bool = False  # what arrives last is the latest, whatever its stamp, but in order per direction
    writes: int = 2  # by one application that uses the client; the second is a delete
    raw_writes: int = 0  # by one that knows no gates and tries either region
    foreign: bool = False  # somebody writes into the target before it is fenced
    failures: int = 0  # replications that fail
    crashes: int = 0
    aborts: int = 1
    rollback: bool = False
    outlives: bool = False  # the client's requests live longer than what is waited for
    ahead: int | None = None  # the region whose clock is ahead by up to one tick

    hard_fence: bool = True
    fence_spread: bool = True
    fence_spares_replication: bool = True
    fence_stays: bool = True
    target_fenced: bool = True
    validated: bool = True
    batch: bool = True  # existing objects by S3 Batch Replication, not by copies of our own
    reverse_when_armed: bool = True
    reverse_before_open: bool = True
    reverse_spread: bool = True
    leases: bool = True
    journal: bool = True
    journal_epoch: bool = True
    settle: bool = True
    life: bool = True
    drain_status: bool = True
    drain_failed: bool = True
    drain_look: bool = True
    verify: bool = True
    forward_off: bool = True
    forward_off_spread: bool = True
    clocks: bool = True
    ack_epoch: bool = True
    dwell: bool = True
    conditional_gates: bool = True
    abort_target_first: bool = True
    abort_forward_first: bool = True
    takeover_waits: bool = True


class Operation(NamedTuple):
    """One write of the application that uses the client."""

    region: int
    value: int
    phase: str  # sent, taken (let through, not yet done), landed, held (to be done again where it is open)
    epoch: int  # of the gate, when it was sent; -1: from a state of the gate that is over
    before: int  # values acknowledged before it began, as bits


class Late(NamedTuple):
    """A request that its client gave up: it has done the write again elsewhere. This one is still out there."""

    region: int
    value: int
    taken: bool


class Raw(NamedTuple):
    """A write without the client that was let through and is not yet done."""

    region: int
    value: int
    before: int


class Gate(NamedTuple):
    open: bool
    epoch: int


class Call(NamedTuple):
    """A change that a controller has sent, or was about to: of a fence, of a rule, or of a gate."""

    kind: str
    region: int
    to: str
    epoch: int = 0  # gates only: the epoch it was seen at


class State(NamedTuple):
    cur: Pair[Version]
    out: Pair[tuple[Version, ...]]  # being replicated from A, from B
    failed: Pair[tuple[Version, ...]]
    fence: Pair[str]
    rule: Pair[str]  # replication from A, from B
    gate: Pair[Gate]
    behind: Pair[bool]  # its gate is closed, and clients may still believe that it is open
    virgin: bool  # B has never been fenced: nothing is promised about it yet
    switch: int
    mode: str  # go, abort, dead go, dead abort, done, aborted
    pc: int
    zombie: Call | None
    op: Operation | None
    late: Late | None
    raw: Raw | None
    engine: int | None  # the value a copy of our own is about to write into B
    copies: int
    written: int
    raw_written: int
    acked: int
    dead: int  # values that something acknowledged has replaced
    known: bool  # the switch has the key on its list
    event: bool  # a change notification is under way
    journal: bool
    tick: int
    foreign: bool
    failures: int
    crashes: int
    aborts: int


def first(p: Protocol) -> State:
    """A is written to, B has nothing yet, and what A has is on its way (by Batch Replication)."""
    existing: Version = (0, 0, 0, EXISTING)
    copied = p.records or not p.batch
    reverse = p.records or not p.reverse_when_armed
    return State(
        cur=(existing, existing if p.records else (-1, 0, 0, NOTHING)),
        out=(() if copied else (existing,), ()),
        failed=((), ()),
        fence=(OFF, ON if p.records and p.target_fenced else OFF),
        rule=(ON, ON if reverse else OFF),
        gate=(Gate(True, 1), Gate(False, 1)),
        behind=(False, False),
        virgin=not p.records or not p.target_fenced,
        switch=0,
        mode="go",
        pc=0,
        zombie=None,
        op=None,
        late=None,
        raw=None,
        engine=None,
        copies=0 if p.batch else 2,
        written=0,
        raw_written=0,
        acked=1 << EXISTING,
        dead=1 << FOREIGN | 1 << NOTHING,
        known=False,
        event=False,
        journal=False,
        tick=0,
        foreign=p.foreign,
        failures=p.failures,
        crashes=p.crashes,
        aborts=p.aborts,
    )


def changed(pair: Pair[T], region: int, value: T) -> Pair[T]:
    return (value, pair[1]) if region == A else (pair[0], value)


def denies(fence: str) -> tuple[bool, ...]:
    """What a request may meet at this fence."""
    return {ON: (True,), RISING: (True, False), FALLING: (False, True)}.get(fence, (False,))


def holds(s: State, region: int) -> int:
    return s.cur[region][3]


_SPELLED = {EXISTING: "v0", FOREIGN: "a stranger's", NOTHING: "nothing", 2: "v2 (a delete)"}


def spelled(value: int) -> str:
    return _SPELLED.get(value) or f"v{value}"
