"""The steps of a switch from a source to a target, and those of its abort. A rollback has the roles exchanged."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.model.state import (
    ARMED,
    FALLING,
    NAMES,
    OFF,
    ON,
    RISING,
    SPREADING,
    A,
    B,
    Protocol,
    State,
    changed,
    holds,
)

Guard = Callable[[State], bool]
Effect = Callable[[State], State]


def always(_: State) -> bool:
    return True


def nothing(s: State) -> State:
    return s


@dataclass(frozen=True)
class Step:
    """What the controller does once `ready` holds: it sends `call`, or has `effect`, or goes on at once.

    `otherwise` is what it may do while it waits, if there is anything to do.
    """

    text: str
    ready: Guard = always
    call: tuple[str, int, str] | None = None  # kind, region, to
    effect: Effect = nothing
    otherwise: Callable[[State], State | None] | None = None
    name: str = ""

    @property
    def waits(self) -> bool:
        return self.call is None and self.effect is nothing


@cache
def program(p: Protocol, switch: int) -> tuple[Step, ...]:
    source, target = switch, 1 - switch
    return (
        *_check(p, target),
        *_validate(p, source, target),
        *_arm(p, source, target),
        *_fence(p, source),
        *_drain(p, source),
        *_open(p, target),
    )


def position(p: Protocol, switch: int, name: str) -> int:
    return next(n for n, step in enumerate(program(p, switch)) if step.name == name)


def _check(p: Protocol, target: int) -> list[Step]:
    def dwelt(s: State) -> bool:
        sent = s.op is not None and s.op.region == target and s.op.phase in ("sent", "taken")
        return not p.dwell or (s.late is None and not sent)

    return [Step(f"what was sent to {NAMES[target]} before the last switch is dead (dwell)", dwelt)]


def _validate(p: Protocol, source: int, target: int) -> list[Step]:
    """The target is fenced from here on, and equals the source in all that is not on its way."""
    b = NAMES[target]

    def quiet(s: State) -> bool:
        return s.fence[target] == ON and (s.raw is None or s.raw.region != target)

    def clean(s: State) -> bool:
        return not s.out[source] and not s.failed[source] and (not p.records or holds(s, A) == holds(s, B))

    def repair(s: State) -> State:
        # What the target never got from the source is kept, and its version deleted by its id, which is not
        # replicated. Beneath it is what the source has.
        return s if p.records else s._replace(cur=changed(s.cur, target, s.cur[source]))

    fenced = [
        Step(f"{b} is fenced", call=("fence", target, RISING)),
        Step(f"the fence at {b} has spread, what it had let through is dead", quiet),
    ]
    validated = Step("a validation is clean; what it repairs does not travel back", clean, effect=repair)
    return [
        *(fenced if p.target_fenced else []),
        *([validated] if p.validated else []),
        Step(f"from here on {b} equals what replication brings", effect=lambda s: s._replace(virgin=False)),
    ]


def _arm(p: Protocol, source: int, target: int) -> list[Step]:
    journal = [
        Step("the journal is on, at a new epoch", call=("gate", source, "journal")),
        Step("what was written before has come through the feed", lambda s: not s.event),
    ]
    reverse = _reverse(p, target) if p.reverse_before_open else []
    return [*(journal if p.journal else []), *reverse]


def _reverse(p: Protocol, target: int) -> list[Step]:
    if p.records:
        return []
    enabled = Step(f"the reverse rule, from {NAMES[target]}, is enabled", call=("rule", target, RISING))
    proved = Step("canaries prove that it has spread", lambda s: s.rule[target] == ON)
    return [enabled, proved] if p.reverse_spread else [enabled]


def _fence(p: Protocol, source: int) -> list[Step]:
    a = NAMES[source]

    def requests_dead(s: State) -> bool:
        op = s.op is not None and s.op.region == source and s.op.phase == "taken"
        late = s.late is not None and s.late.region == source and s.late.taken
        return (p.outlives or not (op or late)) and (s.raw is None or s.raw.region != source)

    installed = Step(f"the fence at {a} is installed for a moment to come", call=("fence", source, SPREADING))
    spread = Step(f"probes prove that the fence at {a} has spread", lambda s: s.fence[source] in (ARMED, ON))
    closed = Step(f"gate {a}: application → nobody", call=("gate", source, "closed"))
    leases = Step("the leases of the clients have been waited out", lambda s: not s.behind[source])
    denied = (ON,) if p.fence_spread else (RISING, ON)
    probe = Step(f"a probe write is denied by {a}", lambda s: s.fence[source] in denied)
    life = Step(f"every request that {a} had let through has landed or is dead", requests_dead)
    settled = Step("the feed has settled", lambda s: not s.event)
    return [
        *([installed] if p.hard_fence else []),
        *([spread] if p.hard_fence and p.fence_spread else []),
        closed,
        *([leases] if p.leases else []),
        *([probe] if p.hard_fence else []),
        *([life] if p.life else []),
        *([settled] if p.settle else []),
    ]


def _drain(p: Protocol, source: int) -> list[Step]:
    a = NAMES[source]

    def drained(s: State) -> bool:
        if not p.records and s.rule[source] != ON:
            return False
        if not s.known:
            return True
        pending = not p.records and any(v[3] != DELETE for v in s.out[source])
        if (pending and p.drain_status) or (s.failed[source] and p.drain_failed):
            return False
        return not p.drain_look or holds(s, A) == holds(s, B)

    def again(s: State) -> State | None:
        """What was written while the rule was off has no status: Batch Replication sends it."""
        stuck = s.rule[source] == ON and holds(s, A) != holds(s, B) and not s.out[source] and not s.failed[source]
        return s._replace(out=changed(s.out, source, (s.cur[source],))) if stuck and not p.records else None

    def verified(s: State) -> State:
        if not s.known or holds(s, A) == holds(s, B):
            return s
        rule = s.rule if p.records else changed(s.rule, source, RISING)
        return s._replace(rule=rule, pc=position(p, source, "drain"))

    off = [Step(f"the forward rule, from {a}, is disabled", call=("rule", source, FALLING))]
    if p.forward_off_spread:
        off.append(Step("that has spread", lambda s: s.rule[source] == OFF))
    verify = Step("verified: every key on the list", effect=verified)
    clocks = Step("longer has passed than clocks differ", effect=lambda s: s._replace(tick=s.tick + 1))
    return [
        Step("drained: every key on the list", drained, otherwise=again, name="drain"),
        *(off if p.forward_off and not p.records else []),
        *([verify] if p.verify else []),
        *([clocks] if p.clocks else []),
    ]


DELETE = 2
"""The value that is a delete: its marker has no replication status that could be asked for."""


def _open(p: Protocol, target: int) -> list[Step]:
    b = NAMES[target]
    return [
        Step(f"gate {b}: nobody → application", call=("gate", target, "open"), name="open"),
        Step(f"the fence at {b} is lifted", call=("fence", target, FALLING)),
        Step("that has spread", lambda s: s.fence[target] == OFF),
        *([] if p.reverse_before_open else _reverse(p, target)),
        _journal_off(),
    ]


def _journal_off() -> Step:
    return Step("the journal is off", effect=lambda s: s._replace(journal=False, known=False))


@cache
def abort(p: Protocol, switch: int) -> tuple[Step, ...]:
    source, target = switch, 1 - switch
    a, b = NAMES[source], NAMES[target]
    win = [Step(f"abort raises the epoch of gate {b}", call=("gate", target, "closed"))]
    rules = [
        Step(f"abort enables the forward rule, from {a}", call=("rule", source, RISING)),
        Step("that has spread", lambda s: s.rule[source] == ON),
        Step(f"abort disables the reverse rule, from {b}", call=("rule", target, FALLING)),
        Step("that has spread", lambda s: s.rule[target] == OFF),
    ]
    rules = [] if p.records else rules
    lift = [
        Step(f"abort lifts the fence at {a}", call=("fence", source, FALLING)),
        Step("that has spread", lambda s: s.fence[source] == OFF),
    ]
    reopen = [Step(f"abort: gate {a} → application", call=("gate", source, "open"))]
    if not p.abort_target_first:
        return (*rules, *lift, *reopen, *win, _journal_off())
    if not p.abort_forward_first:
        return (*win, *lift, *reopen, *rules, _journal_off())
    return (*win, *rules, *lift, *reopen, _journal_off())
