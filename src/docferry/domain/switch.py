"""A switch: its steps, in the order of docs/cutover-protocol.md, and what the ledger keeps of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from docferry.domain.errors import NeedsOperator


class Step(Enum):
    """The steps of a switch from A to B, in order; `action` is what the document says of each."""

    CHECK = "check"
    ARM = "arm"
    FENCE = "fence"
    DRAIN = "drain"
    CLOSE = "close"
    VERIFY = "verify"
    OPEN = "open"
    REVERSE = "reverse"

    @property
    def action(self) -> str:
        """What is done, in one sentence."""
        return _ACTIONS[self]


_ACTIONS = {
    Step.CHECK: "everything that can refuse, refuses",
    Step.ARM: "the journal is on and taken up by every client, what was written before is carried",
    Step.FENCE: "gate A: application → nobody, and the clients' leases are waited out",
    Step.DRAIN: "what was written is carried, and both feeds are drained",
    Step.CLOSE: "gate B: replicator → nobody, and the workers' leases are waited out",
    Step.VERIFY: "both are closed, and every key in the journal is compared",
    Step.OPEN: "gate B: nobody → application",
    Step.REVERSE: "gate A: nobody → replicator, and the journal is off",
}
ORDER = tuple(Step)


class Turn(Enum):
    """Cutover is the switch from source to target, rollback the same with the roles exchanged."""

    CUTOVER = "cutover"
    ROLLBACK = "rollback"


class State(Enum):
    """What became of a switch."""

    RUNNING = "running"
    DONE = "done"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch as the ledger keeps it. Times in seconds since 1970, 0.0 where it has not come to that.

    `without_client` and `lease_s` are the terms it was begun with, which whoever goes on with it keeps to.

    `armed_epoch` is the first epoch of gate A under which clients kept the journal; what they touched up to and
    including `compared_epoch` is known to be the same at both sides, unless somebody who writes to the target has
    died since: `deaths` is how many had until then. `epoch` is that of the opened gate,
    `reverse_epoch` that of the other, `pause_s` is from the fence to the opening.
    """

    number: int
    turn: Turn
    attempt: str
    source_region: str
    target_region: str
    started_at: float
    without_client: bool = False
    lease_s: float = 0.0
    state: State = State.RUNNING
    step: Step = Step.CHECK
    armed_epoch: int = 0
    compared_epoch: int = 0
    deaths: int = 0
    fenced_at: float = 0.0
    opened_at: float = 0.0
    ended_at: float = 0.0
    epoch: int = 0
    reverse_epoch: int = 0
    journalled: int = 0
    drained: bool = False
    verified: bool = False
    pause_s: float = 0.0

    def now(self, **changes: Any) -> "Switch":
        """Return the switch with other values."""
        return replace(self, **changes)

    def done(self, now: float, *, epoch: int, reverse_epoch: int) -> "Switch":
        """Return the switch as it ends once the target is open; when that was is known at least by now."""
        opened_at = self.opened_at or now
        return self.now(
            state=State.DONE,
            opened_at=opened_at,
            pause_s=opened_at - self.fenced_at,
            epoch=epoch,
            reverse_epoch=reverse_epoch,
            ended_at=now,
        )

    def as_entry(self) -> dict[str, Any]:
        """Return it as plain values."""
        plain = {"turn": self.turn.value, "state": self.state.value, "step": self.step.value}
        return {**asdict(self), **plain}

    def summary(self) -> dict[str, Any]:
        """Return what a reader of the result wants to know of it."""
        return {
            "turn": self.turn.value,
            "from": self.source_region,
            "to": self.target_region,
            "epoch": self.epoch,
            "pause_s": round(self.pause_s, 3),
            "drained": self.drained,
            "verified": self.verified,
            "journalled": self.journalled,
            "state": self.state.value,
        }


def from_entry(entry: Mapping[str, Any]) -> Switch:
    """Read a switch from its plain values. Raises NeedsOperator if they are not those of one."""
    try:
        typed = {"turn": Turn(entry["turn"]), "state": State(entry["state"]), "step": Step(entry["step"])}
        return Switch(**{**entry, **typed})
    except (KeyError, TypeError, ValueError) as error:
        raise NeedsOperator(
            f"a switch in the control table cannot be read: {error}; it is left as it is",
            hint="go on with the version of docferry that began it, or restore the item from the table's "
            "point-in-time backup",
        ) from error
