"""What may happen at any time without the controller: writers, replication, and changes that spread."""

from collections.abc import Iterator

from tests.model.state import (
    ARMED,
    FALLING,
    FOREIGN,
    NAMES,
    OFF,
    ON,
    RISING,
    SPREADING,
    A,
    B,
    Late,
    Operation,
    Protocol,
    Raw,
    State,
    Version,
    changed,
    denies,
    holds,
    spelled,
)

Moves = Iterator[tuple[str, State]]

RAW = 3
"""The values 1 and 2 are the client's, the second a delete; from 3 on they are of the writer without it."""


def moves(p: Protocol, s: State) -> Moves:
    yield from client(p, s)
    yield from late_request(p, s)
    yield from writer_without_client(p, s)
    yield from stranger(p, s)
    yield from engine(p, s)
    for region in (A, B):
        yield from replication(p, s, region)
    yield from spreading(p, s)
    for region in (A, B):
        if s.behind[region]:
            over = s._replace(behind=changed(s.behind, region, False))
            yield f"no client has a lease on {NAMES[region]} any more", over
    if s.event:
        yield "the notification of a change comes in", s._replace(event=False, known=True)


def put(p: Protocol, s: State, region: int, value: int) -> list[State]:
    """A write lands. It is replicated if the server it meets knows of a rule that says so."""
    bias = int(p.ahead == region)
    if p.by_arrival:
        version: Version = (0, 0, 0, value)
    else:
        others = (*s.cur, *s.out[A], *s.out[B], *s.failed[A], *s.failed[B])
        latest = max((v[2] for v in others if v[:2] == (s.tick, bias)), default=0)
        version = (s.tick, bias, latest + 1, value)
    s = s._replace(cur=changed(s.cur, region, version), event=s.event or not s.known)
    with_rule = s._replace(out=changed(s.out, region, _queued(p, s.out[region], version)))
    return {ON: [with_rule], OFF: [s]}.get(s.rule[region], [with_rule, s])


def _queued(p: Protocol, queue: tuple[Version, ...], version: Version) -> tuple[Version, ...]:
    return (*queue, version) if p.by_arrival else tuple(sorted({*queue, version}))


def client(p: Protocol, s: State) -> Moves:
    if s.op is None:
        yield from _begin(p, s)
    else:
        yield from _answered(p, s, s.op)
        yield from _again(s, s.op)


def _answered(p: Protocol, s: State, op: Operation) -> Moves:
    name, value = NAMES[op.region], spelled(op.value)
    if op.phase == "sent":
        for denied in denies(s.fence[op.region]):
            if denied:
                yield f"{name} denies the client's {value}", s._replace(op=op._replace(phase="held"))
            else:
                yield f"{name} lets the client's {value} through", s._replace(op=op._replace(phase="taken"))
    elif op.phase == "taken":
        for landed in put(p, s, op.region, op.value):
            yield f"the client's {value} lands in {name}", landed._replace(op=op._replace(phase="landed"))
    elif op.phase == "landed":
        gate = s.gate[op.region]
        if (gate.open and gate.epoch == op.epoch) or not p.ack_epoch:
            yield f"{value} is acknowledged", acknowledge(s, op.value, op.before)._replace(op=None)
        else:
            yield f"{value} is not acknowledged: its epoch is over", s._replace(op=op._replace(phase="held"))


def _again(s: State, op: Operation) -> Moves:
    """The client sends what was held, or gives a request up that has no answer, where applications write now."""
    value = spelled(op.value)
    for region in (A, B):
        gate = s.gate[region]
        if not gate.open or op.phase == "landed":
            continue
        again = s._replace(
            op=op._replace(region=region, phase="sent", epoch=gate.epoch), known=s.known or s.journal
        )
        if op.phase == "held":
            yield f"the client sends {value} again, to {NAMES[region]}", again
        elif region != op.region and s.late is None:
            late = Late(op.region, op.value, op.phase == "taken")
            yield (
                f"the client gives {value} in {NAMES[op.region]} up, sends it to {NAMES[region]}",
                again._replace(late=late),
            )


def _begin(p: Protocol, s: State) -> Moves:
    """The client begins a write where the gate says so, or where it said so to a client that is behind."""
    if s.written == p.writes:
        return
    value = s.written + 1
    for region in (A, B):
        gate = s.gate[region]
        if not gate.open and not s.behind[region]:
            continue
        op = Operation(region, value, "sent", gate.epoch if gate.open else -1, s.acked)
        behind = "" if gate.open else ", not knowing that its gate has changed"
        yield (
            f"the client sends {spelled(value)} to {NAMES[region]}{behind}",
            s._replace(op=op, written=value, known=s.known or s.journal),
        )


def acknowledge(s: State, value: int, before: int) -> State:
    return s._replace(acked=s.acked | 1 << value, dead=s.dead | before & ~(1 << value))


def late_request(p: Protocol, s: State) -> Moves:
    """The request that was given up: on its way it may be let through or denied; let through, it lands."""
    if s.late is None:
        return
    name, value = NAMES[s.late.region], spelled(s.late.value)
    if s.late.taken:
        for landed in put(p, s, s.late.region, s.late.value):
            yield f"the request for {value} that was given up lands in {name}", landed._replace(late=None)
        return
    for denied in denies(s.fence[s.late.region]):
        if denied:
            yield f"{name} denies the request for {value} that was given up", s._replace(late=None)
        else:
            late = s.late._replace(taken=True)
            yield f"{name} lets the request for {value} that was given up through", s._replace(late=late)


def writer_without_client(p: Protocol, s: State) -> Moves:
    """It knows no gate, and its write is acknowledged when it lands."""
    if s.raw is not None:
        name = NAMES[s.raw.region]
        for landed in put(p, s, s.raw.region, s.raw.value):
            yield (
                f"{spelled(s.raw.value)} of the writer without the client lands in {name} and is acknowledged",
                acknowledge(landed, s.raw.value, s.raw.before)._replace(raw=None),
            )
        return
    if s.raw_written == p.raw_writes:
        return
    value = RAW + s.raw_written
    for region in (A, B):
        if False in denies(s.fence[region]) and not (region == B and s.virgin):
            yield (
                f"{NAMES[region]} lets {spelled(value)} of a writer without the client through",
                s._replace(raw=Raw(region, value, s.acked), raw_written=s.raw_written + 1),
            )


def stranger(p: Protocol, s: State) -> Moves:
    if s.foreign and s.virgin and False in denies(s.fence[B]):
        for landed in put(p, s, B, FOREIGN):
            yield "somebody writes into B, which is not fenced yet", landed._replace(foreign=False)


def engine(p: Protocol, s: State) -> Moves:
    """Copies of our own instead of Batch Replication, until the source is closed: look, write, look again."""
    if not s.gate[A].open or s.switch:
        return
    if s.engine is not None:
        for landed in put(p, s, B, s.engine):
            yield f"our own copy of {spelled(s.engine)} lands in B as a new write", landed._replace(engine=None)
    elif s.copies and holds(s, A) != holds(s, B):
        looked = s._replace(engine=holds(s, A), copies=s.copies - 1)
        yield f"the engine looks at A: {spelled(holds(s, A))}", looked


def replication(p: Protocol, s: State, region: int) -> Moves:
    """Versions under way from this region arrive, fail, or are sent again by Batch Replication."""
    there = 1 - region
    name, other = NAMES[region], NAMES[there]
    queue = s.out[region][:1] if p.by_arrival else s.out[region]
    for version in queue:
        rest = tuple(v for v in s.out[region] if v != version)
        gone = s._replace(out=changed(s.out, region, rest))
        failed = gone._replace(failed=changed(s.failed, region, _queued(p, s.failed[region], version)))
        value = spelled(version[3])
        fenced = denies(s.fence[there]) if not p.records else (*denies(s.fence[region]), *denies(s.fence[there]))
        if not p.fence_spares_replication and True in fenced:
            yield f"the fence denies replication of {value} from {name} to {other}", failed
            continue
        if p.by_arrival or version > s.cur[there]:
            arrived = gone._replace(cur=changed(s.cur, there, version))
            yield f"{value} arrives in {other} by replication", arrived
        else:
            yield f"{value} arrives in {other}, where a later time stamp wins over it", gone
        if s.failures:
            yield (
                f"replication of {value} from {name} to {other} fails",
                failed._replace(failures=s.failures - 1),
            )
        if s.rule[region] in (OFF, FALLING):
            yield f"{value} is no longer replicated: the rule of {name} is off", failed
    for version in s.failed[region]:
        rest = tuple(v for v in s.failed[region] if v != version)
        gone = s._replace(failed=changed(s.failed, region, rest))
        if p.by_arrival and version != s.cur[region]:
            yield f"{spelled(version[3])} is not the current version in {name}: not sent again", gone
        elif s.rule[region] == ON and (p.fence_spares_replication or True not in denies(s.fence[there])):
            again = gone._replace(out=changed(s.out, region, _queued(p, s.out[region], version)))
            yield f"Batch Replication sends {spelled(version[3])} from {name} again", again


def spreading(p: Protocol, s: State) -> Moves:
    for region in (A, B):
        fence, rule, name = s.fence[region], s.rule[region], NAMES[region]
        for now, then, what in (
            (RISING, ON, f"all servers of {name} know the fence"),
            (FALLING, OFF, f"all servers of {name} know that the fence is lifted"),
            (SPREADING, ARMED, f"all servers of {name} know the fence, whose moment is still to come"),
            (ARMED, ON, f"the moment of the fence at {name} has come"),
        ):
            if fence == now:
                yield what, s._replace(fence=changed(s.fence, region, then))
        if fence == SPREADING and not p.fence_spread:
            early = s._replace(fence=changed(s.fence, region, RISING))
            yield f"the moment of the fence at {name} comes before all servers know it", early
        if fence == ON and not p.fence_stays and region == s.switch and s.gate[1 - region].open:
            yield f"the fence at {name} ends by itself", s._replace(fence=changed(s.fence, region, FALLING))
        if rule in (RISING, FALLING):
            after = ON if rule == RISING else OFF
            yield (
                f"all servers of {name} know that its rule is {after}",
                s._replace(rule=changed(s.rule, region, after)),
            )


def at_rest(p: Protocol, s: State) -> bool:
    """Nothing more happens unless somebody begins something."""
    settled = all(fence in (OFF, ON) for fence in s.fence) and all(rule in (OFF, ON) for rule in s.rule)
    idle = s.op is None and s.late is None and s.raw is None and s.engine is None and s.zombie is None
    if not idle or not settled or s.mode not in ("done", "aborted"):
        return False
    return not any(True for region in (A, B) for _ in replication(p, s, region))
