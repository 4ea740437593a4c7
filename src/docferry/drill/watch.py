"""What must hold at every moment: the gates, and who writes where."""

from collections.abc import Callable
from dataclasses import dataclass, field

from docferry.domain.errors import DocferryError
from docferry.domain.gate import Gate, Writer
from docferry.domain.reserved import is_reserved
from docferry.drill.oracle import Found, Operation, Oracle
from docferry.drill.region import SIDES, Side
from docferry.simulation.events import Events
from docferry.simulation.loop import Loop
from docferry.simulation.weather import Request

MOST = 20


@dataclass(slots=True)
class Watch:
    """Collects what was violated. With `tokens` nothing of docferry's may land where applications write."""

    loop: Loop
    events: Events
    oracle: Oracle
    sides: dict[str, Side]
    tokens: bool
    tense: Callable[[bool, bool], None]
    violations: list[str] = field(default_factory=list)
    lost: bool = False
    """Whether any of them is that data is lost, stale or back again."""

    def broken(self, what: str, *, lost: bool = False) -> None:
        """Note a violation."""
        self.lost |= lost
        self.events.note(self.loop.us, "INVARIANT", what)
        if len(self.violations) < MOST:
            self.violations.append(what)

    def turned(self, name: str, before: Gate | None, after: Gate) -> None:
        """Look at a gate that was turned."""
        if before and after.epoch <= before.epoch:
            self.broken(f"the epoch of gate {name} went from {before.epoch} to {after.epoch}")
        gates = [one.gate.now for one in self.sides.values() if one.gate.now]
        closed = any(one.writer is Writer.NOBODY for one in gates)
        self.tense(closed or any(one.journal for one in gates), closed)
        if after.writer is not Writer.APPLICATION:
            return
        other = self.sides[other_of(name)].gate.now
        if other and other.writer is Writer.APPLICATION:
            self.broken("both gates say application")
        if before and before.writer is not Writer.APPLICATION:
            for said in self.oracle.wrong(self.sides[name].found):
                self.broken(f"{name} was opened to applications, and {said}", lost=True)

    def saw(self, request: Request, came: object) -> None:
        """Look at a request that has taken effect."""
        if not request.write or request.application or request.service not in ("documents", "records"):
            return
        if isinstance(came, DocferryError) or request.what.startswith("copy part") or is_reserved(request.key):
            return
        gate = self.sides[request.region].gate.now
        if self.tokens and gate and gate.writer is Writer.APPLICATION:
            self.broken(f"{request.who} wrote {request.key!r} in {request.region}, which is open to applications")

    def acknowledged(self, region: str, operation: Operation) -> None:
        """Look at where something was just acknowledged: it, or something later, has to be there."""
        other = self.sides[other_of(region)]
        if other.gate.now and other.gate.now.writer is Writer.APPLICATION:
            self.broken(f"a write in {region} was acknowledged while {other.name} is open to applications")
            return
        for register in operation.registers:
            if said := self.oracle.verdict(register, self.sides[region].found(register)):
                self.broken(f"acknowledged in {region}: {said}", lost=True)

    def read(self, register: str, found: Found, asked_us: int) -> None:
        """Look at what an application read."""
        if said := self.oracle.verdict(register, found, before_us=asked_us):
            self.broken(f"an application read that {said}", lost=True)


def other_of(name: str) -> str:
    """Name the other side."""
    return SIDES[1 - SIDES.index(name)]
