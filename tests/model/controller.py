"""The controller goes step by step, aborts, or dies at any step; then another goes on or aborts."""

from collections.abc import Iterator

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
    Call,
    Gate,
    Protocol,
    State,
    changed,
)
from tests.model.steps import Step, abort, position, program

Moves = Iterator[tuple[str, State]]


def moves(p: Protocol, s: State) -> Moves:
    if s.zombie is not None:
        yield f"the dead controller's call arrives: {told(s.zombie)}", land(p, s, s.zombie)._replace(zombie=None)
        yield f"the dead controller's call is lost: {told(s.zombie)}", s._replace(zombie=None)
    target_open = s.gate[1 - s.switch].open
    if s.mode in ("dead go", "dead abort"):
        yield from _takeover(p, s)
    elif s.mode == "go":
        yield from _one_step(p, s, program(p, s.switch))
        if s.aborts and not target_open:
            yield "the switch is aborted", s._replace(mode="abort", pc=0, aborts=s.aborts - 1)
    elif s.mode == "abort" and target_open and p.abort_target_first:
        yield "the target is open: no abort, only forward", s._replace(mode="go", pc=position(p, s.switch, "open"))
    elif s.mode == "abort":
        yield from _one_step(p, s, abort(p, s.switch))
    elif s.mode == "done" and s.switch == 0 and p.rollback:
        yield "a rollback begins", s._replace(mode="go", switch=1, pc=0)


def settle(p: Protocol, text: str, s: State) -> tuple[str, State]:
    """Pass the steps that only wait and need not any more: later would allow nothing that this does not."""
    while s.mode in ("go", "abort"):
        steps = program(p, s.switch) if s.mode == "go" else abort(p, s.switch)
        if s.pc == len(steps) or not steps[s.pc].waits or not steps[s.pc].ready(s):
            break
        text, s = f"{text}\n{steps[s.pc].text}", s._replace(pc=s.pc + 1)
    return text, s


def _one_step(p: Protocol, s: State, steps: tuple[Step, ...]) -> Moves:
    if s.pc == len(steps):
        yield "the switch has ended", s._replace(mode="done" if s.mode == "go" else "aborted", pc=0)
        return
    step = steps[s.pc]
    call = None if step.call is None else Call(*step.call, epoch=s.gate[step.call[1]].epoch)
    if step.ready(s):
        after = step.effect(s) if call is None else land(p, s, call)
        yield step.text, after if after.pc != s.pc else after._replace(pc=s.pc + 1)
    elif step.otherwise is not None and (done := step.otherwise(s)) is not None:
        yield f"not yet {step.text}: Batch Replication is asked for", done
    if s.crashes:
        dead = s._replace(mode=f"dead {s.mode}", crashes=s.crashes - 1)
        yield f"the controller dies before: {step.text}", dead
        if call is not None and step.ready(s):
            yield f"the controller dies, its call is still out there: {told(call)}", dead._replace(zombie=call)


def _takeover(p: Protocol, s: State) -> Moves:
    """Calls to S3 know no condition, so whoever takes over waits until they are dead; gates are raised instead."""
    if p.takeover_waits and s.zombie is not None and s.zombie.kind != "gate":
        return
    raised = (s.gate[A]._replace(epoch=s.gate[A].epoch + 1), s.gate[B]._replace(epoch=s.gate[B].epoch + 1))
    yield (
        "another controller raises both epochs and goes on",
        s._replace(gate=raised if p.conditional_gates else s.gate, mode=s.mode.removeprefix("dead ")),
    )
    if s.mode == "dead go" and not s.gate[1 - s.switch].open:
        # Here the epochs are raised by the steps of abort, in their order.
        yield "another controller aborts", s._replace(mode="abort", pc=0)


def told(call: Call) -> str:
    what = {"gate": "gate", "fence": "fence at", "rule": "rule from"}[call.kind]
    return f"{what} {NAMES[call.region]} {call.to}"


def land(p: Protocol, s: State, call: Call) -> State:
    """What a call does. Asking for what is so already does nothing; only gates know conditions."""
    if call.kind == "gate":
        return _turn(p, s, call)
    if call.kind == "rule":
        done = {RISING: (RISING, ON), FALLING: (FALLING, OFF)}[call.to]
        return s if s.rule[call.region] in done else s._replace(rule=changed(s.rule, call.region, call.to))
    so = {RISING: (RISING, ON), FALLING: (FALLING, OFF), SPREADING: (SPREADING, ARMED, RISING, ON)}[call.to]
    return s if s.fence[call.region] in so else s._replace(fence=changed(s.fence, call.region, call.to))


def _turn(p: Protocol, s: State, call: Call) -> State:
    gate = s.gate[call.region]
    if p.conditional_gates and gate.epoch != call.epoch:
        return s
    if call.to == "journal":
        epoch = gate.epoch + 1 if p.journal_epoch else gate.epoch
        return s._replace(gate=changed(s.gate, call.region, Gate(gate.open, epoch)), journal=True)
    opened = call.to == "open"
    behind = changed(s.behind, call.region, not opened and (gate.open or s.behind[call.region]))
    return s._replace(gate=changed(s.gate, call.region, Gate(opened, gate.epoch + 1)), behind=behind)
