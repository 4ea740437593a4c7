"""Checks the protocol of `replication = "native"` exhaustively for one key, and shows what each weakening costs.

    python -m tests.model.native           the full protocol, and how each weakening breaks, step by step
    python -m tests.model.native --brief   without the steps
    python -m tests.model.native --deep    the full protocol in larger worlds, which takes minutes

The protocol is told in docs/native-protocol.md. What may happen is in world.py, what the controller does in
controller.py, and what is under way in state.py.
"""

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from tests.model import controller, world
from tests.model.scenarios import (
    ALL,
    DEEP,
    FULL,
    LIMITS,
    LOST,
    SPARE,
    STALE,
    STUCK,
    TWO_OPEN,
    WEAKENINGS,
    Scenario,
)
from tests.model.state import NAMES, ON, A, B, Protocol, State, first, holds, spelled


@dataclass
class Result:
    """What was found: `broken` says which invariant and how, `trace` how it came to that."""

    states: int
    seconds: float
    ends: Counter[str] = field(default_factory=Counter)
    broken: str = ""
    trace: list[str] = field(default_factory=list)


def check(p: Protocol, watched: frozenset[str] = ALL) -> Result:
    """Visit every state that can be reached, nearest first, until one breaks an invariant that is watched."""
    began = time.perf_counter()
    seen: dict[State, tuple[State, str] | None] = {first(p): None}
    waiting = deque(seen)
    ends: Counter[str] = Counter()
    broken = ""
    while waiting and not broken:
        s = waiting.popleft()
        rest = world.at_rest(p, s)
        if rest:
            ends[f"{'rollback' if s.switch else 'cutover'} {s.mode}"] += 1
        moved = rest
        for text, after in moves(p, s):
            moved = True
            if after not in seen:
                seen[after] = (s, text)
                waiting.append(after)
        found = [*violations(s, rest), *([] if moved else [(STUCK, "nobody can do anything")])]
        broken = next((f"{kind}: {how}" for kind, how in found if kind in watched), "")
    return Result(len(seen), time.perf_counter() - began, ends, broken, trace(seen, s) if broken else [])


def moves(p: Protocol, s: State) -> Iterator[tuple[str, State]]:
    for text, after in chain(controller.moves(p, s), world.moves(p, s)):
        yield controller.settle(p, text, after)


def violations(s: State, rest: bool) -> Iterator[tuple[str, str]]:
    if s.gate[A].open and s.gate[B].open:
        yield TWO_OPEN, "both gates say application"
    if not s.virgin and s.fence[A] != ON and s.fence[B] != ON:
        yield TWO_OPEN, "neither region is fenced"
    here = A if s.gate[A].open else B
    if s.gate[here].open and s.dead >> holds(s, here) & 1:
        yield LOST, f"{spelled(holds(s, here))} is read in {NAMES[here]}, though an acknowledged write replaced it"
    if rest and not s.virgin and holds(s, A) != holds(s, B):
        yield STALE, f"A holds {spelled(holds(s, A))} and B {spelled(holds(s, B))} for ever"


def trace(seen: dict[State, tuple[State, str] | None], s: State) -> list[str]:
    texts = []
    while (step := seen[s]) is not None:
        before, text = step
        texts += [f"{line:80s} {contents(s)}" for line in reversed(text.split("\n"))]
        s = before
    return texts[::-1]


def contents(s: State) -> str:
    return f"A={spelled(holds(s, A))} B={spelled(holds(s, B))}"


def told(scenario: Scenario, traces: bool) -> str:
    result = check(scenario.protocol, scenario.watched)
    verdict = f"BROKEN in {len(result.trace)} steps" if result.broken else "holds"
    lines = [f"{scenario.name:64s}{result.states:8d} states {result.seconds:5.1f} s  {verdict}"]
    if result.broken:
        lines.append(f"    {result.broken}")
        lines += [f"    {number:3d}  {text}" for number, text in enumerate(result.trace, 1) if traces]
    return "\n".join(lines) + "\n"


def main() -> None:
    parts = [
        ("The full protocol", FULL, False),
        ("One thing left out", WEAKENINGS, True),
        ("The full protocol without its first assumption", LIMITS, True),
        ("Left out without harm in this model", SPARE, False),
    ]
    if "--deep" in sys.argv[1:]:
        parts = [("The full protocol in larger worlds", DEEP, False)]
    for title, scenarios, traces in parts:
        sys.stdout.write(f"\n{title}\n\n")
        for scenario in scenarios:
            sys.stdout.write(told(scenario, traces and "--brief" not in sys.argv[1:]))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
